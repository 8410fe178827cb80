/**
 * `publish` of a JetStream client with one inbox for all its acks. The client's own makes a request of each publish, with
 * a deadline and an error object that is thrown away; that costs more than the publish (measured: a tenth of a turn).
 * Speaks to one connection. Invariant: every publish settles: with its ack, with the server's refusal, at its deadline, or
 * as soon as the connection is lost: its ack cannot come any more, and whether it was stored only the stream knows.
 */
import { JetStreamApiError, type JetStreamClient, type PubAck } from '@nats-io/jetstream'
import {
  ConnectionError,
  headers,
  type Msg,
  type NatsConnection,
  type Payload,
  TimeoutError,
} from '@nats-io/transport-node'
import type { Clock } from '../adapters/clock.ts'
import { gatheredSends } from './gathered-sends.ts'
import { inboxOf } from './inbox.ts'

type Publish = JetStreamClient['publish']
type Refusal = ConstructorParameters<typeof JetStreamApiError>[0]

interface Waiting {
  resolve(ack: PubAck): void
  reject(error: Error): void
  due_ms: number
}

/** How often deadlines are looked at: a publish gives up at most this much too late. */
const look_ms = 250

/** Takes `msgID`, `headers` and `timeout`; a publish with other options goes to `otherwise`, the client's own. */
export function ackedPublish(nc: NatsConnection, clock: Clock, timeout_ms: number, otherwise: Publish): Publish {
  const gather = gatheredSends(nc)
  const waiting = new Map<string, Waiting>()
  const inbox = inboxOf(nc)
  let published = 0
  let cancelLook: (() => void) | undefined

  const settle = (token: string): Waiting | undefined => {
    const one = waiting.get(token)
    waiting.delete(token)
    return one
  }
  nc.subscribe(`${inbox}.*`, {
    callback: (error, message) => {
      const one = settle(message.subject.slice(inbox.length + 1))
      if (!one) return // its deadline has passed
      const answer = error ?? answerIn(message)
      if (answer instanceof Error) one.reject(answer)
      else one.resolve(answer)
    },
  })
  let away = false
  const goAway = () => {
    away = true
    for (const token of [...waiting.keys()]) settle(token)?.reject(new ConnectionError(lost))
  }
  const followConnection = async () => {
    for await (const { type } of nc.status()) {
      if (type === 'disconnect') goAway()
      if (type === 'reconnect') away = false
    }
    goAway() // closed for good
    cancelLook?.()
  }
  void followConnection()

  const look = () => {
    const now_ms = clock.now()
    for (const [token, { due_ms }] of waiting) if (due_ms <= now_ms) settle(token)?.reject(new TimeoutError())
    cancelLook = waiting.size > 0 ? clock.after(look_ms, look) : undefined
  }

  return (subject: string, payload?: Payload, options = {}) => {
    if (away) return Promise.reject(new ConnectionError(lost))
    const { msgID, headers: given, timeout = timeout_ms, ...other } = options
    if (Object.keys(other).length > 0) return otherwise(subject, payload, options)
    const head = given ?? (msgID === undefined ? undefined : headers())
    if (msgID !== undefined) head?.set('Nats-Msg-Id', msgID)
    const token = String(published++)
    const publishing = { reply: `${inbox}.${token}`, ...(head ? { headers: head } : {}) }
    return new Promise<PubAck>((resolve, reject) => {
      waiting.set(token, { resolve, reject, due_ms: clock.now() + timeout })
      cancelLook ??= clock.after(look_ms, look)
      gather(() => {
        try {
          nc.publish(subject, payload, publishing)
        } catch (error) {
          settle(token)?.reject(error as Error)
        }
      })
    })
  }
}

const lost = 'the connection to NATS is lost'

function answerIn(message: Msg): PubAck | Error {
  if (message.data.length === 0) return new Error(`no stream takes this subject (${message.headers?.code ?? 'no ack'})`)
  const answer = message.json<PubAck & { error?: Refusal }>()
  if (answer.error) return new JetStreamApiError(answer.error)
  answer.duplicate ??= false
  return answer
}
