/**
 * `parley serve` as a process of its own: for tests that stop, freeze or kill a node while others go on. Writes as a
 * customer at its doors; its log is what it said on standard error.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Answer, type Json, request, smsBody } from './node.ts'

export interface Served {
  url: string
  pid: number
  /** All it has logged so far. */
  log(): string
  ask(method: string, path: string, body?: unknown): Promise<Answer>
  text(words: string, from: string): Promise<Answer>
  conversation(from: string): Promise<Json>
  /** Resolves once it has ended; to its exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>
  signal(signal: NodeJS.Signals): void
}

const checkout = join(import.meta.dirname, '..')
/** A busy machine must not make a call time out: its second attempt would be counted as a repeat. */
const settings = {
  PARLEY_PORT: '0',
  PARLEY_PARTITIONS: '4',
  PARLEY_LOG_LEVEL: 'debug',
  PARLEY_RATE_PER_CUSTOMER: '0',
  PARLEY_ASSETS__0__POLICY__RETRY__ATTEMPT_TIMEOUT_MS: '30000',
}

/** `root`: the folder that it is run from; this checkout unless said. */
export function spawnServe(env: Record<string, string>, root = checkout): ChildProcess {
  return spawn(process.execPath, [join(root, 'bin/parley.mjs'), 'serve'], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH ?? '', ...settings, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Resolves when its doors are open; rejects with what it said when it ends instead. */
export async function serve(env: Record<string, string>, root = checkout): Promise<Served> {
  const child = spawnServe(env, root)
  let log = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  const ended = once(child, 'exit').then(([code, signal]) => code ?? signal)
  const url = await new Promise<string>((resolve, reject) => {
    let said = ''
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      said += text
      const gateway = /^Gateway (\S+)$/m.exec(said)?.[1]
      if (gateway) resolve(gateway)
    })
    void ended.then((how) => reject(new Error(`serve ended with ${how}:\n${said}${log}`)))
  })
  const ask: Served['ask'] = (method, path, body) => request(url + path, method, body)
  return {
    url,
    pid: child.pid!,
    log: () => log,
    ask,
    text: (words, from) => ask('POST', '/v1/inbound/sms', smsBody(words, { from, tid: `${from} ${words}` })),
    async conversation(from) {
      const query = new URLSearchParams({ channel: 'sms', asset: '14155550100', customer: from })
      return (await ask('GET', `/v1/conversations?${query}`)).body.items[0]
    },
    ended,
    signal: (signal) => void child.kill(signal),
  }
}
