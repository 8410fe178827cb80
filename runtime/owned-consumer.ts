/**
 * One partition of one stream, delivered in stored order to whoever the server has pinned as its owner. Speaks JetStream's
 * pull protocol directly, because ordered fail-over needs what no client offers yet: a RESET on every new pin (server
 * 2.14+), so that what the last owner held comes again before anything newer (T1).
 *
 * Invariants: nothing is handed on between a new pin and the first delivery after its reset; after that every delivery is
 * the next in sequence, or the consumer is reset again. A reset goes back to where the owner's own records say that all has
 * ended: what the broker remembers of acks may be too much when its leader changes (decisions/0021).
 */
import type { ConsumerConfig, JetStreamManager } from '@nats-io/jetstream'
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node'
import type { Clock } from '../adapters/clock.ts'
import { endedUpTo } from './ended-up-to.ts'
import { gatheredSends } from './gathered-sends.ts'
import { inboxOf } from './inbox.ts'
import { ownerGroup } from './streams.ts'

export interface Delivery {
  subject: string
  data: Uint8Array
  headers: Msg['headers']
  /** Sequence in the stream, and the server's time at which it was stored. */
  sequence: number
  time_ns: string
  deliveries: number
  ack(): void
  /** Tells the server that it is still being worked on. */
  working(): void
  /** Gives it up for good; whoever calls has put it somewhere else first. */
  term(): void
}

export interface OwnedConsumer {
  stance(): Stance
  /** Whether the server has pinned the partition to this node, as far as it knows; also while it rests, until `release`. */
  isOwner(): boolean
  /** Everything of the partition up to here has ended, as far as this node knows; undefined when it had none of it yet. */
  endedUpTo(): number | undefined
  /** Stands by for the partition, or goes on owning it; harmless when it does already. */
  pull(): void
  /** Pulls no more until `pull`; what was handed on may still be acked. */
  rest(): void
  /** Rests for good. */
  stop(): void
  /** The owner is gone for certain: takes its pin away, instead of when its silence is noticed, and stands by for it. */
  takeOver(): Promise<void>
  /** Lets the next owner begin at once, instead of when our silence is noticed. For after `rest` and the work in hand. */
  release(): Promise<void>
}

/** `owning` as far as this side knows: the server may have pinned somebody else since. A quiet partition has no owner. */
export type Stance = 'resting' | 'standingBy' | 'owning'

const batch_max = 256
const refill_at = 128
/** The owner pulls anew well within `owner_silence_ms_max` (streams.ts), or it would lose an idle partition. */
const owner_pull_expires_ms = 1_000
const pull_expires_ms = 30_000
const heartbeat_ms = 3_000
const pull_again_ms = 250
const reset_timeout_ms = 5_000
const unpin_timeout_ms = 1_000

export interface Ownership {
  /** Called with each delivery, in order; must not throw. */
  deliver(delivery: Delivery): void
  /** A new pin: forget what was cached or queued of this partition. */
  acquired(): void
  /**
   * The first sequence of the stream that may not have ended, as the owner's own records tell; undefined where they cannot:
   * then it is the broker's acks. What it throws is asked again.
   */
  beginsAt(): Promise<number | undefined>
}

