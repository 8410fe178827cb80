/**
 * Paths on a running system, step by step beside the machine alone: the ways into every state of all four machines, and some
 * of them on two nodes, of which one is killed, and three brokers. The whole suites are walked by `parley paths --live` and `--live --cluster`.
 */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
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
