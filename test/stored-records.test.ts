/**
 * T8: records that were stored stay good. `fixtures/records/<machine>/<version>/` holds one of every state of every version
 * there has been, as the build of its day stored it: UPDATE_EXPECT=1 adds those that are missing and never changes one that
 * is there. (Before the first release only: a changed shape's records may be deleted and written anew.)
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { definitions } from '../machines/definitions.ts'
import { migrations } from '../machines/migrations.ts'
import type { Cause } from '../runtime/envelope.ts'
import { idempotencyKey, type Loaded } from '../runtime/record.ts'
import { whyNotRestorable } from '../runtime/restorable.ts'
import { type Decision, decide } from '../runtime/stages/decide.ts'
import { restore } from '../runtime/stages/restore.ts'
import { approved, isUpdating } from './approved.ts'
import { defaultOutputs, plainSay } from './drive.ts'
import { everyWait, lineOf } from './lines.ts'
import { driveInto, waysInto } from './states.ts'

const folder = join(import.meta.dirname, 'fixtures/records')
const versions = { definitions, migrations }

const wanted = definitions.flatMap(({ id, version }) =>
  Object.keys(waysInto(id)).map((state) => ({ id, version, state })),
)
const pathOf = ({ id, version, state }: (typeof wanted)[number]) => join(id, version, `${state}.json`)

if (isUpdating) for (const one of wanted) if (approved(join(folder, pathOf(one))) === '') add(one)

function add(one: (typeof wanted)[number]): void {
  mkdirSync(join(folder, one.id, one.version), { recursive: true })
  writeFileSync(join(folder, pathOf(one)), `${JSON.stringify(driveInto(one.state, one.id).loaded(), null, 2)}\n`)
}

const stored = (readdirSync(folder, { recursive: true }) as string[]).filter((path) => path.endsWith('.json')).sort()
const read = (path: string) => JSON.parse(readFileSync(join(folder, path), 'utf8')) as Loaded

/** One turn of that record on this build, a second after its last one or when its timer is due. */
function turned(loaded: Loaded, cause: Cause, at_ms = Date.parse(loaded.record.at) + 1_000): Decision {
  const restored = restore(loaded, versions)
  if ('reason' in restored) throw new Error(restored.reason)
  const { actor, address } = loaded.record
  const asset = lineOf(restored.definition.id).assetWith(everyWait)
  return decide(restored.definition, actor, address, restored.loaded, cause, { at_ms, asset, say: plainSay })
}

/** Both answers to each ask that is waiting. */
function answersTo({ record, revision }: Loaded): [name: string, cause: Cause][] {
  return Object.entries(record.pending).flatMap(
    ([ask, { type, index, revision: asked = revision }]): [string, Cause][] => {
      const answer = { kind: 'answer', ask, type, key: idempotencyKey(record.actor, asked, index) } as const
      const done: Cause = { ...answer, output: defaultOutputs[type] ?? {} }
      const failed: Cause = { ...answer, error: { code: 'failed' } }
      return [
        [`${ask} done`, done],
        [`${ask} failed`, failed],
      ]
    },
  )
}

test('E112, E117: every state of every machine of this build has a record in store', () => {
  expect(wanted.map(pathOf).filter((path) => !stored.includes(path))).toEqual([])
})

describe.each(stored)('E112, E117, T8: the stored record %s', (path) => {
  const loaded = read(path)

  test('is restored', () => expect(whyNotRestorable(loaded, versions)).toBeUndefined())

  test('goes on with what the customer writes', () => {
    const { address, at } = loaded.record
    const event = { type: 'message.received', id: 'next', at, text: 'Are you there?', scan: 'clean' } as const
    const decision = turned(loaded, { kind: 'event', event, address })
    expect(decision).toMatchObject({ before: loaded.record.state, heard: 'turned' })
  })

  test('hears each answer that it waits for', () => {
    const answers = answersTo(loaded)
    expect(answers.map(([name, cause]) => [name, turned(loaded, cause).heard])).toEqual(
      answers.map(([name]) => [name, 'turned']),
    )
  })

  test('hears each of its timers: it moves on, or waits anew', () => {
    const due = Object.entries(loaded.record.timers)
    const heard = due.filter(([timer, { generation, due_ms }]) => {
      const { heard, timers } = turned(loaded, { kind: 'timer', timer, generation }, due_ms)
      return heard === 'turned' || (timers[timer]?.generation ?? 0) > generation
    })
    expect(heard).toEqual(due)
  })
})
