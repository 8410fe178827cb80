/**
 * The reading half of encryption at rest: clients and deliveries that give what is sealed as it was before. What is sealed
 * under a forgotten key is not there: reading skips it, deliveries of it are acked, and of a dead letter only its frame is
 * left. What cannot be opened now is refused where somebody asks for it, and waited for where it has to be handed on (T9).
 */
import type { JetStreamClient, JetStreamManager, JsMsg, StoredMsg } from '@nats-io/jetstream'
import { headers, type MsgHdrs } from '@nats-io/transport-node'
import type { DeadLetter } from '../dead-letters.ts'
import type { Log } from '../log.ts'
import type { Delivery, Ownership } from '../owned-consumer.ts'
import { summaryHeader } from '../stages/persist.ts'
import { asForgotten, isForgotten } from './forgotten.ts'
import type { Opened, Opener } from './opener.ts'
import { orderly } from './orderly.ts'
import { isSealed } from './sealed.ts'

/** In front of the summary of a turn, in its header. */
export const sealed_mark = 'sealed '

export function openedClient(js: JetStreamClient, opener: Opener): JetStreamClient {
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

export function openedManager(jsm: JetStreamManager, opener: Opener): JetStreamManager {
  const openedOne = async (message: StoredMsg): Promise<StoredMsg> => {
    const clear = await opener.open(message.data)
    if (clear === 'forgotten') return standIn(message)
    return clear === message.data ? message : readAs(message, clear)
  }
  const orNone = (message: StoredMsg) => (isForgotten(message) ? null : message)
  const opening =
    <Query extends unknown[]>(get: (...query: Query) => Promise<StoredMsg | null>) =>
    async (...query: Query) => {
      const found = await get(...query)
      return found && orNone(await openedOne(found))
    }
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
        getMessage: { value: opening(direct.getMessage.bind(direct)) },
        getBatch: { value: getBatch },
      }),
    },
    streams: {
      value: Object.create(streams, {
        getMessage: { value: opening(streams.getMessage.bind(streams)) },
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

export function openedDeliveries(owner: Ownership, opener: Opener, log: Log): Ownership {
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
    beginsAt: owner.beginsAt,
  }
}
