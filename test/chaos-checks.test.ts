/**
 * The checks of a chaos run, on histories written by hand: a clean one is accepted, and each way of spoiling it is refused by
 * the rule that it breaks.
 */
import { describe, expect, test } from 'vitest'
import { definitions, latestDefinition } from '../machines/definitions.ts'
import { random } from '../runtime/random.ts'
import { violationsOf } from '../scenarios/chaos/checks/check.ts'
import type { History } from '../scenarios/chaos/history.ts'
import { newerBuild } from '../scenarios/chaos/newer-build.ts'
import { rollOut } from '../scenarios/chaos/roll-out.ts'
import { placeOf, schedule } from '../scenarios/chaos/schedule.ts'
import { actor, cleanHistory } from './chaos-history.ts'

const spoiled = (spoil: (history: History) => void): History => {
  const history = cleanHistory()
  spoil(history)
  return history
}
const entryWith = ({ journal }: History, words: string): number =>
  journal.findIndex(({ entry }) => JSON.stringify(entry.data).includes(words))
const renumber = (history: History): void => {
  history.journal = history.journal.map(({ entry }, index) => ({ sequence: index + 1, entry }))
}
const newerNameOf = (state: string) => state.replace('queued', 'awaitingAgent')
/** A rolling upgrade half-way: the turns from `first` on are of the newer version. */
const migrate = ({ turns }: History, first: number): void => {
  for (const [index, { record }] of turns.entries()) {
    if (index < first) continue
    record.machine = { ...record.machine, version: '3' }
    // What it was before is told in the words of the version before.
    if (index > first) record.before = newerNameOf(record.before)
    record.state = newerNameOf(record.state)
  }
}
const swap = <Item>(items: Item[], a: number, b: number): void => {
  const [first, second] = [items[a]!, items[b]!]
  items[a] = second
  items[b] = first
}

describe('The checks accept', () => {
  const accepted: [what: string, spoil: (history: History) => void][] = [
    ['a history in which everything went right', () => {}],
    [
      'E114: a call that was made again, with the same key and body',
      ({ calls }) => calls.push({ ...calls[2]!, at_ms: calls[2]!.at_ms + 5_000 }),
    ],
    [
      'T9: a message that became a dead letter',
      (history) => {
        history.accepted.push({ ...history.accepted[0]!, eventId: 'tid-99' })
        const content = { id: 'tid-99' }
        history.deadLetters.push({ kind: 'poison', actor, reason: '', at: '', attempts: 1, content })
      },
    ],
    [
      'a message whose effect was given up, with its dead letter',
      (history) => {
        history.outcomes[3]!.outcomes[0]!.status = 'failed'
        const { effects } = history.turns[3]!.record
        history.deadLetters.push({ kind: 'effect', actor, reason: '', at: '', attempts: 9, content: effects[0] })
        history.journal.splice(entryWith(history, '#1.2'), 1)
      },
    ],
    ['T8, E117: a conversation that was migrated in a state of another name', (history) => migrate(history, 6)],
    ['T8, E117: a conversation that began on the newer version', (history) => migrate(history, 0)],
  ]
  test.each(accepted)('%s', (_, spoil) => {
    expect(violationsOf(spoiled(spoil))).toEqual([])
  })
})

