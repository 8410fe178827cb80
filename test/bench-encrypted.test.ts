/** What encryption at rest costs, measured in small: it ends by itself, checks what it measured, and says the ratio. */
import { expect, test } from 'vitest'
import { parley } from './command-line.ts'

const figure = expect.any(Number)

test('the same turns are driven with a master key and without one, in turn, and nothing is lost or done twice by either', async () => {
  const { code, stdout, stderr } = await parley([
    'bench',
    '--encrypted',
    '--rounds',
    '1',
    '--conversations',
    '10',
    '--json',
  ])
  expect(code, stderr).toBe(0)
  const report = JSON.parse(stdout)
  const ratio = {
    turnsPerS: figure,
    cpuMsPerTurn: figure,
    natsCpuMsPerTurn: expect.anything(),
    diskBytesPerTurn: figure,
  }
  const kept = { wrongConversations: 0, effectsMissing: 0, effectsRepeated: 0 }
  for (const { rounds, ratio: found } of [report.synced, report.relaxed]) {
    expect(found).toEqual(ratio)
    expect(rounds).toHaveLength(1)
    expect(rounds[0].check).toEqual({ clear: kept, encrypted: kept })
  }
}, 240_000)
