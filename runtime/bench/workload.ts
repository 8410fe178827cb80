/**
 * The benchmark's workload, contact-center-v1: conversations of six events, seven in ten through queue and agent, three
 * in ten through a callback. Pure and seeded: the same number of conversations gives the same events on every machine.
 */
import type { Address } from '../../machines/events.ts'
import type { BenchEvent } from './machine.ts'

export const workload = {
  name: 'contact-center-v1',
  seed: 42,
  conversations: 2_000,
  eventsPerConversation: 6,
  messageTextBytes: 256,
  webhookBodyBytes: 512,
} as const

export interface BenchConversation {
  address: Address
  events: BenchEvent[]
  /** Effects of each event, by its place in `events`. */
  effects: readonly number[]
}

interface Route {
  weight: number
  steps: readonly (readonly [type: BenchEvent['type'], effects: number])[]
}

const routes: readonly [Route, Route] = [
  {
    weight: 0.7,
    steps: [
      ['message.inbound', 2],
      ['message.inbound', 1],
      ['webhook.agentAssigned', 2],
      ['message.inbound', 1],
      ['message.outbound', 1],
      ['webhook.closed', 2],
    ],
  },
  {
    weight: 0.3,
    steps: [
      ['message.inbound', 2],
      ['webhook.callbackRequested', 1],
      ['message.inbound', 1],
      ['webhook.callbackAnswered', 1],
      ['message.outbound', 1],
      ['webhook.closed', 2],
    ],
  },
]

export const bench_asset = 'bench'
const first_at_ms = 1_700_000_000_000

/** `run` keeps the customers of several runs on one broker apart; `textBytes` is what a message or a webhook says, when all say as much. */
export function conversationsOf(run: string, count: number, textBytes?: number): BenchConversation[] {
  const random = mulberry32(workload.seed)
  return Array.from({ length: count }, (_, number) => conversation(run, number, random(), textBytes))
}

/** One customer who never stops writing. */
export const endless: Address = { channel: 'live-chat', asset: bench_asset, customer: 'endless' }

/** `count` messages of that customer, from the one at that place on; the first of all opens the conversation. */
export function* endlessMessages(from: number, count: number): Generator<BenchEvent> {
  for (let place = from; place < from + count; place++) {
    yield event(`${endless.customer}-e${place}`, 'message.inbound', 0, place, undefined)
  }
}

function conversation(run: string, number: number, drawn: number, textBytes: number | undefined): BenchConversation {
  const { steps } = drawn < routes[0].weight ? routes[0] : routes[1]
  const customer = `${run}-c${number}`
  return {
    address: { channel: 'live-chat', asset: bench_asset, customer },
    events: steps.map(([type], place) => event(`${customer}-e${place}`, type, number, place, textBytes)),
    effects: steps.map(([, effects]) => effects),
  }
}

function event(
  id: string,
  type: BenchEvent['type'],
  number: number,
  place: number,
  textBytes: number | undefined,
): BenchEvent {
  const at = new Date(first_at_ms + number * 1_000 + place).toISOString()
  const heard = { type, id, at, channel: 'web', customerId: `cust-${number}` }
  if (type.startsWith('message.')) return { ...heard, text: filled(id, textBytes ?? workload.messageTextBytes) }
  const body = { note: 'webhook', data: filled(id, textBytes ?? workload.webhookBodyBytes) }
  return { ...heard, agentId: `agent-${number % 50}`, body }
}

const filler = 'please look into the order I placed last week and tell me when it will arrive '

const filled = (begin: string, bytes: number): string => begin.padEnd(bytes, ` ${filler}`)

/** The 32-bit generator named mulberry32, so that the mix of routes is the same wherever this workload is run. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
