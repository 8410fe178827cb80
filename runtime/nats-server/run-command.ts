/**
 * Runs one command to its end and gives back what it said. Owns the time limit; never rejects, so that a way can turn
 * "not installed", "failed" and "hung" into one line each.
 */
import { spawn } from 'node:child_process'

export interface Ran {
  ok: boolean
  stdout: string
  /** One line: what went wrong. Empty when `ok`. */
  problem: string
}

/** A package archive on a slow line; a command that takes longer hangs. */
const command_ms_max = 180_000

/** Runs `command` without a shell. A relative name is looked up on `env.PATH`. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: { env: NodeJS.ProcessEnv; cwd?: string; timeout_ms?: number },
): Promise<Ran> {
  return new Promise((resolve) => {
    const timeout = options.timeout_ms ?? command_ms_max
    const child = spawn(command, args, {
      env: options.env,
      cwd: options.cwd,
      timeout,
      killSignal: 'SIGKILL',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const heard = { stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      heard.stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      heard.stderr += text
    })
    child.on('error', (error: NodeJS.ErrnoException) => {
      const problem = error.code === 'ENOENT' ? `${command} is not installed` : `${command}: ${error.message}`
      resolve({ ok: false, stdout: heard.stdout, problem })
    })
    child.on('close', (code, signal) => {
      const end = signal ? `was ended by ${signal} (limit ${timeout} ms)` : `exited with ${code}`
      const problem = code === 0 ? '' : `${command} ${end}${lastLine(heard.stderr || heard.stdout)}`
      resolve({ ok: code === 0, stdout: heard.stdout, problem })
    })
  })
}

function lastLine(output: string): string {
  const line = output.trim().split('\n').at(-1)?.trim()
  return line ? `: ${line}` : ''
}
