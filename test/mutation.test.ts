/**
 * The tester tested: every kind of fault is planted in a small machine and found, what changes nothing is proven to change
 * nothing, and a suite that lacks a path is told which. Of the real machines `parley paths` judges a sample, with `--mutants` all.
 */
import { describe, expect, test } from 'vitest'
import { type AnyStateMachine, assign, createMachine, fromPromise } from 'xstate'
import type { AskRules } from '../machines/asks.ts'
import { type Context, initialContext } from '../machines/context.ts'
import { type Definition, define, definitions, latestDefinition, shapeRows } from '../machines/definitions.ts'
import { ConversationEvent } from '../machines/events.ts'
import type { Step } from './drive.ts'
import { askedForOf } from './paths/asked-for.ts'
import { happenings } from './paths/catalogue.ts'
import type { Path } from './paths/line.ts'
import { chartOf } from './paths/mutation/chart.ts'
import { everyHappening } from './paths/mutation/every-happening.ts'
import { at, type Everywhere } from './paths/mutation/everywhere.ts'
import { born, type Mutant, mutantKinds, mutantOf } from './paths/mutation/mutant.ts'
import { mutantsOf } from './paths/mutation/mutants.ts'
import { concerns, difference, questionsOn } from './paths/mutation/questions.ts'
import { scoreOf, scoreText } from './paths/mutation/score.ts'
import { inTurns, partOf } from './paths/mutation/strength.ts'
import { strykerReport } from './paths/mutation/stryker-report.ts'
import { type Means, type Verdict, verdictsOn } from './paths/mutation/verdict.ts'

const asks: AskRules = { inputs: { ring: () => ({}) }, withinMs: () => 1_000, undo: {} }
const tell = (text: string) => () => [{ type: 'sendMessage', payload: { purpose: text, text } }]
const count = assign(({ context }: { context: Context }) => ({ wrongAnswers: context.wrongAnswers + 1 }))

/** Rings, talks until it was written to twice, and is over. It has every part that a fault can be planted in. */
const small = define(
  createMachine(
    {
      id: 'small',
      context: initialContext as never,
      initial: 'idle',
      on: { 'effect.failed': { actions: 'silence' } },
      states: {
        idle: { on: { 'message.received': { target: 'ringing', actions: ['greet', 'count'] } } },
        ringing: {
          id: 'ringing',
          entry: 'enter',
          exit: 'leave',
          invoke: {
            id: 'ring',
            src: 'ring',
            onDone: [{ guard: 'taken', target: 'talking', actions: 'count' }, { target: 'idle' }],
            onError: 'over',
          },
          after: { patience: 'idle' },
        },
        talking: {
          id: 'talking',
          initial: 'first',
          on: {
            'message.received': [{ guard: 'often', target: 'over', actions: ['greet', 'part'] }, { actions: 'count' }],
            'task.closed': { target: 'over', actions: 'part' },
          },
          after: { idleness: 'over' },
          states: { first: { on: { 'receipt.updated': 'read' } }, read: {} },
        },
        over: { always: { guard: 'often', target: 'gone' } },
        gone: {},
      },
    } as never,
    {
      actors: { ring: fromPromise(() => new Promise(() => {})) },
      actions: {
        ...{ greet: tell('greet'), part: tell('part'), enter: tell('enter'), leave: tell('leave') },
        ...{ silence: () => [], count },
      },
      guards: {
        taken: ({ event }: { event: unknown }) => (event as { output: { taken: boolean } }).output.taken,
        often: ({ context }: { context: unknown }) => (context as Context).wrongAnswers > 2,
      },
      delays: { patience: 1_000, idleness: 2_000, eternity: 3_000 },
    } as never,
  ) as unknown as AnyStateMachine,
  ConversationEvent,
  asks,
)

