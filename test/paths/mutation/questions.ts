/**
 * What a machine was asked while paths were driven, and what it answered. The record holds all that a conversation is, so
 * a mutant tells itself from its original on a path exactly where one of these questions, put to it, is answered
 * otherwise: up to there both had the same record. So each question is put once, however many paths go through it.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Definition } from '../../../machines/definitions.ts'
import { type Decision, decide } from '../../../runtime/stages/decide.ts'
import { type DriveMemory, ImpossibleStep, type Step } from '../../drive.ts'
import { driveFast, type Path, type PolicyName } from '../line.ts'
import { isWithin, type Mutant } from './mutant.ts'

type Asked = Parameters<typeof decide>
export interface Question {
  policy: PolicyName
  /** All steps from the beginning, the one that asks included. */
  steps: Step[]
  /** The first path that goes through it, where it was asked on paths. */
  path?: Path
  /** Which step of that path it is, from 0. */
  at: number
  /** The conversation just before; undefined at its beginning. */
  memory: DriveMemory | undefined
  /** What decide was given, but for the definition. */
  asked: Asked extends [unknown, ...infer Rest] ? Rest : never
  /** The event's type as the machine hears it. */
  hears: string
  before: string
  answer: Answer
}

/** What a reader would see first of a difference. `heard` is none of them: it only sums up the rest. */
const facets = ['state', 'effects', 'timers', 'pending', 'memory'] as const
/** What of a decision counts, each as JSON. */
export type Answer = Record<(typeof facets)[number], string>
export type Facet = keyof Answer | 'threw'

/** Everything asked on these paths, each question once; steps that nothing fits are skipped. */
export function questionsOn(definition: Definition, paths: Path[]): Question[] {
  const questions: Question[] = []
  const reached = new Map<string, Reached | 'impossible'>()
  for (const path of paths) {
    let here: Reached = { key: path.policy, steps: [] }
    for (const [at, step] of path.steps.entries()) {
      const key = `${here.key} ${JSON.stringify(step)}`
      const next = reached.get(key) ?? stepped(definition, path.policy, here, step, key, questions, { path, at })
      reached.set(key, next)
      if (next !== 'impossible') here = next
    }
  }
  return questions
}

/** A conversation after some steps. */
export interface Reached {
  key: string
  steps: Step[]
  memory?: DriveMemory
}

/** One step further, its question added to those asked; `impossible` where nothing fits the step. */
export function stepped(
  definition: Definition,
  policy: PolicyName,
  { steps: before, memory }: Reached,
  step: Step,
  key: string,
  questions: Question[],
  on: { path?: Path; at: number } = { at: 0 },
): Reached | 'impossible' {
  const steps = [...before, step]
  const noted: typeof decide = (...[definition, ...asked]) => {
    const decision = decide(definition, ...asked)
    const hears = heardOf(asked[3])
    const { before } = decision
    questions.push({ policy, steps, asked, hears, before, answer: answerOf(decision), memory, ...on })
    return decision
  }
  const conversation = driveFast(definition, policy, memory, noted)
  try {
    conversation.play(step)
  } catch (error) {
    if (error instanceof ImpossibleStep) return 'impossible'
    throw error
  }
  return { key, steps, memory: conversation.memory() }
}

function heardOf(cause: Asked[4]): string {
  if (cause.kind === 'event') return cause.event.type
  if (cause.kind === 'timer') return cause.timer
  if (cause.kind === 'retry' || cause.kind === 'erase') return cause.kind
  return `xstate.${cause.error ? 'error' : 'done'}.actor.${cause.ask}`
}

function answerOf({ state, effects, timers, pending, snapshot }: Decision): Answer {
  const memory = JSON.stringify((snapshot as unknown as { context: object }).context)
  return {
    state,
    effects: JSON.stringify(effects),
    timers: JSON.stringify(timers),
    pending: JSON.stringify(pending),
    memory,
  }
}

/** The order of names means nothing, and is hardly ever another. */
const isAlike = (one: string, other: string): boolean =>
  one === other ||
  (one.startsWith('{') && other.startsWith('{') && isDeepStrictEqual(JSON.parse(one), JSON.parse(other)))

/** Whether the fault could show in the answer at all; where this says no, both machines answer alike. */
export function concerns({ within, hears, passing }: Mutant, question: Question): boolean {
  if (hears) return hears.includes(question.hears) && isWithin(within, question.before)
  return passing || isWithin(within, question.before) || isWithin(within, question.answer.state)
}

/** The first thing in which the other machine answers otherwise, or undefined when it answers alike. */
export function difference(other: Definition, { asked, answer }: Question): Facet | undefined {
  let found: Answer
  try {
    found = answerOf(decide(other, ...asked))
  } catch {
    return 'threw'
  }
  return facets.find((facet) => !isAlike(found[facet], answer[facet]))
}