describe('The checks refuse', () => {
  const refused: [what: string, verdict: string, spoil: (history: History) => void][] = [
    ['T1: a lost turn', 'T1: turn 6 follows turn 4', ({ turns }) => turns.splice(4, 1)],
    ['T1: a chain that does not begin at the beginning', 'T1: begins with turn 2', ({ turns }) => turns.splice(0, 1)],
    [
      'T1: two turns with one number',
      'T1: turn 5 follows turn 5',
      ({ turns }) => Object.assign(turns[5]!.record, { turn: 5 }),
    ],
    [
      'T1: inputs turned in another order than they were stored',
      'T1: INBOX 15 was turned after INBOX 16',
      ({ turns }) => {
        const [a, b] = [turns[5]!.record, turns[6]!.record]
        ;[a.input, b.input] = [b.input, a.input]
      },
    ],
    [
      'T1: a turn decided on another record',
      'T1: begins in noConversation.menu',
      ({ turns }) => Object.assign(turns[6]!.record, { before: 'noConversation.menu' }),
    ],
    [
      'E1: an event turned twice',
      'T1: one event was turned twice',
      ({ turns }) => Object.assign(turns[6]!.record, { cause: turns[3]!.record.cause }),
    ],
    [
      'T3: a call that no turn asks for',
      'T3: a call that no stored turn asks for',
      ({ calls }) => calls.push({ ...calls[0]!, key: `${actor}.5.0`, body: 'another' }),
    ],
    [
      'T3: another call than the turn asks for',
      'T3: the effect is createConversation',
      ({ calls }) => Object.assign(calls[1]!, { path: '/engage/v1/closeConversation' }),
    ],
    ['T4: a call before its turn was stored', 'T4: came', ({ calls }) => Object.assign(calls[3]!, { at_ms: 0 })],
    [
      'T6: one key for two bodies',
      'T6: one key was used for two bodies',
      ({ calls }) => calls.push({ ...calls[2]!, body: 'another' }),
    ],
    ['T6: a call without a key', 'T6: a call without a key', ({ calls }) => calls.push({ ...calls[2]!, key: '' })],
    [
      'T6: an effect carried out twice',
      'T6: was carried out 2 times',
      (history) => {
        history.journal.push(history.journal[entryWith(history, '#1.2')]!)
        renumber(history)
      },
    ],
    ['T9: an effect that was never ended', 'T9: sendMessage was never ended', ({ outcomes }) => outcomes.splice(2, 1)],
    [
      'T9: an effect that counts as done, and nobody was called',
      'T9: sendMessage counts as done, and nobody was called',
      ({ calls }) => calls.splice(2, 1),
    ],
    [
      'T9: an effect that counts as done, and the desk knows nothing of it',
      'T9: sendMessage counts as done, and the desk knows nothing',
      ({ journal }) => journal.splice(2, 1),
    ],
    [
      'T9: a swallowed message',
      'T9: a message was answered 200',
      (history) => history.accepted.push({ ...history.accepted[0]!, eventId: 'tid-99', token: '#1.9' }),
    ],
    [
      'T9: a message that was turned and reached no transcript',
      'T9: a message stands in the transcripts 0 times',
      ({ turns }) => Object.assign(turns[6]!.record.cause, { data: { text: '#1.9 Other words' } }),
    ],
    [
      'T1: two messages in the transcript in another order than they were turned',
      'T1: two messages stand',
      (history) => {
        swap(history.journal, entryWith(history, '#1.2'), entryWith(history, '#1.3'))
        renumber(history)
      },
    ],
    [
      'T1: a message turned before one that was answered before it was sent',
      'T1: a message was turned before one',
      ({ accepted: [, second, third] }) => {
        third!.answered_ms = second!.sent_ms - 1
        third!.sent_ms = second!.sent_ms - 2
      },
    ],
    [
      'a notice that was said twice under two keys',
      'once: "created" was said 2 times',
      (history) => {
        const told = history.journal[entryWith(history, ':created')]!
        const asked = { ...told.entry.asked!, key: `${actor}.5.0` }
        history.journal.push({ ...told, entry: { ...told.entry, asked } })
      },
    ],
    [
      'two open tasks of one conversation',
      'once: a task was created while',
      (history) => {
        const index = entryWith(history, '"state":"QUEUED"')
        const created = structuredClone(history.journal[index]!)
        if (created.entry.type === 'taskCreated') created.entry.data.task.taskId = 'another'
        history.journal.splice(index + 1, 0, created)
        renumber(history)
      },
    ],
    [
      'two open conversations of one customer',
      'once: a conversation was created while',
      (history) => {
        const index = entryWith(history, '#1.1')
        const created = structuredClone(history.journal[index]!)
        if (created.entry.type === 'conversationCreated') created.entry.data.conversation.conversationId = 'ANOTHER'
        history.journal.splice(index + 1, 0, created)
        renumber(history)
      },
    ],
    [
      'a conversation that is stuck',
      'stuck: is still in inQueue.queued',
      ({ turns }) => Object.assign(turns.at(-1)!.record, { state: 'inQueue.queued' }),
    ],
    [
      'an event that nobody turns',
      'stuck: an event waits',
      ({ waiting }) => waiting.push({ actor, sequence: 99, id: 'event-99' }),
    ],
    [
      'a task left open at the desk',
      'stuck: is still QUEUED at the desk',
      (history) => history.journal.splice(entryWith(history, '"state":"CLOSED"'), 1),
    ],
    [
      'a conversation left open at the desk',
      'stuck: is still InQueue at the desk',
      (history) => history.journal.splice(entryWith(history, '"status":"Closed"'), 1),
    ],
    [
      'a record in clear where all is encrypted',
      'at rest: is stored in clear',
      ({ inClear }) => inClear.push('TURNS 4'),
    ],
    [
      'T8: a conversation that went back to the version before',
      'T8: sms went from version 3 to 2',
      (history) => {
        migrate(history, 6)
        history.turns[7]!.record.machine.version = '2'
      },
    ],
    [
      'T8: a conversation that was migrated where it had to stay',
      'T8: live-chat went from version 2 to 3',
      (history) => {
        for (const { record } of history.turns) record.machine = { ...record.machine, id: 'live-chat' }
        migrate(history, 6)
      },
    ],
    [
      'T8: a conversation that was migrated into another state',
      'T1: begins in noConversation.menu',
      (history) => {
        migrate(history, 6)
        history.turns[6]!.record.before = 'noConversation.menu'
      },
    ],
    [
      'T8: an event that still waits for a build that can restore its conversation',
      'T8: an event waits for a build',
      ({ deadLetters }) => {
        const content = { id: 'tid-99' }
        deadLetters.push({ kind: 'record', actor, reason: '', at: '', attempts: 1, content })
      },
    ],
  ]
  test.each(refused)('%s', (_, verdict, spoil) => {
    const verdicts = violationsOf(spoiled(spoil)).map(({ rule, what }) => `${rule}: ${what}`)
    expect(verdicts).toContainEqual(expect.stringContaining(verdict))
  })

  test('with the actor and the records that are to blame, and without a word of the customer', () => {
    const [violation] = violationsOf(spoiled(({ turns }) => turns.splice(4, 1)))
    expect(violation).toEqual({
      rule: 'T1',
      actor,
      what: 'turn 6 follows turn 4',
      records: ['TURNS 4', 'TURNS 6'],
    })
  })
})

