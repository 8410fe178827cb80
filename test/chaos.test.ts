/**
 * Chaos, in small: real processes are killed, stopped and cut off while customers write, and the checks find in what is
 * stored afterwards that every promise was kept. The run says its seed; `npm run chaos` makes longer ones.
 */
import { describe, expect, test } from 'vitest'
import { parley } from './command-line.ts'

/** One trouble of each kind within nine seconds. */
const seed = 19407
const run_ms_max = 300_000

test(
  `E113, E114, E117: whatever is killed, stopped, cut off and upgraded meanwhile, all of it encrypted at rest, every message is turned once, said once, and answered for; seed ${seed}`,
  async () => {
    const asked = ['--seed', String(seed), '--minutes', '0.15', '--upgrade', '--encrypted']
    const { code, stdout, stderr } = await parley(['chaos', '--json', ...asked])
    const report = JSON.parse(stdout || '{"violations": "no report"}')
    expect(report.violations, stderr).toEqual([])
    expect(report).toMatchObject({ ok: true, seed, nodes: 3, brokers: 1, encrypted: true })
    // Some went over to the newer version in the middle.
    expect(report.upgraded.migrated).toBeGreaterThan(0)
    for (const [kind, times] of Object.entries(report.troubles)) expect(times, kind).toBeGreaterThan(0)
    for (const figure of ['conversations', 'messages', 'turns', 'calls'])
      expect(report[figure], figure).toBeGreaterThan(20)
    expect(stdout.trimEnd().split('\n')).toHaveLength(1)
    expect(code).toBe(0)
  },
  run_ms_max,
)

describe('What it cannot run it refuses, with what is wrong', () => {
  const refused: [args: string[], sentence: string][] = [
    [['--seed', 'x'], '--seed: expected a whole number from 0 to 4294967295, found x'],
    [['--minutes', '0'], '--minutes: expected a number from 0.05 to 120, found 0'],
    [['--nodes', '1.5'], '--nodes: expected a whole number from 1 to 5, found 1.5'],
    [['--brokers', '2'], '--brokers: expected 1 or 3, found 2'],
  ]
  test.each(refused)('%s', async (args, sentence) => {
    const { code, stderr } = await parley(['chaos', ...args])
    expect(stderr).toContain(sentence)
    expect(code).toBe(1)
  })
})
