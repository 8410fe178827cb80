/**
 * What a turn costs the broker, counted: no speed is asserted here, and a change that makes turns dearer is seen on any
 * machine. The bounds are what is needed, and a little for what comes by time (pulls, announcements).
 */
import { expect, onTestFinished, test } from 'vitest'
import { recordReader } from '../runtime/actor-cache.ts'
import { benchFarSide } from '../runtime/bench/far-side.ts'
import { startHostedNode } from '../runtime/bench/node.ts'
import { drive, followEnds, wrongOf } from '../runtime/bench/turns.ts'
import { conversationsOf } from '../runtime/bench/workload.ts'
import { connectBroker } from '../runtime/broker.ts'
import { ensureStreams, stream } from '../runtime/streams.ts'
import { startBroker } from './broker.ts'

const partitions = 4
const conversations = 100
const at_a_time = 16
const per_turn_by_time = 0.5

test('a turn with its effects is three stored messages, and under five messages each way between node and broker', async () => {
  const server = await startBroker()
  onTestFinished(() => server.stop())
  const [broker, driver] = await Promise.all(['bench', 'driver'].map((name) => connectBroker([server.url], {}, name)))
  await ensureStreams(broker!.jsm, { replicas: 1, partitions })
  const node = startHostedNode(broker!, partitions, await benchFarSide('noop'))
  const ended = await followEnds(driver!)
  // So that every partition has its owner, and nothing is looked up any more.
  await drive(driver!, ended, conversationsOf('before', conversations), at_a_time)

  const stored = async () => {
    const of = [stream.inbox, stream.turns, stream.effects].map((name) => driver!.jsm.streams.info(name))
    return (await Promise.all(of)).map(({ state }) => state.last_seq)
  }
  const [lasts, before] = [await stored(), broker!.nc.stats()]
  const all = conversationsOf('counted', conversations)
  const { turns } = await drive(driver!, ended, all, at_a_time)
  const after = broker!.nc.stats()
  expect(await wrongOf(all, recordReader(driver!.jsm, partitions))).toEqual([])
  expect((await stored()).map((last, place) => last - lasts[place]!)).toEqual([turns, turns, turns])

  // Out: the record, the ledger's entry, two acks, a share of a pull, a look for a new conversation's record.
  expect((after.outMsgs - before.outMsgs) / turns).toBeLessThan(4 + 1 / 6 + per_turn_by_time)
  // In: two deliveries, two acks of appends, the answer of the look.
  expect((after.inMsgs - before.inMsgs) / turns).toBeLessThan(4 + 1 / 6 + per_turn_by_time)

  await node.stop()
  await Promise.all([broker!.nc.close(), driver!.nc.close()])
})
