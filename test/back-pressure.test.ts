/**
 * A far side that is down while thousands write: what is in hand is counted, and stays within its bounds; when the far
 * side is back everything goes out, once and in order.
 */
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Adapter, Call } from '../adapters/adapter.ts'
import { systemClock } from '../adapters/clock.ts'
import type { AnyEffect } from '../machines/effects.ts'
import { presets } from '../machines/policy.ts'
import { activity } from '../runtime/activity.ts'
import { breaker } from '../runtime/breaker.ts'
import { connectBroker } from '../runtime/broker.ts'
import { effectsLedger } from '../runtime/ledger.ts'
import { openLog } from '../runtime/log.ts'
import { owed_turns_max, owedTurns, turns_between_looks } from '../runtime/owed-turns.ts'
import { partitionOf } from '../runtime/partition.ts'
import type { TurnRecord } from '../runtime/record.ts'
import { ensureStreams, history_turns_max, records_in_hand_max, stream, subject } from '../runtime/streams.ts'
import { noTraces } from '../runtime/traces.ts'
import { startTransmitter } from '../runtime/transmitter.ts'
import { unlimited } from '../runtime/turnstile.ts'
import { type Broker, startBroker } from './broker.ts'
import { farSides } from './far-sides.ts'
import { type Json, startTestNode } from './node.ts'

let broker: Broker
beforeEach(async () => {
  broker = await startBroker()
})
afterEach(() => broker.stop())

/** A far side that takes every call and answers none until it is told to. */
function silent() {
  let answer = () => {}
  const answered = new Promise<void>((resolve) => {
    answer = resolve
  })
  const keys: string[] = []
  const adapter: Adapter<AnyEffect> = {
    destination: 'silent',
    performs: ['say'],
    async perform(_effect, { idempotencyKey }: Call) {
      keys.push(idempotencyKey)
      await answered
      return {}
    },
  }
  return { adapter, keys, answer: () => answer() }
}

test('T4, T6: of thousands of conversations that wait for a silent far side, so many a partition are in hand, and in the end each was called once', async () => {
  const connection = await connectBroker([broker.url], {}, 'transmitter')
  const { nc, js, jsm } = connection
  const partitions = 1
  await ensureStreams(jsm, { replicas: 1, partitions })
  const clock = systemClock()
  const { adapter, keys, answer } = silent()
  const toFarSide = breaker(clock)
  const patient = { ...presets.representative, retry: { ...presets.representative.retry, attemptTimeoutMs: 600_000 } }
  const transmitter = startTransmitter({
    opening: (owner) => owner,
    traces: noTraces,
    nc,
    js,
    jsm,
    partitions,
    clock,
    wallClock: clock,
    definitions: [],
    ledger: effectsLedger(js, jsm, partitions),
    adapterFor: () => adapter,
    breakerFor: () => toFarSide,
    turnstileFor: () => unlimited,
    policyOf: () => patient,
    tell: async () => {},
    setAside: async () => {},
    activity: activity(false),
    log: openLog('silent'),
    random: () => 0,
  })
  const count = records_in_hand_max + 500
  const at = new Date(clock.now()).toISOString()
  const effects = [{ type: 'say', payload: {}, withinMs: 3_600_000 }]
  for (let partition = 0; partition < partitions; partition++) {
    await Promise.all(
      Array.from({ length: count }, (_, index) => {
        const actor = `${partition}${index.toString(16).padStart(15, '0')}`
        return js.publish(subject.turns(partition, actor), JSON.stringify({ actor, at, turn: 1, cause: {}, effects }))
      }),
    )
  }
  await vi.waitFor(() => expect(keys.length).toBe(partitions * records_in_hand_max), { timeout: 20_000 })
  await clock.sleep(1_000)
  expect(keys.length, 'a second later there are no more').toBe(partitions * records_in_hand_max)
  for (let partition = 0; partition < partitions; partition++) {
    const { num_ack_pending, num_pending } = await jsm.consumers.info(stream.turns, `p${partition}`)
    expect([num_ack_pending, num_pending]).toEqual([records_in_hand_max, count - records_in_hand_max])
  }
  answer()
  await vi.waitFor(() => expect(keys.length).toBe(partitions * count), { timeout: 30_000 })
  expect(new Set(keys).size).toBe(partitions * count)
  await transmitter.stop(5_000)
  await nc.close()
}, 90_000)