const says: Step = { says: 'Hi' }
const taken: Step = { answers: 'ring', with: { taken: true } }
const every: Step[] = [
  ...[says, taken, { answers: 'ring', with: { taken: false } }, { fails: 'ring' }],
  ...([{ timer: 'patience' }, { timer: 'idleness' }, { receipt: 'Read' }] as Step[]),
  ...([{ task: 'closed' }, { task: 'created' }, { lost: 'sendMessage' }] as Step[]),
]
const path = (...steps: Step[]): Path => ({ id: JSON.stringify(steps), policy: 'waits', steps })
/** Every step after every other, four deep at most, from where the first three have led. */
const ways: Step[][] = [
  [],
  [says],
  [says, taken],
  [says, taken, says],
  [says, taken, says, says],
  [says, taken, says, { task: 'closed' }],
]
const thorough = ways.flatMap((way) => every.map((step) => path(...way, step)))
const nowhereElse = (exhausted = true): Everywhere => ({
  records: ways.map((steps) => at(small, 'waits', steps)),
  catalogue: () => every.map((step) => ({ step })),
  exhausted,
})
const means = (paths: Path[], more: Partial<Means> = {}): Means => ({ paths, everywhere: () => nowhereElse(), ...more })
const told = (verdicts: Verdict[], id: string): Verdict => verdicts.find(({ mutant }) => mutant.id.startsWith(id))!

describe('A fault planted in a small machine', () => {
  const verdicts = verdictsOn(small, mutantsOf(small), means(thorough))

  test.each(mutantKinds)('of the kind "%s" is found on some path', (kind) => {
    const killed = verdicts.filter(({ mutant, status }) => mutant.kind === kind && status === 'killed')
    expect(killed.map(({ mutant }) => mutant.id)).not.toEqual([])
  })

  test('is found wherever it is planted, unless it changes nothing', () => {
    const left = verdicts.filter(({ status }) => status !== 'killed' && status !== 'equivalent')
    expect(left.map(({ mutant, told }) => [mutant.id, told?.steps])).toEqual([])
  })

  test('that changes nothing is proven equivalent: a tell that says nothing, left out', () => {
    expect(told(verdicts, 'drop action: silence')).toMatchObject({ status: 'equivalent' })
    expect(told(verdicts, 'tell is silent: silence')).toMatchObject({ status: 'equivalent' })
  })

  test('has an id of its own, and a place in the chart', () => {
    expect(new Set(verdicts.map(({ mutant }) => mutant.id)).size).toBe(verdicts.length)
    expect(told(verdicts, 'drop guard: taken').mutant.at).toEqual({ state: 'ringing', event: 'ring done', index: 0 })
  })

  test('that XState refuses at creation is stillborn, not killed', () => {
    const nowhere = mutantOf(chartOf(small.machine), {
      ...{ kind: 'retarget transition', change: 'nowhere', path: ['idle'] },
      changed: (state) => ({ ...state, always: [{ target: 'nowhere', actions: [] }] }),
    })
    const judged = verdictsOn(small, [nowhere], means(thorough))
    expect(judged).toMatchObject([{ status: 'stillborn' }])
    expect(scoreOf('small', judged)).toMatchObject({ stillborn: 1, live: 0, traces: { killed: 0 } })
  })
})

describe('A suite that lacks a path', () => {
  const poor = verdictsOn(small, mutantsOf(small), means([path(says)]))

  test('is told the shortest steps that would tell the fault', () => {
    expect(told(poor, 'drop guard: taken')).toMatchObject({
      ...{ status: 'survived' },
      told: { facet: 'state', steps: [says, { answers: 'ring', with: { taken: false } }] },
    })
    expect(scoreText(scoreOf('small', poor))).toContain(
      'lacks a path (waits): drop guard: taken @ ringing · ring done #0',
    )
  })

  test('scores less, and the path it lacked kills what it let live', () => {
    const rich = verdictsOn(
      small,
      mutantsOf(small),
      means([path(says), path(...told(poor, 'drop guard: taken').told!.steps)]),
    )
    expect(told(rich, 'drop guard: taken').status).toBe('killed')
    expect(scoreOf('small', rich).traces.killed).toBeGreaterThan(scoreOf('small', poor).traces.killed)
  })

  test('proves nothing by a search that its bound cut off', () => {
    const judged = verdictsOn(small, mutantsOf(small), means([path(says)], { everywhere: () => nowhereElse(false) }))
    expect(told(judged, 'drop action: silence')).toMatchObject({ status: 'not proven' })
    expect(judged.filter(({ status }) => status === 'equivalent')).toEqual([])
  })
})

