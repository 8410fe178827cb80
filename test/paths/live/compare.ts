/** Whether a turn on a running system is the turn of the machine alone, and what to say when it is not. */
import { isDeepStrictEqual } from 'node:util'
import type { TurnRecord } from '../../../runtime/record.ts'
import { plain, type Trace } from '../../drive.ts'

export interface Difference {
  path: string
  /** Of the path, from 1. */
  step: number
  what: string
  expected: unknown
  found: unknown
  /** The event that the turn was of, where there was a turn. */
  heard?: { id: string; type: string }
}

export class Differs extends Error {
  readonly what: string
  readonly expected: unknown
  readonly found: unknown
  readonly heard: Difference['heard']
  constructor(what: string, expected: unknown, found: unknown, heard?: Difference['heard']) {
    super(what)
    this.what = what
    this.expected = expected
    this.found = found
    this.heard = heard
  }
}

/** Throws `Differs` at the first thing that is otherwise. */
export function compare(expected: TurnRecord, found: TurnRecord, { cause }: Trace): void {
  const heard = { id: found.cause.id, type: found.cause.type }
  const same = (what: string, one: unknown, other: unknown) => {
    if (!isSame(one ?? null, other ?? null)) throw new Differs(what, one, other, heard)
  }
  same('state', expected.state, found.state)
  same('heard', expected.heard, found.heard)
  same('effects', expected.effects, found.effects)
  same('timers', dues(expected), dues(found))
  same('asks that wait', asksOf(expected), asksOf(found))
  same('memory', expected.snapshot, found.snapshot)
  if (cause.kind === 'event') same('what it heard', `parley.${cause.event.type}`, found.cause.type)
}

/** As JSON. What is written alike is alike; only what is not may be so all the same, in another order. */
const isSame = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other) || isDeepStrictEqual(plain(one), plain(other))

const dues = ({ timers }: TurnRecord) =>
  Object.fromEntries(Object.entries(timers).map(([name, { due_ms }]) => [name, due_ms]))
const asksOf = ({ pending }: TurnRecord) =>
  Object.fromEntries(Object.entries(pending).map(([ask, { type }]) => [ask, type]))
