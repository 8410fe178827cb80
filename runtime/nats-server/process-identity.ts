/**
 * Tells one process from another that later got the same number. Speaks to /proc on Linux and to ps(1) elsewhere.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface ProcessIdentity {
  pid: number
  /** When it started, in the words of the system; only good for comparing. */
  started: string
}

/** The running process with this number and its command line; undefined when there is none, or only its remains. */
export function processWith(pid: number): (ProcessIdentity & { command: string }) | undefined {
  try {
    return process.platform === 'linux' ? fromProc(pid) : fromPs(pid)
  } catch {
    return undefined
  }
}

/** Whether that very process still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  return processWith(identity.pid)?.started === identity.started
}

/** proc(5): after the name in parentheses come the state (field 3) and, 19 fields on, the start time (field 22). */
function fromProc(pid: number) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, started] = [fields[0] ?? '', fields[19] ?? '']
  if ('ZX'.includes(state)) return undefined
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  return { pid, started, command }
}

/** `lstart` has 24 characters: `Mon Nov 22 17:11:00 2027`. */
function fromPs(pid: number) {
  const args = ['-ww', '-o', 'lstart=,command=', '-p', String(pid)]
  const env = { ...process.env, LC_ALL: 'C' }
  const line = execFileSync('ps', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], env })
  return { pid, started: line.slice(0, 24), command: line.slice(24).trim() }
}
