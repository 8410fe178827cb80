/**
 * Asks a binary what it is. Speaks to the binary itself, so that a file for another system or libc is refused here.
 */
import { runCommand } from './run-command.ts'
import { isAtLeast, parseVersion, version_floor } from './version.ts'
import type { Refusal } from './way.ts'

const probe_ms_max = 10_000

/** Runs `bin --version`. Resolves to the version when it is at or above the floor, else to what was expected and found. */
export async function probe(bin: string, env: NodeJS.ProcessEnv): Promise<{ version: string } | Refusal> {
  const ran = await runCommand(bin, ['--version'], { env, timeout_ms: probe_ms_max })
  if (!ran.ok) return { refused: `${bin} does not run (${ran.problem})` }
  const version = parseVersion(ran.stdout)
  if (!version) return { refused: `${bin} --version did not print "nats-server: vX.Y.Z"` }
  if (!isAtLeast(version)) return { refused: `${bin} is nats-server ${version}, older than ${version_floor}` }
  return { version }
}
