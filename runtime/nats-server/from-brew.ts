/**
 * A nats-server from Homebrew, on macOS or Linux. Speaks to `brew`, and never installs brew itself.
 */
import { join } from 'node:path'
import { runCommand } from './run-command.ts'
import type { Way } from './way.ts'

/** Installs the formula (a no-op when it is there) and resolves to its binary. */
export const fromBrew: Way = async (request) => {
  const has = await runCommand('brew', ['--version'], request)
  if (!has.ok) return { refused: has.problem }
  request.progress('installing nats-server with Homebrew…')
  const installed = await runCommand('brew', ['install', '--quiet', 'nats-server'], request)
  if (!installed.ok) return { refused: installed.problem }
  const prefix = await runCommand('brew', ['--prefix', 'nats-server'], request)
  return prefix.ok ? join(prefix.stdout.trim(), 'bin', 'nats-server') : { refused: prefix.problem }
}
