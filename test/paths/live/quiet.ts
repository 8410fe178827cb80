/** Whether nothing is under way on a site: no event waits to be turned, no effect to be sent or to be answered. */
import type { Broker } from '../../../runtime/broker.ts'
import { isInboxOver } from '../../../runtime/inbox-progress.ts'
import { stream } from '../../../runtime/streams.ts'

/** What has ended may have stored an answer, and what was turned an effect: so it is looked at in a circle. */
export async function isQuiet({ jsm }: Broker, partitions: number): Promise<boolean> {
  const before = await lastTurn(jsm)
  if (!(await isSent(jsm)) || !(await isInboxOver(jsm, partitions))) return false
  return (await isSent(jsm)) && (await lastTurn(jsm)) === before
}

const lastTurn = async (jsm: Broker['jsm']) => (await jsm.streams.info(stream.turns)).state.last_seq

async function isSent(jsm: Broker['jsm']): Promise<boolean> {
  for await (const { name, num_pending, num_ack_pending } of jsm.consumers.list(stream.turns))
    if (/^p\d+$/.test(name) && num_pending + num_ack_pending > 0) return false
  return true
}
