/**
 * A nats-server copied out of the official image, whose binary is static. Speaks to `docker`; no container is ever started.
 */
import { join } from 'node:path'
import { runCommand } from './run-command.ts'
import { version_fetched } from './version.ts'
import type { Way } from './way.ts'

const image = `nats:${version_fetched}`

/** Docker checks the image against its digest. Applies to Linux alone: the image holds a Linux binary. */
export const fromDocker: Way = async (request) => {
  if (process.platform !== 'linux') return { refused: `the image holds a Linux binary, this is ${process.platform}` }
  const engine = await runCommand('docker', ['version', '--format', '{{.Server.Version}}'], request)
  if (!engine.ok) return { refused: engine.problem }
  request.progress(`copying nats-server out of the image ${image}…`)
  const created = await runCommand('docker', ['create', '--quiet', image], request)
  if (!created.ok) return { refused: created.problem }
  const container = created.stdout.trim()
  const bin = join(request.workDir, 'nats-server')
  const copied = await runCommand('docker', ['cp', `${container}:/nats-server`, bin], request)
  await runCommand('docker', ['rm', container], request)
  return copied.ok ? bin : { refused: copied.problem }
}
