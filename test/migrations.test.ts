/**
 * restore and decide together, without a broker: a conversation that began on one version goes on with another one, and
 * nothing that it waited for is lost on the way.
 */
import { describe, expect, test } from 'vitest'
import type { Migration } from '../machines/migrations.ts'
import type { Cause } from '../runtime/envelope.ts'
import type { Delivery } from '../runtime/owned-consumer.ts'
import { type Loaded, record_format, type TurnRecord } from '../runtime/record.ts'
import { type Decision, decide, NotRestorable } from '../runtime/stages/decide.ts'
import { type Restored, restore, type Versions } from '../runtime/stages/restore.ts'
import { settle } from '../runtime/stages/settle.ts'
import { actor, address, assetWith, drive, plainSay, type Step } from './drive.ts'
import { between, first, names, rest_ms, second, third, timerOf } from './two-versions.ts'

const toAsking: Step[] = [{ says: 'Hi' }]
const toResting: Step[] = [...toAsking, { answers: 'search', with: {} }]

/** A conversation of the first version, after those steps. */
function begun(steps: Step[]) {
  const conversation = drive(assetWith(), first)
  conversation.play(...steps)
  return conversation.loaded()!
}

/** A build without the first version. */
const later: Versions = { definitions: [third!], migrations: [between('1', '2'), between('2', '3')] }

const restoredWith = (loaded: Loaded, versions: Versions = later) => {
  const restored = restore(loaded, versions)
  if ('reason' in restored) throw new Error(restored.reason)
  return restored
}

const turned = (loaded: Loaded, cause: Cause, versions?: Versions): Decision => {
  const restored = restoredWith(loaded, versions)
  return decide(restored.definition, actor, address, restored.loaded, cause, {
    at_ms: 0,
    asset: assetWith(),
    say: plainSay,
  })
}

const says = (text: string): Cause => ({
  kind: 'event',
  event: { type: 'message.received', id: text, at: '2026-03-02T14:00:00.000Z', text } as never,
  address,
})
const due = (generation: number): Cause => ({ kind: 'timer', timer: timerOf('1'), generation })
const found: Cause = {
  kind: 'answer',
  ask: names[1].ask,
  type: 'searchConversation',
  key: `${actor}.1.0`,
  output: { outcome: 'noConversationFound' },
}
const contextOf = ({ snapshot }: Decision) => (snapshot as unknown as { context: object }).context

describe('E117, T8: a conversation', () => {
  test('stays on the version that it began with while this build has it, wherever migrations lead', () => {
    const loaded = begun(toResting)
    const restored = restore(loaded, { ...later, definitions: [first!, third!] })
    expect(restored).toEqual({ loaded, definition: first })
  })

  const ends: [versions: string, build: Versions, version: string, state: string][] = [
    ['the next one', { ...later, definitions: [second!] }, '2', names[2].resting],
    ['the one after the next, by two migrations', later, '3', names[3].resting],
    ['the nearest of two', { ...later, definitions: [second!, third!] }, '2', names[2].resting],
  ]
  test.each(ends)('goes on with %s when its own is gone', (_, build, version, state) => {
    const decision = turned(begun(toResting), says('still there?'), build)
    expect(restoredWith(begun(toResting), build).loaded.record.machine).toMatchObject({ id: 'sms', version })
    expect(decision).toMatchObject({ before: names[1].resting, state, heard: 'turned' })
    expect(contextOf(decision)).toMatchObject({ [names[version as '2'].words]: ['Hi', 'still there?'] })
  })

  test('keeps its timer: it fires when it was due, under the name that it was armed under', () => {
    const loaded = begun(toResting)
    const { generation, due_ms } = loaded.record.timers[timerOf('1')]!
    expect(due_ms - Date.parse(loaded.record.at)).toBe(rest_ms)
    expect(turned(loaded, says('wait')).timers).toEqual({
      [timerOf('3')]: { armedAs: timerOf('1'), generation, due_ms },
    })
    expect(turned(loaded, due(generation))).toMatchObject({ state: 'over', heard: 'turned', timers: {} })
  })

  test('T10: takes no timer of an earlier generation for it', () => {
    const loaded = begun(toResting)
    const { generation } = loaded.record.timers[timerOf('1')]!
    expect(turned(loaded, due(generation - 1))).toMatchObject({ state: names[3].resting, heard: 'stale' })
  })

  test('T6: gets the answer that it waits for, and T10: no other one', () => {
    const loaded = begun(toAsking)
    expect(turned(loaded, found)).toMatchObject({ state: names[3].resting, heard: 'turned', pending: {} })
    expect(turned(loaded, { ...found, key: `${actor}.1.7` } as Cause)).toMatchObject({ heard: 'stale' })
  })

  test('has its old timer put away, by the name that it is stored under, when it is needed no longer', async () => {
    const { loaded } = restoredWith(begun(toResting))
    const { generation } = loaded.record.timers[timerOf('3')]!
    const over = { ...loaded.record, ...turned(begun(toResting), due(generation)) } as TurnRecord
    const disarmed: string[] = []
    const timers = {
      arm: async () => {},
      putOff: async () => {},
      disarm: async (_: string, name: string) => void disarmed.push(name),
    }
    await settle(timers, { ack: () => {} } as Delivery, over, loaded.record)
    expect(disarmed).toEqual([timerOf('1')])
  })
})

describe('E117, T8: a record is not restored, and stays as it is,', () => {
  const broken: Migration = {
    ...between('1', '2'),
    migrate: () => {
      throw new Error('version 2 knows no pause')
    },
  }
  const refused: [when: string, loaded: Loaded, versions: Versions, reason: string][] = [
    [
      'no chain begins at its version',
      begun(toResting),
      { ...later, migrations: [between('2', '3')] },
      'this build has no machine sms version 1',
    ],
    [
      'the chain ends before a version of this build',
      begun(toResting),
      { ...later, migrations: [between('1', '2')] },
      'this build has no machine sms version 1',
    ],
    [
      'the chain goes in a circle',
      begun(toResting),
      { ...later, migrations: [between('1', '2'), { ...between('2', '3'), to: '1' }] },
      'this build has no machine sms version 1',
    ],
    [
      'a migration throws',
      begun(toResting),
      { ...later, migrations: [broken, between('2', '3')] },
      'the migration of sms from version 1 to 2 failed: version 2 knows no pause',
    ],
    ['it is of a format to come', withFormat(2), later, `the record has format 2, this build reads ${record_format}`],
  ]
  test.each(refused)('when %s', (_, loaded, versions, reason) => {
    expect(restore(loaded, versions)).toEqual({ reason } satisfies Restored)
  })

  test('when XState refuses what a migration gave', () => {
    const astray: Migration = {
      ...between('1', '2'),
      migrate: (stored) => ({ ...stored, snapshot: { ...stored.snapshot, value: 'nowhere' } }),
    }
    const wanted = () => turned(begun(toResting), says('Hi'), { definitions: [second!], migrations: [astray] })
    expect(wanted).toThrow(NotRestorable)
    expect(wanted).toThrow(/the snapshot is not one of sms version 2: .*nowhere/)
  })
})

function withFormat(format: number): Loaded {
  const { record, revision } = begun(toResting)
  return { record: { ...record, format: format as never }, revision }
}
