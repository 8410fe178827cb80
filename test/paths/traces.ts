/**
 * What the paths of a machine come to, as text: every turn that is different to a reader stands once, under the state in which
 * it begins, with where it leads and what goes out. The sign at the end of a line is of all that is not spelled out there:
 * payloads, timers, what is waited for and remembered; the one in the first line is of every turn of every path, in order. So
 * the text is another one as soon as one path goes otherwise. Pure.
 */
import { createHash, type Hash } from 'node:crypto'
import type { DriveMemory, Step } from '../drive.ts'
import { memoriesOf } from './memories.ts'
import type { Suite } from './suite.ts'

/** States and turns in the order of the alphabet: the same for the same paths on the same machine. */
export function tracesOf({ machine, paths }: Pick<Suite, 'machine' | 'paths'>): string {
  const states = new Map<string, Map<string, Set<string>>>()
  const every = createHash('sha256')
  for (const path of paths) {
    const memories = memoriesOf(machine, path)
    for (const [index, step] of path.steps.entries()) {
      const before = memories[index]!.history.at(-1)?.state ?? 'nothing yet'
      const after = memories[index + 1]!
      const turns = at(states, before, () => new Map<string, Set<string>>())
      const turn = turnOf(after, step)
      const rest = restOf(after)
      at(turns, turn, () => new Set<string>()).add(rest)
      every.update(`${before} ${turn} ${rest}\n`)
    }
  }
  const steps = paths.reduce((sum, { steps }) => sum + steps.length, 0)
  const head = `${machine}: ${paths.length} paths, ${steps} steps  #${short(every)}\n`
  const sections = sorted(states).map(([state, turns]) => {
    const lines = sorted(turns).map(([turn, rest]) => `  ${turn}  #${signOf(rest)}\n`)
    return `${state}\n${lines.join('')}`
  })
  return [head, ...sections].join('\n')
}

function turnOf({ history }: DriveMemory, step: Step): string {
  const { state, heard, effects } = history.at(-1)!
  const out = effects.map(({ type, ask, payload }) => {
    const { purpose = '' } = payload as { purpose?: string }
    return `${ask ? 'asks ' : ''}${type}${purpose && ` ${purpose}`}`
  })
  const to = heard === 'turned' ? state : heard
  return `${wordsOf(step)} → ${[to, ...out].join(', ')}`
}

/** Ids and moments are of one path, and are left to the sign. */
const wordsOf = (step: Step): string =>
  Object.entries(step)
    .filter(([, value]) => JSON.stringify(value) !== '{}')
    .map(([word, value]) => `${word} ${/^[0-9a-f-]{16,}$|^\d{4}-\d\d-/.test(String(value)) ? '…' : plainly(value)}`)
    .join(', ')

const plainly = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

function restOf({ history, loaded }: DriveMemory): string {
  const { effects, timers, pending } = history.at(-1)!
  const { context } = loaded!.record.snapshot as unknown as { context: object }
  return JSON.stringify([effects, timers, pending, context])
}

const sign_length = 8
const short = (hash: Hash): string => hash.digest('hex').slice(0, sign_length)
const signOf = (some: Set<string>): string => short(createHash('sha256').update([...some].sort().join('\n')))

const sorted = <Value>(map: Map<string, Value>): [string, Value][] =>
  [...map].sort(([one], [other]) => (one < other ? -1 : 1))

function at<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const known = map.get(key) ?? make()
  map.set(key, known)
  return known
}
