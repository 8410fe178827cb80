/**
 * Conversations of a machine that is not one of ours: what a program gives `startNode` so that it runs as durably as they do
 * (T1–T6, T9). A door of its own at `POST /v1/events/{machine}`, its adapters, no asset in the configuration. Whom it is with
 * is a key that the door reads off the body, an order number for instance.
 */
import type { JetStreamClient } from '@nats-io/jetstream'
import type { AnyStateMachine } from 'xstate'
import type { Adapter } from '../adapters/adapter.ts'
import { actorIdOf } from '../adapters/identity.ts'
import type { AskRules } from '../machines/asks.ts'
import { type Definition, define } from '../machines/definitions.ts'
import type { AnyEffect } from '../machines/effects.ts'
import type { Address } from '../machines/events.ts'
import { type Asset, presets, type Retry } from '../machines/policy.ts'
import { maskDeep } from '../machines/sensitive-data.ts'
import type { HeardEvent } from './envelope.ts'
import { jsonBody } from './json-body.ts'
import { problem } from './problem.ts'
import type { AcceptAnswer } from './stages/accept.ts'
import type { Binding, Bindings } from './stages/activate.ts'
import { message_bytes_max, subject } from './streams.ts'

/** What the machine is asked about one ask: what goes out, and how long it has in all, over all attempts. */
export interface Ask {
  /** Pure. `context` is the machine's, `event` what it has just heard. */
  input(scene: { context: Record<string, unknown>; event: { type: string } }): object
  /** Milliseconds from the commit of its turn; then the machine hears an error. 60,000 when left out. */
  within_ms?: number
}

export interface ConversationOptions {
  /** Every event it may hear from outside, as a zod schema with `type`, `id` and `at` (ISO 8601); all else is refused 400. */
  events: Definition['hears']
  /** By the name in `invoke.src`. An invoke that is not named here makes its turn fail. */
  asks?: Readonly<Record<string, Ask>>
  /** Who carries out its effects: each type of effect by one of them, under the same idempotency key on every attempt. */
  adapters: readonly Adapter<AnyEffect>[]
  /** Whom an event is about: the same text for the same conversation. */
  keyOf(event: HeardEvent & Record<string, unknown>): string
  /** How adapters are tried again; `presets.representative.retry` where it says nothing. Milliseconds. */
  retry?: Partial<Retry>
}

export interface Hosted extends Pick<ConversationOptions, 'adapters' | 'keyOf'> {
  definition: Definition
  asset: Asset
}

const ask_ms_default = 60_000
const store_retry_seconds = 2

/**
 * A machine with what the runtime needs to host it, for `startNode({ hosted: [...] })`. Its id is the name of its door and,
 * with its version, of its records. Its actions return their effects as data (`{type, payload}[]`), its asks are inert
 * actors, its input is `{actor, address, turn}`. It starts nothing.
 */
export function defineConversation(machine: AnyStateMachine, options: ConversationOptions): Hosted {
  const { events, asks = {}, adapters, keyOf, retry = {} } = options
  const rules: AskRules = {
    inputs: Object.fromEntries(Object.entries(asks).map(([name, { input }]) => [name, input as never])),
    withinMs: (name) => asks[name]?.within_ms ?? ask_ms_default,
    undo: {},
  }
  const { retry: usual, ...policy } = presets.representative
  const asset: Asset = { ...noAsset, id: machine.id, policy: { ...policy, retry: { ...usual, ...retry } } }
  return { definition: define(machine, events, rules), asset, adapters, keyOf }
}

const noAsset: Omit<Asset, 'policy' | 'id'> = {
  channel: 'live-chat',
  appId: '',
  menu: [],
  menuDefault: '',
  liveChatDomain: '',
  form: { scriptSelectors: {}, default: '' },
  address: '',
  senderName: '',
  scriptSelector: '',
  context: [],
}

/** Keys are taken as they are, as those of chat users. */
export const hostedAddress = ({ definition }: Hosted, key: string): Address => ({
  channel: 'live-chat',
  asset: definition.id,
  customer: key,
})

/** What runs for an address: a hosted machine by its name, else what the configuration says. */
export function withHosted(hosted: readonly Hosted[], configured: Bindings): Bindings {
  const own = new Map<string, Binding>(
    hosted.map(({ definition, asset }) => [definition.id, { machine: definition.id, asset, say: () => '' }]),
  )
  return (address) => own.get(address.asset) ?? configured(address)
}

/** One request body to one stored event, or a precise refusal; card data in it is masked first (T7). Never throws. */
export async function acceptHosted(
  js: JetStreamClient,
  one: Hosted,
  raw: Uint8Array,
  traceparent?: string,
): Promise<AcceptAnswer> {
  const read = jsonBody(raw)
  if ('expected' in read) {
    const detail = `body: expected ${read.expected}, found ${read.found}`
    return { status: 400, body: problem('malformed-body', detail, [{ path: '', ...read }]) }
  }
  const event = one.definition.hears.safeParse(read.value)
  if (!event.success) {
    const errors = event.error.issues.map(({ path, message }) => ({
      path: path.join('.'),
      expected: message,
      found: 'something else',
    }))
    const [first] = errors
    const detail = `${first?.path || 'body'}: ${first?.expected}`
    return { status: 400, body: problem('malformed-body', detail, errors) }
  }
  const { type, id, at, ...said } = event.data
  const data = maskDeep(said) as Record<string, unknown>
  const address = hostedAddress(one, one.keyOf({ ...data, type, id, at }))
  const actor = actorIdOf(address)
  const envelope = {
    specversion: '1.0',
    id,
    source: `/doors/${one.definition.id}`,
    type: `parley.${type}`,
    subject: actor,
    time: at,
    datacontenttype: 'application/json',
    traceparent,
    data,
    ...address,
  }
  const bytes = new TextEncoder().encode(JSON.stringify(envelope))
  if (bytes.length > message_bytes_max) {
    const detail = `expected an event of at most ${message_bytes_max} bytes, found ${bytes.length}`
    return { status: 413, body: problem('body-too-large', detail) }
  }
  try {
    const { duplicate } = await js.publish(subject.in(actor), bytes, { msgID: `${one.definition.id}:${actor}:${id}` })
    return { status: 200, body: { eventId: id, duplicate } }
  } catch {
    const body = problem('not-stored', 'the broker did not store the event; send it again')
    return { status: 503, body, retryAfterSeconds: store_retry_seconds }
  }
}
