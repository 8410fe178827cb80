/** The cost curve, in small: it ends by itself, checks what it measured, and draws it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Point } from '../runtime/bench/curve/curve.ts'
import { plotOf } from '../runtime/bench/curve/plot.ts'
import { parley } from './command-line.ts'

test('a point says what a turn took and cost beside stored conversations, and the picture shows it', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'parley-curve-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const svg = join(dir, 'curve.svg')
  const one = [
    '--stored',
    '50',
    '--partitions',
    'none',
    '--context',
    'none',
    '--nodes',
    'none',
    '--conversations',
    '20',
  ]
  const { code, stdout } = await parley(['bench', '--curve', '--json', '--svg', svg, ...one])
  const { points } = JSON.parse(stdout)
  expect(points).toMatchObject([{ axis: 'stored', value: 50, doneP50Ms: expect.any(Number), wrongConversations: 0 }])
  expect(points[0].turnsPerS).toBeGreaterThan(0)
  expect(Math.round(points[0].contextKb)).toBe(2)
  expect(readFileSync(svg, 'utf8')).toContain('conversations stored')
  expect(code).toBe(0)
}, 120_000)

test('values that are no numbers are refused with what is expected', async () => {
  const { code, stderr } = await parley(['bench', '--curve', '--nodes', '1,1.5'])
  expect([code, stderr]).toEqual([
    1,
    expect.stringContaining('--nodes: expected whole numbers above 0 with commas, or none'),
  ])
})

const point = (axis: Point['axis'], value: number, turnsPerS: number): Point => ({
  axis,
  value,
  turnsPerS,
  contextKb: 2,
  doneP50Ms: 1,
  doneP99Ms: 2,
  cpuMsPerTurn: null,
  natsCpuMsPerTurn: null,
  memoryMb: null,
  natsMemoryMb: null,
  diskMb: 1,
  wrongConversations: 0,
})

test('more of a thing lies to the right, more turns a second lie higher', () => {
  const svg = plotOf([point('stored', 1, 1_000), point('stored', 1_000_000, 500)])
  const dots = [...svg.matchAll(/<circle cx="(\d+)" cy="(\d+)"/g)].map(([, x, y]) => [Number(x), Number(y)])
  expect(dots).toHaveLength(2)
  const [[few_x, few_y], [many_x, many_y]] = dots as [[number, number], [number, number]]
  expect(many_x).toBeGreaterThan(few_x)
  expect(many_y).toBeGreaterThan(few_y)
})
