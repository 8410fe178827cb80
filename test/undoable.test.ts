/**
 * Which answers carry what was asked: those of asks that can be undone, as the machine's own rules say (T10). One effect
 * through transmit, with nothing around it.
 */

import { expect, test } from 'vitest'
import { conversationAsks } from '../machines/asks.ts'
import { latestDefinition } from '../machines/definitions.ts'
import { askTypes } from '../machines/effects.ts'
import { presets } from '../machines/policy.ts'
import { activity } from '../runtime/activity.ts'
import { breaker } from '../runtime/breaker.ts'
import type { Envelope } from '../runtime/envelope.ts'
import { openLog } from '../runtime/log.ts'
import type { TurnRecord } from '../runtime/record.ts'
import { type TransmitParts, transmit } from '../runtime/stages/transmit.ts'
import { noTraces } from '../runtime/traces.ts'
import { unlimited } from '../runtime/turnstile.ts'
import { actor, address } from './drive.ts'

const still = { now: () => 0, after: () => () => {}, sleep: async () => {} }

/** What the conversation is told of a call that worked. */
async function answerOf(type: string, definitions: TransmitParts['definitions']): Promise<unknown> {
  const told: Envelope[] = []
  const parts = {
    definitions,
    clock: still,
    wallClock: still,
    adapterFor: () => ({ name: 'far', destination: 'far', handles: [type], perform: async () => ({ done: true }) }),
    breakerFor: () => breaker(still as never),
    turnstileFor: () => unlimited,
    policyOf: () => presets.representative,
    tell: async (_actor: string, envelope: Envelope) => void told.push(envelope),
    setAside: async () => {},
    activity: activity(false),
    traces: noTraces,
    log: openLog('silent'),
    random: () => 0,
  } as unknown as TransmitParts
  const effects = [{ type, payload: { asked: true }, ask: 'theAsk', withinMs: 1_000 }]
  const machine = { id: 'sms', version: '1', shape: '' }
  await transmit(
    parts,
    { actor, address, machine, turn: 1, cause: {}, at: new Date(0).toISOString(), effects } as unknown as TurnRecord,
    1,
    0,
    () => {},
  )
  return (told[0] as unknown as { data: unknown }).data
}

test.each(askTypes)('T10: the answer to %s says what was asked if it can be undone, and only then', async (type) => {
  const said = await answerOf(type, [latestDefinition('sms')!])
  expect(said).toMatchObject({ output: { done: true } })
  expect(Object.hasOwn(said as object, 'input')).toBe(Object.hasOwn(conversationAsks.undo, type))
})

test('T10: asks that make or take up something at a far side can be undone', () => {
  expect(Object.keys(conversationAsks.undo).sort()).toEqual(['createConversation', 'createTask', 'reopenConversation'])
})

test('T10: another machine has other rules', async () => {
  const sms = latestDefinition('sms')!
  const rules = { ...conversationAsks, undo: { ring: () => undefined } }
  expect(await answerOf('ring', [{ ...sms, asks: rules }])).toMatchObject({ input: { asked: true } })
  expect(await answerOf('createTask', [{ ...sms, asks: rules }])).not.toHaveProperty('input')
})
