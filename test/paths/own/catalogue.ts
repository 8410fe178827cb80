/**
 * What can happen to a machine that is not one of ours, and what must hold: the module `my-machine.paths.ts` beside
 * `my-machine.ts`. Reads both, checks their shape and the rules that the runtime needs (`statechart-lint.ts`), and says what
 * to do where one is broken.
 */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AnyStateMachine } from 'xstate'
import { z } from 'zod'
import { lintMachine } from '../../statechart-lint.ts'

/** One effect of a turn, as the machine's action returned it. */
export interface SentEffect {
  type: string
  payload: object
}

/** A turn as invariants see it. */
export interface Moment {
  /** Dotted: `awaitingPayment`, `active.talking`. */
  state: string
  /** The state before it; the empty text at the first turn. */
  before: string
  /** What the machine heard: an event, `xstate.done.actor.…`, `xstate.error.actor.…` or `xstate.after.…`. */
  event: { type: string }
  context: Record<string, unknown>
  /** What this turn sent, and everything sent so far, this turn included. */
  effects: SentEffect[]
  sent: SentEffect[]
}

export interface Catalogue {
  /** Every event that can come from outside, by a name for people; one for each payload that a guard can tell from another. */
  events: Record<string, { type: string } & Record<string, unknown>>
  /** What asks may be answered with, by the name in `invoke.src`; `[{}]` where it says nothing. Each may also fail. */
  answers?: Record<string, object[]>
  /** What must hold after every turn of every path, disturbed or not, by a sentence that says so. */
  invariants?: Record<string, (moment: Moment) => boolean>
  /** States that only an event from outside leaves, each with the reason: dotted path to reason. */
  rests?: Record<string, string>
  /** Where it may stay for good. When given, each path must get to one of them once nobody does anything any more. */
  ends?: string[]
  /** What of its memory decides how it goes on; all of it when left out, numbers up to 2 and lists by their length. */
  tellsApart?: (context: Record<string, unknown>) => unknown
}

const fn = z.custom<(...given: never[]) => unknown>((value) => typeof value === 'function', { error: 'a function' })
const Shape = z.strictObject({
  events: z
    .record(z.string(), z.looseObject({ type: z.string({ error: 'a text' }) }, { error: 'an event: { type: … }' }))
    .refine((events) => Object.keys(events).length > 0, { error: 'at least one event' }),
  answers: z.record(z.string(), z.array(z.looseObject({})).min(1)).optional(),
  invariants: z.record(z.string(), fn).optional(),
  rests: z.record(z.string(), z.string()).optional(),
  ends: z.array(z.string()).optional(),
  tellsApart: fn.optional(),
})

/** A machine or its catalogue cannot be used; the message says where, what was expected, and what to do. */
export class CatalogueError extends Error {
  override readonly name = 'CatalogueError'
}

export interface OwnMachine {
  machine: AnyStateMachine
  catalogue: Catalogue
}

/** Reads `./my-machine.ts` (default export: the machine) and `./my-machine.paths.ts`. Throws `CatalogueError`. */
export async function ownMachineIn(file: string): Promise<OwnMachine> {
  const beside = file.replace(/(\.[cm]?[jt]s)$/, '.paths$1')
  if (!existsSync(file)) throw new CatalogueError(`${file}: there is no such file`)
  if (!existsSync(beside))
    throw new CatalogueError(
      `${beside}: expected an event catalogue beside ${file}; write one that exports { events: { 'is paid': { type: 'paid' } } } as its default`,
    )
  const machine = (await defaultOf(file)) as AnyStateMachine
  if (typeof machine?.transition !== 'function' || machine.root === undefined)
    throw new CatalogueError(`${file}: expected an XState v5 machine as the default export, found something else`)
  return checked(file, machine, await defaultOf(beside), beside)
}

/** The same for what is already loaded. */
export function checked(name: string, machine: AnyStateMachine, given: unknown, where = name): OwnMachine {
  const read = Shape.safeParse(given)
  if (!read.success) {
    const [{ path, message }] = read.error.issues as [z.core.$ZodIssue]
    throw new CatalogueError(`${where}: ${path.join('.') || 'default export'}: expected ${message}`)
  }
  const catalogue = read.data as Catalogue
  const broken = lintMachine(machine, { rests: catalogue.rests ?? {} })
  if (broken.length > 0)
    throw new CatalogueError(
      `${name} breaks ${broken.length} rules that the runtime needs:\n${broken.map((one) => `  ${one}`).join('\n')}`,
    )
  const unheard = Object.entries(catalogue.events).filter(([, { type }]) => !machine.events.includes(type))
  if (unheard.length === Object.keys(catalogue.events).length)
    throw new CatalogueError(`${where}: events: expected one that the machine hears (${machine.events.join(', ')})`)
  return { machine, catalogue }
}

async function defaultOf(file: string): Promise<unknown> {
  try {
    return ((await import(pathToFileURL(resolve(file)).href)) as { default?: unknown }).default
  } catch (cause) {
    throw new CatalogueError(`${file}: cannot be loaded: ${(cause as Error).message.split('\n')[0]}`)
  }
}
