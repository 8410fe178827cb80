import { test } from 'vitest'
import { startBroker } from './broker.ts'
import { connectBroker } from '../runtime/broker.ts'
import { ensureStreams, inboxConsumer, turnsConsumer } from '../runtime/streams.ts'
import { ownConsumer } from '../runtime/owned-consumer.ts'
import { systemClock } from '../adapters/clock.ts'
test('x', async () => {
  const b = await startBroker()
  const k = await connectBroker([b.url], {}, 'x')
  const k2 = await connectBroker([b.url], {}, 'y')
  const c = systemClock(); const t0 = c.now()
  const log = (...a: unknown[]) => console.log(c.now() - t0, ...a)
  await ensureStreams(k.jsm, { replicas: 1, partitions: 1 })
  const own = (n: string, kk: typeof k) => ownConsumer(kk.nc, kk.jsm, 'TURNS', turnsConsumer(0), c, { deliver: (d) => { log(n, 'got', d.sequence, d.deliveries); if (n === 'A1' || d.sequence !== 3) d.ack() }, acquired: () => log(n, 'acquired') })
  const A = own('A', k); await c.sleep(200)
  const B = own('B', k2); await c.sleep(200)
  for (let i = 0; i < 5; i++) { log('publish'); await k.js.publish('parley.turns.0.a', '{}'); await c.sleep(i === 2 ? 20 : 4500);
  const info = await k.jsm.consumers.info('TURNS', 'p0'); log(JSON.stringify({ ap: info.num_ack_pending, pg: (info as any).priority_groups })) }
  A.stop(); B.stop()
  await k.nc.close(); await k2.nc.close(); await b.stop()
}, 60000)
