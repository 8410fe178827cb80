/**
 * One program that is killed, paused and started again. Owns the process, by its pid and nothing else; whatever ends it, it
 * is started again until `stop`, as an orchestrator would. Its output goes to a file.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import type { Clock } from '../../adapters/clock.ts'
import { atExit } from './at-exit.ts'

export interface Program {
  command: string
  args: string[]
  env: Record<string, string>
  cwd: string
  /** Everything it says, over all its starts. */
  logFile: string
  /** One line of its standard output. */
  onLine?: (line: string) => void
  /** It has ended and will be started again. */
  onEnd?: () => void
}

export interface Child {
  /** How often it was started. */
  starts(): number
  /** SIGKILL, and the next start after so long. */
  kill(down_ms: number): void
  /** SIGSTOP, and SIGCONT after so long. Resolves then. */
  pause(for_ms: number): Promise<void>
  /** In order, SIGTERM, and SIGKILL when it takes too long: from the next start on it is this program. Resolves when it is gone. */
  replace(by: Program): Promise<void>
  /** Ends it for good, in order. */
  stop(): Promise<void>
}

const again_ms = 300
const stop_ms_max = 8_000
/** What whoever rolls out gives it. */
const leave_ms_max = 20_000

export function keepRunning(clock: Clock, first: Program): Child {
  let program = first
  const log = createWriteStream(program.logFile, { flags: 'a' })
  let child: ChildProcess
  let starts = 0
  let down_ms = again_ms
  let stopped = false
  const killNow = () => void child.kill('SIGKILL')
  const outlived = atExit(killNow)

  const start = () => {
    if (stopped) return
    starts++
    down_ms = again_ms
    child = spawn(program.command, program.args, {
      cwd: program.cwd,
      env: program.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    log.write(`--- start ${starts}, pid ${child.pid}\n`)
    for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (bytes) => void log.write(bytes))
    let rest = ''
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) program.onLine?.(line)
    })
    child.once('exit', () => {
      program.onEnd?.()
      clock.after(down_ms, start)
    })
  }
  start()

  const end = async (within_ms: number) => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const leaving = child
    const gone = once(leaving, 'exit')
    leaving.kill('SIGTERM')
    const cancel = clock.after(within_ms, () => void leaving.kill('SIGKILL'))
    await gone
    cancel()
  }

  return {
    starts: () => starts,
    kill(after_ms) {
      down_ms = after_ms
      child.kill('SIGKILL')
    },
    async pause(for_ms) {
      const paused = child
      paused.kill('SIGSTOP')
      await clock.sleep(for_ms)
      paused.kill('SIGCONT')
    },
    async replace(by) {
      program = by
      await end(leave_ms_max)
    },
    async stop() {
      stopped = true
      outlived()
      child.kill('SIGCONT')
      await end(stop_ms_max)
      log.end()
    },
  }
}