/** Begins pulling at once; creates the consumer when it is missing. */
export function ownConsumer(
  nc: NatsConnection,
  jsm: JetStreamManager,
  streamName: string,
  config: Partial<ConsumerConfig> & { durable_name: string },
  clock: Clock,
  owner: Ownership,
): OwnedConsumer {
  const api = `${streamName}.${config.durable_name}`
  let pin = ''
  /** The delivery sequence expected next; 1 while a reset is on its way. `unknown`: whatever comes, it asks for a reset. */
  let expected: number | 'unknown' = 'unknown'
  let resets = 0
  let wanted = 0 // deliveries asked for and not yet had, over all pulls
  let mode: 'pulling' | 'resting' | 'stopped' = 'pulling'
  let inbox = ''
  let subscription: Subscription | undefined
  let cancelWatch = () => {}
  const ended = endedUpTo()

  const pull = () => {
    if (mode !== 'pulling') return
    wanted += batch_max
    const asStandBy = { expires: pull_expires_ms * 1_000_000, idle_heartbeat: heartbeat_ms * 1_000_000 }
    const asOwner = { expires: owner_pull_expires_ms * 1_000_000, id: pin }
    const request = { batch: batch_max, group: ownerGroup, ...(pin === '' ? asStandBy : asOwner) }
    nc.publish(`$JS.API.CONSUMER.MSG.NEXT.${api}`, JSON.stringify(request), { reply: inbox })
    watch()
  }

  /** Silence for longer than two heartbeats means that the pull is lost: ask again, on a new inbox. */
  const watch = () => {
    cancelWatch()
    cancelWatch = clock.after(heartbeat_ms * 2 + 1_000, begin)
  }

  const again = () => {
    cancelWatch()
    cancelWatch = clock.after(pull_again_ms, begin)
  }

  const begin = async () => {
    if (mode !== 'pulling' || nc.isClosed()) return
    cancelWatch()
    subscription?.unsubscribe()
    inbox = inboxOf(nc)
    wanted = 0
    unknown() // what was on its way to the old inbox is lost
    subscription = nc.subscribe(inbox, { callback: (_error, message) => receive(message) })
    try {
      await ensure()
      pull()
    } catch {
      again() // the broker is away or electing; the connection comes back by itself
    }
  }

  const ensure = async () => {
    try {
      await takeUpWhatWasLeft('always')
    } catch (error) {
      if (!/not found/i.test(String(error))) throw error
      pin = ''
      await jsm.consumers.add(streamName, config)
    }
  }

  const receive = (message: Msg) => {
    if (mode !== 'pulling') return
    const status = message.headers?.code ?? 0
    if (status !== 0) return onStatus(status, Number(message.headers?.get('Nats-Pending-Messages') || 0))
    wanted--
    const held = message.headers?.get('Nats-Pin-Id') ?? ''
    if (held !== '' && held !== pin) {
      pin = held
      wanted = 0 // what is left of the pull without a pin ends with it
      unknown()
    }
    if (wanted <= refill_at) pull()
    else watch()
    const delivery = deliveryOf(nc, message, ended.ended)
    if (expected === 1 && delivery.order !== 1) return // what came before the reset took hold comes again after it
    if (delivery.order !== expected) return reset()
    expected = delivery.order + 1
    ended.delivered(delivery.sequence)
    owner.deliver(delivery)
  }

  /**
   * What an owner that is gone had in hand comes again when its time is up, or with the next message, whichever is first:
   * in a quiet partition that is long. So whoever stands by and sees that nobody holds the pin puts it back; whoever begins
   * does so also where the broker knows of nothing, for a broker that was killed may have forgotten it.
   */
  const takeUpWhatWasLeft = async (when: 'always' | 'not acked') => {
    const info = await jsm.consumers.info(streamName, config.durable_name)
    const { priority_groups = [] } = info as { priority_groups?: { pinned_client_id?: string }[] }
    if (priority_groups.some(({ pinned_client_id }) => pinned_client_id)) return
    if (when === 'not acked' && info.num_ack_pending === 0) return
    await putBack()
  }

  const putBack = async () => {
    const seq = await owner.beginsAt()
    const where = seq === undefined ? '' : JSON.stringify({ seq })
    await nc.request(`$JS.API.CONSUMER.RESET.${api}`, where, { timeout: reset_timeout_ms })
  }

  const onStatus = (status: number, unserved: number) => {
    if (status === 100) {
      if (pin === '') takeUpWhatWasLeft('not acked').catch(() => {}) // looked at again with the next heartbeat
      return watch()
    }
    if (status !== 404 && status !== 408 && status !== 423) return again()
    if (status === 423) pin = '' // somebody else holds the pin; wait for it as stand-by
    wanted = Math.max(0, wanted - unserved)
    if (wanted <= refill_at) pull()
    else watch()
  }

  const unknown = () => {
    expected = 'unknown'
    resets++
  }

  /** Until the reset has taken hold nothing is handed on, so it is asked for until the broker answers. */
  const reset = () => {
    expected = 1
    ended.restart()
    owner.acquired()
    const mine = ++resets
    const isLast = () => mode === 'pulling' && mine === resets && !nc.isClosed()
    const ask = async () => {
      if (!isLast()) return
      try {
        await putBack()
      } catch {
        clock.after(pull_again_ms, ask)
      }
    }
    void ask()
  }

  /** Pulls do not outlive the connection they went over. */
  const followConnection = async () => {
    for await (const { type } of nc.status()) {
      if (mode === 'stopped') return
      if (type === 'reconnect') void begin()
    }
  }

  const rest = (as: 'resting' | 'stopped') => {
    if (mode === 'pulling') {
      cancelWatch()
      subscription?.unsubscribe()
      keepPin()
    }
    if (mode !== 'stopped') mode = as
  }

  /**
   * What is in hand is ours until it has ended, though nothing more is pulled: the server is told so by requests that
   * nobody hears the answers of. What it hands out to one of them comes again after the next reset.
   */
  const keepPin = () => {
    cancelWatch = clock.after(owner_pull_expires_ms, () => {
      if (pin === '' || nc.isClosed()) return
      const request = { batch: 1, group: ownerGroup, id: pin, no_wait: true }
      nc.publish(`$JS.API.CONSUMER.MSG.NEXT.${api}`, JSON.stringify(request), { reply: inboxOf(nc) })
      keepPin()
    })
  }

  /** Takes the pin from whoever has it, and puts back what still reached them: it would wait for a heartbeat of the heir. */
  const vacate = async () => {
    const group = JSON.stringify({ group: ownerGroup })
    try {
      await nc.request(`$JS.API.CONSUMER.UNPIN.${api}`, group, { timeout: unpin_timeout_ms })
      await takeUpWhatWasLeft('not acked')
    } catch {
      // The broker is electing: the pin lapses by itself, and whoever stands by looks at what is left.
    }
  }

  const resume = () => {
    if (mode !== 'resting') return
    mode = 'pulling'
    void begin() // what came while it rested was let go
  }

  void begin()
  void followConnection()
  return {
    stance: () => (mode !== 'pulling' ? 'resting' : pin === '' ? 'standingBy' : 'owning'),
    isOwner: () => pin !== '',
    endedUpTo: ended.sequence,
    pull: resume,
    rest: () => rest('resting'),
    stop: () => rest('stopped'),
    async takeOver() {
      if (mode === 'stopped' || pin !== '' || nc.isClosed()) return
      resume()
      await vacate()
    },
    async release() {
      if (pin === '' || nc.isClosed()) return
      cancelWatch()
      pin = ''
      // What was acked until now is said first: the next owner may be quicker than the rest of this turn of the loop.
      await new Promise<void>((resolve) => gatheredSends(nc)(resolve))
      await vacate()
    },
  }
}

/** Reads the ack subject: `$JS.ACK.<stream>.<consumer>.<delivered>.<stream seq>.<delivery seq>.<time>.<pending>`. */
function deliveryOf(nc: NatsConnection, message: Msg, ended: (sequence: number) => void): Delivery & { order: number } {
  const reply = message.reply ?? ''
  const say = (word: string) =>
    gatheredSends(nc)(() => {
      if (!nc.isClosed()) nc.publish(reply, word)
    })
  const tokens = reply.split('.')
  const [deliveries, sequence, order, time_ns] = tokens.length >= 12 ? tokens.slice(6, 10) : tokens.slice(4, 8)
  const over = (word: string) => {
    ended(Number(sequence))
    say(word)
  }
  return {
    subject: message.subject,
    data: message.data,
    headers: message.headers,
    deliveries: Number(deliveries),
    sequence: Number(sequence),
    order: Number(order),
    time_ns: time_ns ?? '0',
    ack: () => over('+ACK'),
    working: () => say('+WPI'),
    term: () => over('+TERM'),
  }
}