describe('Invariants alone', () => {
  /** Who talks is not waited for for ever. */
  const judge: Means['judge'] = (drive) => {
    const fault = () =>
      drive.history.at(-1)?.state.startsWith('talking') && drive.timers().length === 0 ? 'talks for ever' : undefined
    return { soFar: fault, inTheEnd: fault }
  }
  const judged = verdictsOn(small, mutantsOf(small), means(thorough, { judge }))

  test('kill what breaks a rule, and only that', () => {
    expect(told(judged, 'drop after: idleness')).toMatchObject({ broken: 'talks for ever' })
    expect(told(judged, 'drop action: greet').broken).toBeUndefined()
  })

  test('are scored apart from the traces', () => {
    const { traces, invariants } = scoreOf('small', judged)
    expect(invariants!.killed).toBeGreaterThan(0)
    expect(invariants!.score).toBeLessThan(traces.score)
  })
})

test('Mutants that threads share are every mutant once, in their order', () => {
  const mutants = mutantsOf(small)
  const parts = [0, 1, 2].map((turn) => partOf(mutants, { turn, of: 3 }))
  expect(Math.min(...parts.map(({ length }) => length))).toBeGreaterThan(10)
  expect(inTurns(parts)).toEqual(mutants)
})

describe("The report in Stryker's schema", () => {
  const verdicts = verdictsOn(small, mutantsOf(small), means([path(says)]))
  const { files, ...head } = strykerReport([{ definition: small, verdicts }])
  const { source, mutants, language } = files['machines/small.json']!

  test('has what the schema asks for, every mutant once', () => {
    expect(head).toEqual({ schemaVersion: '2', thresholds: { high: 100, low: 80 } })
    expect(language).toBe('json')
    expect(mutants.map(({ id }) => id)).toEqual(verdicts.map(({ mutant }) => mutant.id))
    expect(new Set(mutants.map(({ status }) => status))).toEqual(new Set(['Killed', 'Survived', 'Ignored']))
  })

  test('locates a mutant at its event in the chart', () => {
    const { location } = mutants.find(({ id }) => id.startsWith('drop guard: often @ talking'))!
    const lines = source.split('\n').slice(location.start.line - 1, location.end.line)
    expect(lines[0]).toContain('"message.received": [')
    expect(lines.join('\n')).toContain('"guard": "often"')
    expect(lines.at(-1)).toMatch(/^\s*\],?$/)
  })
})

const newest = [...new Set(definitions.map(({ id }) => id))].map((id) => latestDefinition(id)!)
/** A share of all ways into all states, so that the whole of it is quick. */
const some = (definition: Definition, one_in: number) =>
  questionsOn(
    definition,
    everyHappening(definition, happenings).filter((_, index) => index % one_in === 0),
  )

test.each(newest)('The machine $id, spelled out, is the same machine: same shape, same answers', (definition) => {
  const unchanged: Mutant = mutantOf(chartOf(definition.machine), { kind: 'drop action', change: 'nothing', path: [] })
  const same = born(definition, unchanged)!
  expect(shapeRows(same.machine)).toEqual(shapeRows(definition.machine))
  expect(some(definition, 100).filter((question) => difference(same, question) !== undefined)).toEqual([])
})

test('Each path that a fault asked for tells that fault from the machine without it', () => {
  const left = newest.flatMap((definition) => {
    const mutants = new Map(mutantsOf(definition).map((mutant) => [mutant.id, mutant]))
    return askedForOf(definition.id).filter(({ because, ...path }) => {
      const mutant = mutants.get(because)
      const machine = mutant && born(definition, mutant)
      if (machine === undefined) return true
      return questionsOn(definition, [{ id: because, ...path }]).every((one) => difference(machine, one) === undefined)
    })
  })
  expect(left.map(({ machine, because }) => `${machine}: ${because}`)).toEqual([])
})

test('A question that a fault does not concern is answered alike by the mutant', () => {
  const sms = latestDefinition('sms')!
  const questions = some(sms, 150)
  const wrong = mutantsOf(sms)
    .filter((_, index) => index % 100 === 0)
    .flatMap((mutant) => {
      const machine = born(sms, mutant)!
      const unconcerned = questions.filter((question) => !concerns(mutant, question))
      return unconcerned
        .filter((question) => difference(machine, question))
        .map(({ hears }) => `${mutant.id}: ${hears}`)
    })
  expect(wrong).toEqual([])
})
