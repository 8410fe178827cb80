/**
 * The command line as a person runs it: a process of its own, with a clean environment, in an empty folder.
 */
import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'

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