describe('The schedule of troubles', () => {
  const length_ms = 300_000
  const of = (seed: number) => schedule(random(seed), length_ms, 4, 3)

  test('is the same for the same seed, and another for another', () => {
    expect(of(7)).toEqual(of(7))
    expect(of(7)).not.toEqual(of(8))
  })

  test('gives no target a new trouble before the last one is over, and one broker at a time', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const over_ms = new Map<string, number>()
      for (const { at_ms, kind, target, for_ms } of of(seed)) {
        const place = placeOf({ kind, target })
        expect(at_ms, `seed ${seed}`).toBeGreaterThan(over_ms.get(place) ?? -1)
        over_ms.set(place, at_ms + for_ms)
      }
      expect(over_ms.size).toBe(5)
    }
  })
})

describe('A rolling upgrade of the chaos', () => {
  test('takes each node once, spread over the load, in an order that the seed decides', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const steps = rollOut(random(seed), 4)
      expect(steps, `seed ${seed}`).toEqual(rollOut(random(seed), 4))
      expect(steps.map(({ target }) => target).sort()).toEqual([0, 1, 2, 3])
      expect(steps.map(({ share }) => share)).toEqual([0.2, 0.4, 0.6, 0.8])
    }
    const orders = [1, 2, 3, 4, 5].map((seed) =>
      rollOut(random(seed), 4)
        .map(({ target }) => target)
        .join(),
    )
    expect(new Set(orders).size).toBeGreaterThan(1)
  })

  test('T8: rolls out newer versions of another shape, and has a way for every conversation that is open', () => {
    for (const before of definitions) {
      const newer = latestDefinition(before.id, newerBuild.definitions)!
      expect(newer).toMatchObject({ id: before.id, version: String(Number(before.version) + 1) })
      expect(newer.shape).not.toBe(before.shape)
      const stays = newerBuild.definitions.includes(before)
      const migrates = newerBuild.migrations.some(({ machine, to }) => machine === before.id && to === newer.version)
      expect([stays, migrates]).toEqual(stays ? [true, false] : [false, true])
    }
  })
})
