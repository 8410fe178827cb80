/**
 * Copies of streams as `nats stream backup` and `nats stream restore` make them, in JetStream's own protocol: a snapshot of a
 * running stream, in chunks that are asked for one after the other, and its way back.
 */
import type { StreamConfig, StreamState } from '@nats-io/jetstream'
import { createInbox, type NatsConnection } from '@nats-io/transport-node'

export interface StreamCopy {
  config: StreamConfig
  state: StreamState
  chunks: Uint8Array[]
}

const answer_ms_max = 5_000

export async function copyStream(nc: NatsConnection, name: string): Promise<StreamCopy> {
  const inbox = createInbox()
  const chunks: Uint8Array[] = []
  const whole = new Promise<void>((resolve, reject) => {
    const subscription = nc.subscribe(inbox, {
      callback: (error, message) => {
        if (error) return reject(error)
        // Each chunk is asked for by acking the one before it; the last one is empty.
        if (message.data.length > 0) chunks.push(message.data)
        message.respond('')
        if (message.data.length > 0) return
        subscription.unsubscribe()
        resolve()
      },
    })
  })
  const { config, state } = await asked<StreamCopy>(nc, `STREAM.SNAPSHOT.${name}`, {
    deliver_subject: inbox,
    no_consumers: false,
  })
  await whole
  return { config, state, chunks }
}

export async function restoreStream(nc: NatsConnection, { config, state, chunks }: StreamCopy): Promise<void> {
  const { deliver_subject } = await asked<{ deliver_subject: string }>(nc, `STREAM.RESTORE.${config.name}`, {
    config,
    state,
  })
  for (const chunk of chunks) await nc.request(deliver_subject, chunk, { timeout: answer_ms_max })
  const last = await nc.request(deliver_subject, '', { timeout: answer_ms_max })
  const { error } = last.json<{ error?: object }>()
  if (error) throw new Error(`${config.name} was not restored: ${JSON.stringify(error)}`)
}

async function asked<Answer>(nc: NatsConnection, what: string, body: object): Promise<Answer> {
  const answer = (await nc.request(`$JS.API.${what}`, JSON.stringify(body), { timeout: answer_ms_max })).json<
    Answer & { error?: object }
  >()
  if (answer.error) throw new Error(`${what}: ${JSON.stringify(answer.error)}`)
  return answer
}
