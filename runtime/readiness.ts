/**
 * What a node asks its broker about itself: whether it can serve, whether everything is over, how much the streams hold.
 * Changes nothing.
 */
import type { Clock } from '../adapters/clock.ts'
import type { Activity } from './activity.ts'
import type { Broker } from './broker.ts'
import { inboxProgress, isInboxOver } from './inbox-progress.ts'
import { stream } from './streams.ts'

/** Whether nothing waits, is turned, or is on its way: what virtual time waits for. */
export async function isIdle(
  { jsm }: Broker,
  partitions: number,
  busy: Activity,
  desk: { idle(): boolean } | undefined,
): Promise<boolean> {
  const quiet = () => busy.idle() && (desk?.idle() ?? true)
  if (!quiet()) return false
  return (await isInboxOver(jsm, partitions)) && quiet()
}

/** How many messages each stream holds, the inbox without what was turned, and when the oldest of them was stored. */
export async function streamSizes({ jsm }: Broker) {
  const [progress, ...infos] = await Promise.all([
    inboxProgress(jsm),
    ...Object.values(stream).map((name) => jsm.streams.info(name)),
  ])
  const waiting = progress.reduce((sum, partition) => sum + partition.waiting, 0)
  return infos.map(({ config, state }) => {
    const messages = config.name === stream.inbox ? Math.min(waiting, state.messages) : state.messages
    return { stream: config.name, messages, oldest_ms: Date.parse(String(state.first_ts)) }
  })
}

/**
 * When the oldest turn was stored of which an effect has not ended; undefined when all have. Each partition's transmit
 * consumer acks in order as far as all before it has ended, so the turn behind that is its oldest.
 */
export async function oldestOwed({ jsm }: Broker): Promise<number | undefined> {
  const found: number[] = []
  for await (const { config, ack_floor, num_pending, num_ack_pending } of jsm.consumers.list(stream.turns)) {
    const { durable_name, filter_subject } = config
    if (durable_name === undefined || num_pending + num_ack_pending === 0) continue
    const query = { seq: ack_floor.stream_seq + 1, next_by_subj: filter_subject ?? '' }
    const oldest = await jsm.direct.getMessage(stream.turns, query)
    if (oldest) found.push(oldest.time.getTime())
  }
  return found.length === 0 ? undefined : Math.min(...found)
}

/** Whoever asks has little patience: an orchestrator gives up after a second. */
const ready_ms_max = 900

/** Why the node cannot serve, or undefined when it can. */
export async function notReady({ nc, jsm }: Broker, clock: Clock): Promise<string | undefined> {
  if (nc.isClosed()) return 'the connection to NATS is closed'
  return new Promise((resolve) => {
    const cancel = clock.after(ready_ms_max, () => resolve('the NATS server does not answer in time'))
    const answered = (reason?: string) => {
      cancel()
      resolve(reason)
    }
    jsm.streams.info(stream.inbox).then(
      () => answered(),
      () => answered('the NATS server does not answer'),
    )
  })
}
