/**
 * The one seam of encryption at rest: a broker whose streams hold sealed messages and whose users see clear ones. What is
 * published to INBOX, TURNS, DEAD and CHATS is sealed under the key of its actor or thread; what is read, from whatever
 * stream, is opened if it is sealed. Subjects, expectations, ids and sequences pass through as they are, so that order,
 * conditional appends and what is kept out as a duplicate are as without it (T1, T3).
 *
 * What is sealed under a forgotten key is not there: reading skips it, deliveries of it are acked, and of a dead letter
 * only its frame is left. docs/privacy.md says what stays in clear.
 */
import type { JetStreamClient, JetStreamManager, JsMsg, StoredMsg } from '@nats-io/jetstream'
import { headers, type MsgHdrs, type Payload } from '@nats-io/transport-node'
import { actorIdOf } from '../../adapters/identity.ts'
import type { Address } from '../../machines/events.ts'
import type { Broker } from '../broker.ts'
import type { DeadLetter } from '../dead-letters.ts'
import type { Log } from '../log.ts'
import type { Delivery, Ownership } from '../owned-consumer.ts'
import { summaryHeader } from '../stages/persist.ts'
import type { DataKeys } from './data-keys.ts'
import { asForgotten, isForgotten } from './forgotten.ts'
import type { Opened, Opener } from './opener.ts'
import { orderly } from './orderly.ts'
import { type DataKey, isSealed, seal } from './sealed.ts'

type Publish = JetStreamClient['publish']

/** Without `keys` nothing is sealed, and nothing that is sealed can be read. */
export function sealedStreams(broker: Broker, keys: DataKeys | undefined, opener: Opener, log: Log): Broker {
  return {
    ...broker,
    js: openedClient(keys ? withPublish(broker.js, sealing(broker.js, keys)) : broker.js, opener),
    jsm: openedManager(broker.jsm, opener),
    opening: (owner) => openedDeliveries(owner, opener, log),
  }
}

/** Of what is published to this subject; undefined for what is stored in clear. */
export function keyNameOf(subject: string): string | undefined {
  const [root, kind, first, second] = subject.split('.')
  if (root !== 'parley') return undefined
  if (kind === 'in' || kind === 'chats') return first
  return kind === 'turns' || kind === 'dead' ? second : undefined
}

function sealing(js: JetStreamClient, keys: DataKeys): Publish {
  return (subject, payload = '', options = {}) => {
    const name = keyNameOf(subject)
    if (name === undefined) return js.publish(subject, payload, options)
    const sealedBy = (key: DataKey) => {
      sealSummary(options.headers, key)
      return js.publish(subject, seal(key, bytesOf(payload)), options)
    }
    const held = keys.held(name)
    return held ? sealedBy(held) : keys.current(name, () => customerIn(payload) ?? name).then(sealedBy)
  }
}

const bytesOf = (payload: Payload): Uint8Array => (typeof payload === 'string' ? Buffer.from(payload) : payload)

/** The list of conversations reads headers only: who a record is about stands there, too. */
function sealSummary(head: MsgHdrs | undefined, key: DataKey): void {
  const summary = head?.get(summaryHeader)
  if (summary) head?.set(summaryHeader, sealed_mark + seal(key, Buffer.from(summary)).toString('base64'))
}

const sealed_mark = 'sealed '

/** The customer at an asset that what founds an actor is about: a record, an event, or a letter with one. */
function customerIn(payload: Payload): string | undefined {
  try {
    const value = JSON.parse(Buffer.from(bytesOf(payload)).toString()) as Partial<Address> & {
      address?: Partial<Address>
      content?: Partial<Address>
    }
    const { channel, asset, customer } = value.address ?? (value.channel ? value : value.content) ?? {}
    return channel && asset && customer ? actorIdOf({ channel, asset, customer }) : undefined
  } catch {
    return undefined
  }
}

/** The client with something else in a place; everything else is its own. */
const withPublish = (js: JetStreamClient, publish: Publish): JetStreamClient =>
  Object.create(js, { publish: { value: publish } })

function openedClient(js: JetStreamClient, opener: Opener): JetStreamClient {
  const consumers: JetStreamClient['consumers'] = Object.create(js.consumers, {
    get: {
      value: async (...of: Parameters<JetStreamClient['consumers']['get']>) => {
        const consumer = await js.consumers.get(...of)
        const consume: typeof consumer.consume = (options = {}) => {
          const { callback } = options
          return consumer.consume(callback ? { ...options, callback: inOrder(callback, opener) } : options)
        }
        return Object.create(consumer, { consume: { value: consume } })
      },
    },
  })
  return Object.create(js, { consumers: { value: consumers } })
}

