/**
 * The drawing of a machine: every state and every transition that leads somewhere is in it, by hooks that a page finds them
 * by; boxes lie inside their parents and beside their siblings; and what machines are called cannot break it.
 */
import { SaxesParser } from 'saxes'
import { beforeAll, describe, expect, test } from 'vitest'
import { type AnyStateMachine, createMachine } from 'xstate'
import { chartOf } from '../machines/chart.ts'
import { definitions, latestDefinition } from '../machines/definitions.ts'
import { type Box, type Drawing, layOut } from '../runtime/chart/layout.ts'
import { svgOf } from '../runtime/chart/svg.ts'

const ids = [...new Set(definitions.map(({ id }) => id))]

/** The attributes of every element, and where it is not XML. */
function elementsOf(svg: string): Record<string, string>[] {
  const found: Record<string, string>[] = []
  const parser = new SaxesParser()
  parser.on('opentag', ({ attributes }) => found.push(attributes as Record<string, string>))
  parser.on('error', (error) => expect.fail(error.message))
  parser.write(svg).close()
  return found
}

const isInside = (inner: Box, outer: Box): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height
const areApart = (a: Box, b: Box): boolean =>
  a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y

describe.each(ids)('The drawing of %s', (id) => {
  const chart = chartOf(latestDefinition(id)!.machine)
  let drawing: Drawing
  let svg: string
  beforeAll(async () => {
    drawing = await layOut(chart)
    svg = svgOf(drawing)
  })

  test('has every state and every transition that leads somewhere, by its hook', () => {
    const elements = elementsOf(svg)
    const states = elements.flatMap((one) => one['data-state'] ?? [])
    expect(states.sort()).toEqual(chart.states.map(({ path }) => path).sort())
    const transitions = elements.flatMap((one) => one['data-transitions']?.split('\n') ?? [])
    const leading = chart.transitions.filter(({ target }) => target !== undefined)
    expect(transitions.sort()).toEqual(leading.map(({ id: one }) => one).sort())
    expect(new Set(transitions).size).toBe(transitions.length)
  })

  test('lays states inside their parents and beside their siblings', () => {
    const boxOf = new Map(drawing.states.map(({ path, box }) => [path, box]))
    for (const { path, parent, box } of drawing.states) {
      if (parent !== undefined) expect(isInside(box, boxOf.get(parent)!), path).toBe(true)
      const siblings = drawing.states.filter((other) => other.parent === parent && other.path !== path)
      for (const other of siblings) expect(areApart(box, other.box), `${path} and ${other.path}`).toBe(true)
    }
  })
})

test('names that are markup stay text', async () => {
  const machine = createMachine({
    id: 'm',
    initial: '<script>',
    states: { '<script>': { on: { '"&<x>\'': 'b' } }, b: {} },
  }) as unknown as AnyStateMachine
  const svg = svgOf(await layOut(chartOf(machine)))
  expect(elementsOf(svg).flatMap((one) => one['data-state'] ?? [])).toContain('<script>')
  expect(svg).not.toContain('<script>')
})
