/**
 * T8: what stored records name of a machine version never changes under them. `fixtures/shapes.json` holds the shape of
 * every version there has been; a machine whose shape differs needs a new version.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type AnyStateMachine, createMachine } from 'xstate'
import { type Definition, define, definitions } from '../machines/definitions.ts'
import { approved, isUpdating } from './approved.ts'

const path = join(import.meta.dirname, 'fixtures/shapes.json')

/** Machine → version → shape. */
type Shapes = Record<string, Record<string, string>>

/** What is wrong with a definition's shape, or nothing. */
function shapeFault(shapes: Shapes, { id, version, shape }: Pick<Definition, 'id' | 'version' | 'shape'>): string[] {
  const known = shapes[id]?.[version]
  if (known === shape) return []
  if (known === undefined) {
    return [
      `${id} version ${version} is new: UPDATE_EXPECT=1 npx vitest run test/shape.test.ts adds it to fixtures/shapes.json`,
    ]
  }
  return [
    `${id} version ${version} had shape ${known} and now has ${shape}: records of it may not restore. Bump \`version\` ` +
      `in machines/${id}.ts and keep the old definition. Before the first release only, delete the row from ` +
      'fixtures/shapes.json instead and approve the new shape with UPDATE_EXPECT=1',
  ]
}

/** The shapes with the versions added that are not there yet; those that are there stay as they are. */
function withNewVersions(shapes: Shapes, among: readonly Pick<Definition, 'id' | 'version' | 'shape'>[]): Shapes {
  const all: Shapes = structuredClone(shapes)
  for (const { id, version, shape } of among) all[id] = { [version]: shape, ...all[id] }
  return all
}

const stored = JSON.parse(approved(path) || '{}') as Shapes
const shapes = isUpdating ? withNewVersions(stored, definitions) : stored
if (isUpdating) writeFileSync(path, `${JSON.stringify(shapes, null, 2)}\n`)

for (const definition of definitions) {
  test(`T8: the shape of ${definition.id} version ${definition.version} is the one its records were stored with`, () => {
    expect(shapeFault(shapes, definition)).toEqual([])
  })
}

describe('T8: the shape of a machine', () => {
  const base = {
    id: 'm',
    version: '1',
    initial: 'a',
    states: {
      a: { id: 'a', after: { wait: 'b' }, on: { go: 'b' } },
      b: { id: 'b', invoke: { id: 'x', src: 'x', onDone: 'a' } },
    },
  }
  const { a, b } = base.states
  const shapeOf = (config: object): string => define(createMachine(config as never) as unknown as AnyStateMachine).shape
  const withStates = (states: object) => shapeOf({ ...base, states: { ...base.states, ...states } })

  const same: [change: string, shape: () => string][] = [
    ['a transition', () => withStates({ a: { ...a, on: { go: 'b', run: 'b' } } })],
    [
      'a guard or an action',
      () => withStates({ a: { ...a, on: { go: { target: 'b', guard: 'may', actions: 'tell' } } } }),
    ],
    ['the order of states', () => shapeOf({ ...base, states: { b, a } })],
  ]
  test.each(same)('is the same after a change of %s', (_, shape) => expect(shape()).toBe(shapeOf(base)))

  const other: [change: string, shape: () => string][] = [
    ['a new state', () => withStates({ c: {} })],
    ['a state with another id', () => withStates({ a: { ...a, id: 'aa', after: { wait: 'b' } } })],
    ['another timer', () => withStates({ a: { ...a, after: { longer: 'b' } } })],
    ['another ask', () => withStates({ b: { ...b, invoke: { id: 'x', src: 'y', onDone: 'a' } } })],
    ['an ask under another id', () => withStates({ b: { ...b, invoke: { id: 'y', src: 'x', onDone: 'a' } } })],
    ['children of a state', () => withStates({ b: { id: 'b', initial: 'c', states: { c: {} } } })],
  ]
  test.each(other)('differs with %s', (_, shape) => expect(shape()).not.toBe(shapeOf(base)))
})

describe('T8: the check of shapes', () => {
  const known: Shapes = { m: { 1: 'aaa' } }
  const m = (version: string, shape: string) => ({ id: 'm', version, shape })

  test('takes the shape it knows', () => expect(shapeFault(known, m('1', 'aaa'))).toEqual([]))

  test('asks for a new version when the shape changed', () => {
    expect(shapeFault(known, m('1', 'bbb'))).toEqual([expect.stringContaining('Bump `version` in machines/m.ts')])
  })

  test('asks for approval of a version it does not know', () => {
    expect(shapeFault(known, m('2', 'bbb'))).toEqual([expect.stringContaining('UPDATE_EXPECT=1')])
  })

  test('adds new versions and never changes one that is there', () => {
    expect(withNewVersions(known, [m('1', 'bbb'), m('2', 'ccc')])).toEqual({ m: { 1: 'aaa', 2: 'ccc' } })
  })
})