/** For those who follow: what they cannot read yet holds up what is behind it. */
function inOrder(hear: (message: JsMsg) => void, opener: Opener): (message: JsMsg) => void {
  const open = (message: JsMsg) => {
    const summary = message.headers?.get(summaryHeader)
    if (summary?.startsWith(sealed_mark)) {
      const bytes = opener.openInTime(Buffer.from(summary.slice(sealed_mark.length), 'base64'))
      const both = (head: Opened) => then(opener.openInTime(message.data), (data) => ({ head, data }))
      return then(bytes, both)
    }
    return then(opener.openInTime(message.data), (data) => ({ head: undefined, data }))
  }
  const { take } = orderly(open, ({ head, data }, message: JsMsg) => {
    if (head === 'forgotten' || data === 'forgotten') return
    if (head === undefined && data === message.data) return hear(message)
    hear(readAs(message, data, head && { headers: { value: withSummary(message.headers, head) } }))
  })
  return take
}

function then<From, To>(value: From | Promise<From>, next: (value: From) => To | Promise<To>): To | Promise<To> {
  return value instanceof Promise ? value.then(next) : next(value)
}

function withSummary(given: MsgHdrs | undefined, summary: Uint8Array): MsgHdrs {
  const head = headers()
  for (const [name, values] of given ?? []) for (const value of values) head.append(name, value)
  head.set(summaryHeader, Buffer.from(summary).toString())
  return head
}

function openedManager(jsm: JetStreamManager, opener: Opener): JetStreamManager {
  const openedOne = async (message: StoredMsg): Promise<StoredMsg> => {
    const clear = await opener.open(message.data)
    if (clear === 'forgotten') return standIn(message)
    return clear === message.data ? message : readAs(message, clear)
  }
  const orNone = (message: StoredMsg) => (isForgotten(message) ? null : message)
  const { direct, streams } = jsm
  const getBatch = (name: string, query: { callback: BatchHearer }) => {
    const found: (StoredMsg | Promise<StoredMsg>)[] = []
    const callback: BatchHearer = (done, message) => {
      if (!done) return void found.push(isSealed(message.data) ? openedOne(message) : message)
      Promise.all(found).then(
        (all) => {
          for (const one of all) query.callback(null, one)
          query.callback(done, message)
        },
        (err) => query.callback({ err }, message),
      )
    }
    return direct.getBatch(name, { ...query, callback } as never)
  }
  return Object.create(jsm, {
    direct: {
      value: Object.create(direct, {
        getMessage: {
          value: async (...query: Parameters<typeof direct.getMessage>) => {
            const found = await direct.getMessage(...query)
            return found && orNone(await openedOne(found))
          },
        },
        getBatch: { value: getBatch },
      }),
    },
    streams: {
      value: Object.create(streams, {
        getMessage: {
          value: async (...query: Parameters<typeof streams.getMessage>) => {
            const found = await streams.getMessage(...query)
            return found && orNone(await openedOne(found))
          },
        },
      }),
    },
  })
}

type BatchHearer = (done: { err?: Error } | null, message: StoredMsg) => void

/** The message with its bytes opened; all else of it is as it was. */
function readAs<Message extends JsMsg | StoredMsg>(
  message: Message,
  data: Uint8Array,
  more: PropertyDescriptorMap = {},
): Message {
  const string = () => utf8.decode(data)
  return Object.create(message, {
    data: { value: data },
    string: { value: string },
    json: { value: () => JSON.parse(string()) },
    ...more,
  })
}

const utf8 = new TextDecoder()

/** Of a dead letter its frame is left, so that a person sees it and can drop it; of all else, that something was there. */
function standIn(message: StoredMsg): StoredMsg {
  const [, stream, kind = '', actor = ''] = message.subject.split('.')
  if (stream !== 'dead') return asForgotten(message)
  const letter: DeadLetter = {
    kind: kind === 'parked' ? 'poison' : (kind as DeadLetter['kind']),
    actor: actor === 'none' ? '' : actor,
    reason: 'its customer was erased: what it held cannot be read any more; drop it',
    at: message.timestamp,
    attempts: 0,
    content: {},
    ...(kind === 'parked' ? { parked: true } : {}),
  }
  return readAs(message, Buffer.from(JSON.stringify(letter)))
}

function openedDeliveries(owner: Ownership, opener: Opener, log: Log): Ownership {
  const { take, letGo } = orderly(
    ({ data }: Delivery) => opener.openInTime(data),
    (data, delivery) => {
      if (data === delivery.data) return owner.deliver(delivery)
      if (data !== 'forgotten') return owner.deliver({ ...delivery, data })
      log.info({ code: 'forgotten', subject: delivery.subject }, 'what is stored of an erased customer is passed over')
      delivery.ack()
    },
  )
  return {
    deliver: take,
    acquired() {
      letGo()
      owner.acquired()
    },
  }
}
