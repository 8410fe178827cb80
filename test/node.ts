/**
 * A whole node in the test's own process, on a real broker, its desk or stand-ins behind real HTTP; and the few things
 * tests do with one: write as a customer, act at the desk, read what became of it, move time.
 */
import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../runtime/config.ts'
import type { ConversationReading, TurnReading } from '../runtime/history.ts'
import { openLog } from '../runtime/log.ts'
import { type Node, type NodeOptions, startNode } from '../runtime/main.ts'
import type { DeadLetterReading } from '../runtime/reading.ts'
import type { Broker } from './broker.ts'

// biome-ignore lint/suspicious/noExplicitAny: answers are read as a foreign program would read them
export type Json = any

export interface Answer {
  status: number
  headers: Headers
  body: Json
}

export const customer = '+14155550123'
export const asset = '14155550100'

export interface TestNode {
  url: string
  deskUrl: string
  node: Node
  logFile: string
  /** Any request to the gateway; an object goes out as JSON, a string or bytes as they are. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  atDesk(method: string, path: string, body?: unknown): Promise<Answer>
  /** A text of a customer through the SMS door. */
  text(words: string, more?: { from?: string; tid?: string }): Promise<Answer>
  conversation(from?: string): Promise<ConversationReading>
  turns(from?: string): Promise<TurnReading[]>
  deadLetters(): Promise<DeadLetterReading[]>
  /** Moves virtual time; with 0 it only waits until everything that can happen now has happened. */
  advance(ms: number): Promise<void>
  stop(): Promise<void>
}

/** Settings that make tests quick and repeatable; `env` goes over them. */
const testing = {
  PARLEY_PORT: '0',
  PARLEY_DESK_PORT: '0',
  PARLEY_CLOCK: 'virtual',
  PARLEY_DESK_AUTOMATIC: 'false',
  PARLEY_PARTITIONS: '4',
  PARLEY_RATE_PER_CUSTOMER: '0',
  PARLEY_RECONCILE_PER_SECOND: '0',
  PARLEY_LIMITS__DIGITAL_ROUTING__PER_SECOND: '0',
  PARLEY_LIMITS__DIGITAL_ROUTING__AT_ONCE: '0',
}

export async function startTestNode(
  broker: Pick<Broker, 'url' | 'dir'>,
  env: Record<string, string> = {},
  options: Partial<NodeOptions> = {},
): Promise<TestNode> {
  const config = loadConfig({ env: { ...testing, ...env }, cwd: tmpdir() })
  const logFile = join(broker.dir, 'node.log')
  const log = openLog('debug', logFile)
  const node = await startNode({ config, natsUrls: [broker.url], log, ...options })
  const admin = config.adminToken === undefined ? {} : { authorization: `Bearer ${config.adminToken}` }
  const inbound = config.inboundToken === undefined ? {} : { authorization: `Bearer ${config.inboundToken}` }

  const ask: TestNode['ask'] = (method, path, body, headers) => request(node.url + path, method, body, headers)
  const read = async (path: string) => (await ask('GET', path, undefined, admin)).body
  const self: TestNode = {
    url: node.url,
    deskUrl: node.deskUrl,
    node,
    logFile,
    ask,
    atDesk: (method, path, body) => request(node.deskUrl + path, method, body),
    text: (words, more) => ask('POST', '/v1/inbound/sms', smsBody(words, more), inbound),
    async conversation(from = customer) {
      const query = new URLSearchParams({ channel: 'sms', asset, customer: from })
      return (await read(`/v1/conversations?${query}`)).items?.[0]
    },
    turns: async (from) => read(`/v1/conversations/${(await self.conversation(from)).id}/turns`),
    deadLetters: () => read('/v1/dead-letters'),
    async advance(ms) {
      const { status, body } = await ask('POST', '/v1/test/clock', { advanceMs: ms })
      if (status !== 200) throw new Error(`the clock answered ${status} ${JSON.stringify(body)}`)
    },
    stop: () => node.stop(),
  }
  return self
}

/** A text as Connect posts it; each one is a new message unless `tid` says otherwise. */
export function smsBody(
  message: string,
  { from = customer, tid = randomUUID() as string } = {},
): Record<string, unknown> {
  return { tid, channel: 'SMS', message, keyword: '', oa: from, da: asset, ts: '2026-03-02T14:05:11.099Z' }
}

export async function request(
  url: string,
  method: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const raw = typeof body === 'string' || body instanceof Uint8Array
  const type = body === undefined ? {} : { 'content-type': 'application/json' }
  const answer = await fetch(url, {
    method,
    headers: { ...type, ...headers },
    ...(body === undefined ? {} : { body: raw ? (body as string) : JSON.stringify(body) }),
  })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : parsed(text) }
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
