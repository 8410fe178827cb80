/**
 * Paths generated from each machine cover everything that can be reached, and go as approved turn by turn. The verb
 * `parley paths` holds the invariants on every path besides, and disturbs some of them.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { latestDefinition } from '../machines/definitions.ts'
import { expectApproved } from './approved.ts'
import { startBrowser } from './browser.ts'
import { plain, type Step } from './drive.ts'
import { approvedFile, differenceOf } from './paths/approved-traces.ts'
import { asItIs } from './paths/as-it-is.ts'
import { happenings } from './paths/catalogue.ts'
import { walks } from './paths/cover.ts'
import { goalsOf, ownGoals, reachable } from './paths/goals.ts'
import { Judge, violations } from './paths/invariants.ts'
import { junitOf } from './paths/junit.ts'
import { driveFast, played, plays } from './paths/line.ts'
import { memoriesOf } from './paths/memories.ts'
import { born } from './paths/mutation/mutant.ts'
import { mutantsOf } from './paths/mutation/mutants.ts'
import { judgedBy, strengthBy } from './paths/mutation/strength.ts'
import { pageOf } from './paths/page/page.ts'
import { playerOn, treeOf } from './paths/player.ts'
import { repeatOf } from './paths/repeat.ts'
import { repeatsOf } from './paths/repeats.ts'
import { replayed } from './paths/replayed.ts'
import { coverageOf, machines, type Report } from './paths/report.ts'
import type { Edge, Place } from './paths/search.ts'
import { shrunk } from './paths/shrink.ts'
import { suiteOf, usual_seed } from './paths/suite.ts'
import { sequence } from './paths/table.ts'
import { tracesOf } from './paths/traces.ts'
import { walkedBy } from './paths/walked.ts'

const paths_max = 400
/** Survivors of a sample are not proven equivalent, so it is below 1. */
const strength_min = 0.7
const generation_ms_max = 120_000

describe.each(machines)('Paths of %s', (machine) => {
  test(
    'reach every state, transition, pair of transitions and event in every state that can be reached',
    () => {
      const suite = suiteOf(machine, usual_seed)
      const ratios = Object.values(coverageOf(suite)).map(({ ratio }) => ratio)
      expect(ratios).toEqual(ratios.map(() => 1))
      expect(suite.paths.length).toBeLessThan(paths_max)
      if (machine !== 'email') return
      const sample = { seed: usual_seed, one_in: 100 }
      const strength = strengthBy(machine, judgedBy(suite, sample), sample)
      expect(strength.live).toBeGreaterThan(5)
      expect(strength.score, JSON.stringify(strength.survivors)).toBeGreaterThan(strength_min)
      expect(strength.invariantScore, 'by the rules of the domain alone').toBeGreaterThan(strength_min)
    },
    generation_ms_max,
  )
})

test.each(machines)(
  'the walks of %s reach all that its search promised: no two places are taken for one',
  (machine) => {
    const { goals, graphs } = suiteOf(machine, usual_seed)
    expect(goals).toEqual(reachable(graphs.map(({ graph }) => graph)))
  },
)

test.each(machines)('every turn on the paths of %s goes as somebody approved it', (machine) => {
  const text = tracesOf(suiteOf(machine, usual_seed))
  expectApproved(fileURLToPath(approvedFile(machine)), text, `what the paths of ${machine} come to`)
})

describe('Paths that are made for some criteria', () => {
  test.each([[['transitions']], [['states', 'stateEvent']]] as const)(
    'reach all of %s, and are fewer than those that are made for all',
    (cover) => {
      const whole = suiteOf('email', usual_seed)
      const some = suiteOf('email', usual_seed, cover)
      const coverage = coverageOf(some)
      expect(cover.map((criterion) => coverage[criterion].ratio)).toEqual(cover.map(() => 1))
      expect(coverage.pairs.ratio).toBeLessThan(1)
      expect(coverage.pairs.total).toBe(coverageOf(whole).pairs.total)
      expect(some.paths.length).toBeLessThan(whole.paths.length)
    },
  )

  test('have ids of their own, by which each is found again', () => {
    const { paths } = suiteOf('email', usual_seed, ['states', 'transitions'])
    expect(paths[0]!.id).toBe('email/states+transitions/waits/1')
    expect(replayed(paths[0]!.id, usual_seed)?.steps.map(({ step }) => step)).toEqual(paths[0]!.steps)
  })
})

