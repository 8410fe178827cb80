/**
 * What the embedded desk remembers of a customer, asked over core NATS so that it does not matter which node runs it; where
 * none does, nobody answers. A real contact centre has its own way to be asked.
 */
import type { NatsConnection } from '@nats-io/transport-node'

const desk_ms_max = 20_000

/** `forget` deletes it, `dump` gives it. Undefined when no desk runs. Throws when one does not answer in time. */
export async function askDesk<Answer>(
  nc: NatsConnection,
  act: 'forget' | 'dump',
  customer: string,
): Promise<Answer | undefined> {
  try {
    const answer = await nc.request(`desk.${act}`, JSON.stringify({ customer }), { timeout: desk_ms_max })
    return answer.json<Answer>()
  } catch (error) {
    if (/no responders/i.test(String(error))) return undefined
    throw error
  }
}
