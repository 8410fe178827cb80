/** The benchmark, in small: it ends by itself, says what section 7 of the contracts says, and checks what it measured. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { serverOf } from '../runtime/nats-server/data-dir-lock.ts'
import { processWith } from '../runtime/nats-server/process-identity.ts'
import { parley, startParley } from './command-line.ts'

const figure = expect.any(Number)
const measured = {
  durability: expect.stringMatching(/^sync_interval: /),
  workload: expect.objectContaining({ name: 'contact-center-v1', seed: 42, concurrency: 64 }),
  ceiling: { publishPerS: figure, commitPerS: figure },
  turns: {
    perS: figure,
    ackP50Ms: figure,
    ackP99Ms: figure,
    doneP50Ms: figure,
    doneP99Ms: figure,
    cpuMsPerTurn: figure,
    natsCpuMsPerTurn: expect.anything(),
    rssMb: figure,
    diskBytesPerTurn: figure,
  },
  ratio: { turnsToCommitCeiling: figure },
  check: { wrongConversations: 0, effectsMissing: 0, effectsRepeated: 0 },
}

const few = ['--conversations', '40', '--failovers', '1', '--timers', '300']

test('the runtime hosts a machine it does not know: every event turned once, every effect carried out once', async () => {
  const { code, stdout, stderr } = await parley(['bench', '--json', ...few])
  expect(code, stderr).toBe(0)
  const report = JSON.parse(stdout)
  expect(report).toEqual({
    machine: { cpus: figure, model: expect.any(String), memoryGb: figure, platform: expect.any(String) },
    node: process.version,
    nats: expect.stringMatching(/^\d+\.\d+\.\d+/),
    ...measured,
    overHttp: measured,
    relaxed: measured,
    replicated: { ...measured, durability: 'sync_interval: always, replicas 3' },
    failover: { times: 1, killMs: { median: figure, worst: figure }, handOverMs: { median: figure, worst: figure } },
    timers: {
      outstanding: 300,
      armedPerS: figure,
      latenessP50Ms: figure,
      latenessP99Ms: figure,
      latenessMaxMs: figure,
      check: { lostInRestart: 0, neverFired: 0, firedTwice: 0, firedAfterCancel: 0, early: 0 },
    },
  })
  // A third of what a machine at its limits shows with so few; what a turn costs exactly is counted in turn-cost.test.ts.
  expect(report.ratio.turnsToCommitCeiling).toBeGreaterThan(0.03)
  expect(report.workload).toMatchObject({ conversations: 40, turns: 240, effects: 'noop' })
  expect(stdout.trimEnd().split('\n')).toHaveLength(1)
}, 240_000)

test('one conversation alone goes through all its turns, and its last are set beside its hundredth', async () => {
  const { code, stdout, stderr } = await parley(['bench', '--long', '1200', '--json'])
  expect(code, stderr).toBe(0)
  const look = { doneP50Ms: figure, doneP99Ms: figure }
  expect(JSON.parse(stdout)).toMatchObject({
    turns: 1_200,
    early: { fromTurn: 100, ...look },
    late: { fromTurn: 700, ...look },
    ratio: figure,
    check: { wrongTurns: 0, effectsMissing: 0, effectsRepeated: 0 },
  })
}, 60_000)

test('fewer turns than its two looks take are refused', async () => {
  const { code, stderr } = await parley(['bench', '--long', '1000'])
  expect(stderr).toContain('--long: expected at least 1100 turns, found 1000')
  expect(code).not.toBe(0)
})

const exit_code_sigterm = 143

test('told to end in the middle, it leaves no broker and no data behind', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'parley-ended-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const left = () => readdirSync(dir).filter((name) => name.startsWith('parley-'))
  const servers = () => left().flatMap((name) => serverOf(join(dir, name)) ?? [])
  const bench = startParley(['bench', ...few], { TMPDIR: dir })
  await expect.poll(servers, { timeout: 30_000 }).toHaveLength(1)
  const [pid] = servers()
  expect(await bench.stop('SIGTERM')).toBe(exit_code_sigterm)
  await expect.poll(() => processWith(pid!)?.command ?? '').toBe('')
  expect(left()).toEqual([])
}, 60_000)