test('a suite by another seed is other paths of the same coverage, and does not alarm', () => {
  const { seed, paths, disturbed, uncovered, violations } = repeatOf('email', 2)
  const other = suiteOf('email', seed)
  expect(other.paths).not.toEqual(suiteOf('email', usual_seed).paths)
  expect(paths).toBe(other.paths.length)
  expect([...uncovered, ...violations]).toEqual([])
  expect(disturbed).toBeGreaterThan(50)
})

test(
  'made in a thread of its own, such a suite is the same',
  async () => {
    const told: string[] = []
    const repeats = await repeatsOf(['email'], [2], (machine, { seed }) => void told.push(`${machine} ${seed}`))
    expect(repeats).toEqual([{ machine: 'email', repeats: [repeatOf('email', 2)] }])
    expect(told).toEqual(['email 2'])
  },
  generation_ms_max,
)

test('a turn that goes otherwise than approved is told with its state, as it was and as it is', () => {
  const approved = ['m: 1 paths, 2 steps  #1', '', 'idle', '  says Hi → menu  #2', '  says  → ignored  #3', ''].join(
    '\n',
  )
  expect(differenceOf(approved, approved.replace('menu  #2', 'queue, createTask  #4'))).toEqual([
    '- idle: says Hi → menu  #2',
    '+ idle: says Hi → queue, createTask  #4',
  ])
})

test('one payload that is another changes the traces, and the line of its turn', () => {
  const { machine, paths } = suiteOf('email', usual_seed)
  const [path] = paths
  const [first, ...rest] = path!.steps
  const other = { ...path!, steps: [{ ...first, says: 'Other words' } as Step, ...rest] }
  const words = tracesOf({ machine, paths: [path!] })
  expect(differenceOf(words, tracesOf({ machine, paths: [other] })).length).toBeGreaterThan(1)
})

test.each(machines)('the walks of the console’s chart of %s are those of its paths', (machine) => {
  const path = join(import.meta.dirname, `../machines/${machine}.paths.json`)
  const text = `${JSON.stringify(walkedBy(suiteOf(machine, usual_seed)), null, 2)}\n`
  expectApproved(path, text, `how often the paths of ${machine} go each way`)
})

test('a turn that never happens is tried a few times and then left alone, and all others are walked', () => {
  const [start, there] = ['', 'there'].map((state): Place => ({ key: state, state, out: [] }))
  const edge = (name: string, from: Place, to: Place): Edge => {
    const happening = { name, step: { says: name } }
    const one = { from, to, taken: [name], happening, goals: ownGoals(from.state, happening, to.state, [name]) }
    from.out.push(one)
    return one
  }
  for (const [name, from, to] of [
    ['go', start, there],
    ['stay', there, there],
    ['never', there, there],
  ] as const)
    edge(name, from!, to!)
  let tries = 0
  const begin = () => {
    const walk: Edge[] = []
    const last = () => walk.at(-1)?.taken[0] ?? ''
    return {
      walk,
      take(turn: Edge) {
        if (turn.happening.name === 'never') return void tries++
        const goals = goalsOf(last(), turn)
        walk.push(turn)
        return goals
      },
      at: () => ({ place: walk.at(-1)?.to.key ?? '', last: last(), steps: walk.length }),
    }
  }
  const graph = { start: start!, places: [start!, there!], exhausted: true }
  const open = reachable([graph])
  const done = walks(graph, open, ({ out }) => out, begin)
  expect(done.map(({ walk }) => walk.map(({ happening }) => happening.name))).toEqual([['go', 'stay', 'stay']])
  expect([...open].filter((goal) => !goal.includes('never'))).toEqual([])
  expect(tries).toBeLessThan(20)
})

