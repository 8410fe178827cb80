/**
 * A node of the benchmark as a process of its own, so that it can be killed as a machine would kill it. Its parent tells it
 * where the broker is, and to leave; it ends with its parent, whatever happens.
 */
import { systemClock } from '../../adapters/clock.ts'
import { connectBroker } from '../broker.ts'
import { stop_ms_max } from '../running.ts'
import { benchFarSide, toFarSideAt } from './far-side.ts'
import type { MemberSettings } from './members.ts'
import { startHostedNode } from './node.ts'

/** Runs until its parent says that it leaves. */
export async function runMember({ natsUrl, partitions, does, farSideUrl }: MemberSettings): Promise<void> {
  process.once('disconnect', () => process.exit())
  const broker = await connectBroker([natsUrl], {}, 'bench')
  const farSide = farSideUrl === undefined ? await benchFarSide('noop') : { adapter: toFarSideAt(farSideUrl) }
  const node = startHostedNode(broker, partitions, farSide, does)
  process.once('message', async () => {
    await Promise.race([node.stop(), systemClock().sleep(stop_ms_max)])
    await broker.nc.close()
    process.exit()
  })
}