test('T9: a conversation whose effects are far behind waits; one whose turns ask for nothing, or whose effects have ended, does not', async () => {
  const { jsm, js, nc } = await connectBroker([broker.url], {}, 'reader')
  await ensureStreams(jsm, { replicas: 1, partitions: 4 })
  const ledger = effectsLedger(js, jsm, 4)
  const isTooFarAhead = owedTurns(jsm, 4, ledger)
  const conversation = (owes: (turn: number) => boolean) => {
    const actor = randomUUID().replaceAll('-', '').slice(0, 16)
    return async (turns: number) => {
      const sent: Promise<{ seq: number }>[] = []
      for (let turn = 1; turn <= turns; turn++) {
        const effects = owes(turn) ? [{ type: 'say', payload: {}, withinMs: 1 }] : []
        const record = { actor, turn, effects } as unknown as TurnRecord
        sent.push(js.publish(subject.turns(partitionOf(actor, 4), actor), JSON.stringify(record)))
      }
      const revisions = (await Promise.all(sent)).map(({ seq }) => seq)
      return { record: { actor, turn: turns } as TurnRecord, revisions }
    }
  }
  const enough = owed_turns_max + turns_between_looks
  const owing = await conversation(() => true)(enough)
  expect(await isTooFarAhead(owing.record)).toBe(true)
  expect(await isTooFarAhead({ ...owing.record, turn: enough + 1 }), 'looked at now and then only').toBe(false)
  await ledger.write(owing.record.actor, { revision: owing.revisions[turns_between_looks]!, outcomes: [] })
  expect(await isTooFarAhead(owing.record)).toBe(false)

  expect(await isTooFarAhead((await conversation(() => false)(enough)).record)).toBe(false)
  expect(await isTooFarAhead((await conversation((turn) => turn === enough)(enough)).record)).toBe(false)
  await nc.close()
}, 30_000)

test('T1, T9: one customer who writes more than the history keeps while Engage is silent: every message reaches Engage, once and in order', async () => {
  const far = await farSides()
  const env = {
    ...far.env,
    PARLEY_CLOCK: 'real',
    PARLEY_ASSETS__0__POLICY__RETRY__ATTEMPT_TIMEOUT_MS: '120000',
  }
  const node = await startTestNode(broker, env)
  let answer = () => {}
  const after = new Promise<void>((resolve) => {
    answer = resolve
  })
  for (const text of ['Hi', '1']) {
    await node.text(text)
    const state = text === 'Hi' ? 'noConversation.menu' : 'inQueue.created'
    await vi.waitFor(async () => expect((await node.conversation()).state).toBe(state), { timeout: 10_000 })
  }
  far.next('appendConversation', { status: 200, body: { outcome: 'onAppendMessageSuccess' }, after })
  const texts = Array.from({ length: history_turns_max + 100 }, (_, index) => `message ${index}`)
  for (const text of texts) expect((await node.text(text)).status).toBe(200)
  const turnsNow = async () => (await node.turns()).at(-1)!.turn
  let last = -1
  await vi.waitFor(
    async () => {
      const before = last
      last = await turnsNow()
      expect(last).toBe(before)
    },
    { timeout: 20_000, interval: 1_000 },
  )
  expect(last).toBeGreaterThanOrEqual(owed_turns_max)
  expect(last, 'nothing that is still owed was dropped from the history').toBeLessThan(history_turns_max)
  answer()
  const appended = () =>
    far
      .asked('appendConversation')
      .map(({ body }) => (body as Json).text as string)
      .filter((text) => text.startsWith('message '))
  await vi.waitFor(() => expect(appended()).toHaveLength(texts.length), { timeout: 40_000, interval: 200 })
  expect(appended()).toEqual(texts)
  await node.stop()
  await far.close()
}, 120_000)
