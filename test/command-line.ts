/**
 * The command line as a person runs it: a process of its own, with a clean environment, in an empty folder.
 */
import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'

/** A verb that goes on until it is stopped. */
export interface Going {
  /** The next line that matches, of those that were not given yet. */
  line(pattern: RegExp): Promise<RegExpExecArray>
  /** By that signal, SIGINT unless said, as Ctrl-C does; resolves to its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

const entry = join(import.meta.dirname, '../bin/parley.mjs')

/** Runs `parley ARGS…` to its end. `env` is all it knows besides PATH and where nats-server is. */
export function parley(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const clean = { PATH: process.env.PATH ?? '', NATS_SERVER_BIN: inject('natsServerBin'), ...env }
  const child = spawn(process.execPath, [entry, ...args], {
    cwd: tmpdir(),
    env: clean,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
    })
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, ...output }))
  })
}

/** Runs `parley ARGS…` and leaves it running. */
export function startParley(args: string[], env: Record<string, string> = {}): Going {
  const child = spawn(process.execPath, [entry, ...args], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH ?? '', NATS_SERVER_BIN: inject('natsServerBin'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  const lines: string[] = []
  let [rest, errors, look] = ['', '', () => {}]
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const all = (rest + text).split('\n')
    rest = all.pop() ?? ''
    lines.push(...all)
    look()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  return {
    line: (pattern) =>
      new Promise((resolve, reject) => {
        look = () => {
          const index = lines.findIndex((line) => pattern.test(line))
          if (index !== -1) resolve(pattern.exec(lines.splice(0, index + 1)[index]!)!)
        }
        look()
        void ended.then(() => reject(new Error(`it ended before a line ${pattern}: ${errors}`)))
      }),
    stop(signal = 'SIGINT') {
      child.kill(signal)
      return ended
    },
  }
}
