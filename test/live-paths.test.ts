/**
 * Paths on a running system, step by step beside the machine alone: the ways into every state of all four machines, and some
 * of them on two nodes, of which one is killed, and three brokers; and a few transitions cut by a kill. The whole suites are
 * walked by `parley paths --live` and `--live --cluster`, all transitions cut by `--live --crash`.
 */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { lastOf } from '../runtime/actor-cache.ts'
import { connectBroker } from '../runtime/broker.ts'
import type { TurnRecord } from '../runtime/record.ts'
import { stream } from '../runtime/streams.ts'
import type { Step } from './drive.ts'
import { crashAll, type MachineReport } from './paths/live/crash.ts'
import { type Cut, type Cuts, cutsOf } from './paths/live/cuts.ts'
import { walkAll } from './paths/live/live.ts'
import { type LiveSite, openLiveSite } from './paths/live/site.ts'
import { machines } from './paths/report.ts'
import { waysInto } from './states.ts'

let site: LiveSite

beforeAll(async () => {
  site = await openLiveSite({
    natsServerBin: inject('natsServerBin'),
    machines,
    nodes: 1,
    under: inject('brokersDir'),
  })
}, 180_000)
afterAll(() => site?.stop())

const pathsInto = (machine: string) =>
  Object.entries(waysInto(machine)).map(([state, steps]) => ({
    id: `${machine}/${state}`,
    policy: 'waits' as const,
    steps,
  }))