describe('What paths have in common is walked once', () => {
  const email = latestDefinition('email')!
  const oneIn = <One>(some: number, list: One[]): One[] => list.filter((_, index) => index % some === 0)

  test('and each goes as it goes alone, every turn decided twice from JSON', () => {
    for (const path of oneIn(20, suiteOf('email', usual_seed).paths)) {
      const { history } = memoriesOf('email', path).at(-1)!
      expect(plain(history)).toEqual(plain(played('email', path).history))
    }
  })

  test('up to where they part', () => {
    const tree = treeOf('email', 'waits')
    const [first, ...others] = happenings('email', driveFast(email, 'waits')).slice(0, 3)
    const parted = others.map((other) => {
      const player = playerOn(tree)
      for (const happening of [first!, other]) player.take({ happening })
      return player.played(other.name).path
    })
    const [one, another] = parted.map((path) => memoriesOf('email', path))
    expect(one![1]).toBe(another![1])
    for (const path of parted) {
      const [together, alone] = [path, { ...path }].map((one) => memoriesOf('email', one).at(-1)!.history)
      expect(together).toEqual(alone)
      expect(together!.map(({ step }) => step)).toEqual(path.steps)
    }
  })

  test('and judged once, with the verdict of all of it on each', () => {
    const { paths } = suiteOf('email', usual_seed)
    const found = oneIn(60, mutantsOf(email)).flatMap((mutant) =>
      oneIn(40, paths).flatMap(({ policy, steps }) => {
        const conversation = driveFast(asItIs(born(email, mutant)!), policy)
        for (const step of steps) plays(conversation, step)
        const { history } = conversation
        const judge = new Judge(conversation).hear(history.slice(0, history.length / 2))
        const [whole, again] = [judge.copy(), judge.copy()].map((copy) => copy.hear(history).violations())
        expect([whole, again]).toEqual([violations(conversation), violations(conversation)])
        return whole!
      }),
    )
    expect(found.length, 'where nothing breaks this says nothing').toBeGreaterThan(5)
  })
})

describe('The report', () => {
  const steps: Step[] = [{ says: 'Hi <b>' }, { task: 'routed' }]
  const broken = { found: 'A5: turn 2, "x" & y', id: 'email/waits/1', path: 'email', policy: 'waits' as const, steps }
  const strength = {
    ...{ score: 1, invariantScore: 0.9, mutants: 2, live: 2, equivalent: 0, stillborn: 0 },
    survivors: [],
  }
  const report = (): Report => {
    const suite = suiteOf('email', usual_seed)
    return {
      ...{ machine: 'email', seed: usual_seed, cover: suite.cover, paths: suite.paths.length, steps: 9 },
      coverage: coverageOf(suite),
      ...{ unreachable: suite.unreachable, disturbances: { swapped: 3 }, mutation: { ...strength, judged: 'all' } },
      traces: { asApproved: true, differ: [] },
      violations: [{ ...broken, disturbance: 'undisturbed' }],
    }
  }

  test(
    'as a page draws the statechart by what is covered, and shows the paths behind a line of it',
    async () => {
      const file = join(mkdtempSync(join(tmpdir(), 'paths-')), 'paths.html')
      writeFileSync(file, await pageOf([{ report: report(), suite: suiteOf('email', usual_seed) }]))
      const browser = await startBrowser()
      const { page, faults } = await browser.open(`file://${file}`)
      const lines = page.locator('text[data-transitions]')
      expect(await lines.count()).toBeGreaterThan(50)
      expect(await page.locator('text.missed').count()).toBe(0)
      await lines.first().click({ force: true })
      expect(await page.locator('.paths li').count()).toBeGreaterThan(0)
      expect(await page.locator('.broken li').allTextContents()).toEqual(steps.map((step) => JSON.stringify(step)))
      expect(faults).toEqual([])
      await browser.close()
      rmSync(dirname(file), { recursive: true })
    },
    generation_ms_max,
  )

  test('for CI is JUnit: a case a criterion, and a failure with its shortest steps', () => {
    const xml = junitOf([report()])
    expect(xml).toContain('<testsuites tests="7" failures="1">')
    expect(xml).toContain(
      '<failure message="A5: turn 2, &#34;x&#34; &#38; y">parley paths --seed 1 --replay email/waits/1',
    )
    expect(xml).not.toContain('<b>')
  })
})

describe('What is wrong with a path', () => {
  const breaks = (steps: Step[]) => steps.some((step) => 'says' in step && step.says === 'b')

  test('is shrunk to the steps that show it', () => {
    const steps = ['a', 'a', 'b', 'c', 'd'].map((says) => ({ says }))
    expect(shrunk(steps, breaks)).toEqual([{ says: 'b' }])
  })

  test('is drawn, one arrow a step', () => {
    expect(sequence([{ says: 'Hi' }, { task: 'routed' }, { timer: 'menuTimeout' }])).toEqual([
      'sequenceDiagram',
      '  Customer->>Conversation: says Hi',
      '  Routing->>Conversation: task routed',
      '  Clock->>Conversation: timer menuTimeout',
    ])
  })
})
