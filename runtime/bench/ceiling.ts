/**
 * What the broker alone can do on this machine: raw JetStream publishes and raw conditional appends, with nothing around
 * them. The yardstick for turns a second, taken in the same run. One ack inbox for all, since a request each costs more
 * than the publish itself.
 */
import type { JetStreamManager } from '@nats-io/jetstream'
import { headers, type NatsConnection } from '@nats-io/transport-node'
import { stopwatch } from '../../adapters/clock.ts'
import { inboxOf } from '../inbox.ts'

export interface Ceiling {
  /** Records of about 600 bytes appended without a condition. */
  publishPerS: number
  /** Records of about 1.7 kB appended on condition of their subject's last sequence. */
  commitPerS: number
}

const window_max = 256
const subjects = 2_000
const publish_bytes = 600
const commit_bytes = 1_700

/** A name is used once: nats-server 2.15.1 may bring back what a stream held when one of its name is made right after it is deleted. */
let measured = 0

export async function measureCeiling(
  nc: NatsConnection,
  jsm: JetStreamManager,
  replicas: number,
  ms: number,
): Promise<Ceiling> {
  const name = `CEILING${++measured}`
  await jsm.streams.add({
    name,
    subjects: [`${name}.*.*`],
    storage: 'file',
    max_msgs_per_subject: 256,
    num_replicas: replicas,
  } as never)
  try {
    const publishPerS = await rate(nc, `${name}.publish`, publish_bytes, false, ms)
    const commitPerS = await rate(nc, `${name}.commit`, commit_bytes, true, ms)
    return { publishPerS, commitPerS }
  } finally {
    await jsm.streams.delete(name)
  }
}

/** Appends a second, over `ms`: as many under way as the window allows, each subject at most once among them. */
function rate(nc: NatsConnection, prefix: string, bytes: number, conditional: boolean, ms: number): Promise<number> {
  const payload = new Uint8Array(bytes).fill(0x61)
  const revisions = new Array<number>(subjects).fill(0)
  const inbox = inboxOf(nc)
  const elapsed = stopwatch()
  let sent = 0
  let stored = 0

  const send = () => {
    const number = sent++ % subjects
    const condition = conditional ? headers() : undefined
    condition?.set('Nats-Expected-Last-Subject-Sequence', String(revisions[number]))
    nc.publish(`${prefix}.${number}`, payload, {
      reply: `${inbox}.${number}`,
      ...(condition ? { headers: condition } : {}),
    })
  }

  return new Promise((resolve, reject) => {
    const acks = nc.subscribe(`${inbox}.*`, {
      callback: (_error, message) => {
        const { seq, error } = message.json<{ seq?: number; error?: { description: string } }>()
        if (seq === undefined)
          return over(new Error(`the broker refused an append: ${error?.description ?? 'no reason'}`))
        revisions[Number(message.subject.slice(inbox.length + 1))] = seq
        stored++
        if (elapsed() < ms) return send()
        if (stored === sent) over()
      },
    })
    const over = (error?: Error) => {
      acks.unsubscribe()
      if (error) reject(error)
      else resolve(Math.round(stored / (elapsed() / 1_000)))
    }
    for (let begun = 0; begun < window_max; begun++) send()
  })
}