describe('On a running system', () => {
  test.each(machines)(
    '%s goes into each of its states as the machine alone does, with the same effects',
    async (machine) => {
      const paths = pathsInto(machine)
      const { differences, paths: walked, ways } = await walkAll(site, machine, paths)
      expect(differences).toEqual([])
      expect(walked).toBe(paths.length)
      expect(ways.door).toBeGreaterThan(0)
      expect(ways['far side']).toBeGreaterThan(0)
    },
    120_000,
  )

  test('what is forgotten when its retention is over begins anew on both, and steps about it are counted', async () => {
    const archived = pathsInto('sms').find(({ id }) => id === 'sms/closed.archived')!
    const again: Step[] = [
      { late: 'createConversation' },
      { says: 'Hi again' },
      { answers: 'searchConversation' },
      { answers: 'createConversation' },
    ]
    const path = { ...archived, steps: [...archived.steps, ...again] }
    const report = await walkAll(site, 'sms', [path])
    expect(report).toMatchObject({ differences: [], steps: path.steps.length - 1, forgotten: 1 })
  }, 60_000)

  test('what it does otherwise than the machine is told: the path, the step, both of them', async () => {
    const otherWords: LiveSite = {
      ...site,
      bindingOf: (address) => ({ ...site.bindingOf(address), say: () => 'Other words' }),
    }
    const { differences } = await walkAll(
      otherWords,
      'sms',
      pathsInto('sms').filter(({ id }) => id === 'sms/noConversation.menu'),
    )
    expect(differences).toMatchObject([{ path: expect.stringMatching(/^sms\//), what: 'effects' }])
  }, 60_000)
})

test('A node that is killed while paths are walked on three brokers changes none of them', async () => {
  const cluster = await openLiveSite({
    natsServerBin: inject('natsServerBin'),
    machines: ['sms'],
    nodes: 2,
    brokers: 3,
    under: inject('brokersDir'),
  })
  try {
    const paths = pathsInto('sms').slice(-6)
    const { differences, kills, paths: walked } = await walkAll(cluster, 'sms', paths, { kills: 1 })
    expect(differences).toEqual([])
    expect(kills).toBe(1)
    expect(walked).toBe(paths.length)
  } finally {
    await cluster.stop()
  }
}, 180_000)

describe('A kill that cuts several conversations at once', () => {
  let whole: Cuts
  let report: MachineReport

  /** Its turn tells the customer, and then the transcript. */
  const callsTwice = 'inQueue: task.created [mineAndNotTold]'
  /** Few enough for a test, and all that they take. */
  const few = (cuts: Cuts): Cuts => {
    const named = ({ transitions }: Cut) => transitions.join()
    const isOne = (cut: Cut, place: number) => place % 20 === 0 || named(cut) === callsTwice
    const some = new Set(cuts.at['persist.committed'].filter(isOne).map(named))
    const ofThose = (list: Cut[]) => list.filter((one) => some.has(named(one)))
    const at = Object.fromEntries(Object.entries(cuts.at).map(([point, list]) => [point, ofThose(list)])) as Cuts['at']
    const taken = at['persist.committed'].flatMap(({ transitions }) => transitions)
    return { ...cuts, at, transitions: [...new Set(taken)], never: [] }
  }

  beforeAll(async () => {
    const common = { natsServerBin: inject('natsServerBin'), machines: ['email'], under: inject('brokersDir') }
    const site = await openLiveSite({ ...common, nodes: 0, patience_ms: 6_000 })
    try {
      whole = cutsOf('email')
      const points = ['persist.committed', 'transmit.after-perform'] as const
      const { machines } = await crashAll(await unfaithful(site), [few(whole)], { points })
      report = machines[0]!
    } finally {
      await site.stop()
    }
  }, 120_000)

  test('each transition is planned to be cut at each point, or it is said why it never is', () => {
    for (const list of Object.values(whole.at)) {
      const cut = new Set(list.flatMap(({ transitions }) => transitions))
      const never = whole.never.map(({ transition }) => transition)
      expect([...cut, ...never].sort()).toEqual(whole.transitions.toSorted())
    }
  })

  test('all of them were held there, and but for what the broker did they go on as on the machine alone', () => {
    expect(report.conversations).toBeGreaterThan(10)
    expect(report.notCut).toEqual([])
    expect(report.repeated).toBeGreaterThan(0)
    expect(report.differences).toHaveLength(2)
  })

  test('a turn that was forgotten, so that all of it is done a second time, is told', () => {
    expect(report.differences).toContainEqual(expect.objectContaining({ path: expect.stringMatching('persist') }))
  })

  test('a call that was never made is told', () => {
    const what = expect.stringMatching(/reaches the far side$|^the call of .* comes$/)
    expect(report.differences).toContainEqual(
      expect.objectContaining({ path: expect.stringMatching('after-perform'), what }),
    )
  })
})

/** While no node is there its broker forgets a turn that was committed, and then says that calls were made which were not. */
async function unfaithful(site: LiveSite): Promise<LiveSite> {
  const { js, jsm, nc } = await connectBroker([...site.urls], {}, 'unfaithful')
  const lastTurnOf = async (name: string) => {
    const [, actor, index] = /:(\w+)\.\d+\.?(\d*)$/.exec(name)!
    const stored = (await lastOf(jsm, stream.turns, `parley.turns.*.${actor}`))!
    return { stored, effects: stored.json<TurnRecord>().effects, index: Number(index) }
  }
  const forgetTurn = async ([held]: string[]) => {
    const { stored } = await lastTurnOf(held!)
    await jsm.streams.deleteMessage(stream.turns, stored.seq)
  }
  /** Of a turn of which a second call is still to be made. */
  const sayAllWasDone = async (held: string[]) => {
    const turns = await Promise.all(held.filter((name) => name.startsWith('transmit')).map(lastTurnOf))
    const isTwofold = ({ effects, index }: (typeof turns)[number]) =>
      effects[index]?.ask === undefined && ![undefined, 'raiseAlert'].includes(effects[index + 1]?.type)
    const { stored, effects } = turns.find(isTwofold)!
    const outcomes = effects.map((_, index) => ({ index, status: 'done', attempts: 1 }))
    const entry = { revision: stored.seq, outcomes }
    await js.publish(stored.subject.replace('parley.turns', 'parley.effects'), JSON.stringify(entry))
    await nc.drain()
  }
  const acts = [forgetTurn, sayAllWasDone]
  return {
    ...site,
    async kill() {
      const held = [...site.held()]
      await site.kill()
      await acts.shift()?.(held)
    },
  }
}
