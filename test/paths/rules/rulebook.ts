/**
 * Holds a conversation against the rules of the domain, turn by turn: what it told and asked, in its order; which of the
 * five states it is in; what it waits for and how long. Knows flows.md and nothing of any machine. After the first thing
 * that is against the rules nothing more is said: from there on nobody knows what it should have done.
 */
import type { ConversationEvent } from '../../../machines/events.ts'
import type { Drive, Trace } from '../../drive.ts'
import { callbackRules } from './callback-rules.ts'
import { Case, newTask } from './case.ts'
import { closedRules } from './closed-rules.ts'
import type { Heard, On } from './heard.ts'
import { inboundRules } from './inbound-rules.ts'
import { linesOf } from './lines.ts'
import { type Phase, phases } from './phases.ts'
import type { Rule } from './rule.ts'
import { taskRules } from './task-rules.ts'
import { webhookRules } from './webhook-rules.ts'

export const rules: Rule[] = [...inboundRules, ...taskRules, ...webhookRules, ...callbackRules, ...closedRules]

/** One conversation held against the rules, turn by turn. */
export class Rulebook {
  readonly #known: Case
  /** The first turn that was against a rule, as one sentence; undefined when none was. */
  against: string | undefined

  constructor({ machine, asset }: Pick<Drive, 'machine' | 'asset'>, known = new Case(machine, asset)) {
    this.#known = known
  }

  /** `number` is which turn it is, from 1. */
  hear(turn: Trace, number: number): void {
    if (this.against !== undefined) return
    const before = this.#known.is.phase
    const rule = expects(this.#known, turn)
    const found = differs(this.#known, turn)
    if (found) this.against = `${rule}: turn ${number}, ${before}, ${nameOf(turn)}: ${found}`
  }

  /** Another one for the same conversation, which may go on otherwise. */
  copy(): Rulebook {
    const other = new Rulebook(this.#known.is, this.#known.copy())
    other.against = this.against
    return other
  }
}

const nameOf = ({ step }: Trace): string => JSON.stringify(step)

/** Enters one turn into what is known; gives the id of the rule that it is a case of. */
function expects(known: Case, turn: Trace): string {
  const { is } = known
  is.now_ms = turn.at_ms
  is.expected = []
  const { cause } = turn
  if (cause.kind === 'event') is.customer = cause.address?.customer ?? is.customer
  if (turn.heard === 'stale') return undoes(known, turn)
  const heard = heardIn(turn)
  if (heard === undefined) return 'nothing'
  if (heard.on === 'due') is.waits.delete(heard.due as never)
  if (heard.on === 'answered' || heard.on === 'failed') is.asked = undefined
  const rule = rulesOf(is.phase, heard.on).find(({ when }) => when(known, heard))
  rule?.then(known, heard)
  return rule?.id ?? 'nothing is to follow'
}

const byPhase = new Map<Phase, Map<On, Rule[]>>()
function rulesOf(phase: Phase, on: On): Rule[] {
  const there = byPhase.get(phase) ?? new Map<On, Rule[]>()
  byPhase.set(phase, there)
  const some = there.get(on) ?? rules.filter((rule) => rule.on.includes(on) && rule.in.includes(phase))
  there.set(on, some)
  return some
}

/** T10: what succeeded after nobody waited any more is undone, unless it is what the conversation lives in. */
function undoes({ is }: Case, { cause }: Trace): string {
  if (cause.kind !== 'answer' || cause.error) return 'T10'
  const asked = cause.input as { taskId?: string; conversationId?: string }
  const made = cause.output as { conversationId?: string }
  if (cause.type === 'createTask' && asked.taskId !== is.task)
    is.expected.push(`endTask ${asked.taskId} as CD_TASK_CUSTOMER_ABANDON`)
  const opened = cause.type === 'createConversation' ? made.conversationId : asked.conversationId
  if (/^(create|reopen)Conversation$/.test(cause.type) && opened !== is.conversation)
    is.expected.push(`closeConversation ${opened}`)
  return 'T10'
}

const words: Partial<Record<ConversationEvent['type'], On>> = {
  'message.received': 'message',
  'form.submitted': 'form',
  'postback.received': 'button',
  'thread.closed': 'window closed',
  'task.created': 'CREATED',
  'task.queued': 'QUEUED',
  'task.routed': 'ROUTED',
  'task.transferred': 'TRANSFERRED',
  'task.closed': 'CLOSED',
  'effect.failed': 'lost',
}

function heardIn({ cause }: Trace): Heard | undefined {
  if (cause.kind === 'timer') return { on: 'due', due: cause.timer.split('.')[2]! } as Heard
  if (cause.kind === 'answer')
    return { on: cause.error ? 'failed' : 'answered', output: cause.output, code: cause.error?.code } as Heard
  if (cause.kind !== 'event') return undefined
  const { event } = cause
  const on = words[event.type as ConversationEvent['type']]
  if (on === undefined) return undefined
  const any = event as never
  const { thread } = event as { thread?: string }
  return { on, thread, message: any, form: any, button: any, task: any, lost: any } as unknown as Heard
}

/** What is otherwise than expected: told and asked, the state, the ask that is waited for, the timers that run. */
function differs({ is }: Case, turn: Trace): string | undefined {
  const lines = linesOf(turn.effects)
  const expected = nameNewTask(is, turn) ? is.expected.map((line) => line.replace(newTask, is.task)) : is.expected
  if (!areAlike(lines, expected)) return `expected ${listed(expected)}; found ${listed(lines)}`
  const { state } = phases[is.phase]
  if (!isIn(state, turn)) return `expected to be ${state}; found ${turn.state}`
  const asked = turn.asks.join()
  if (asked !== (is.asked ?? '')) return `expected to wait for ${is.asked ?? 'nobody'}; found ${asked || 'nobody'}`
  if (areArmed(is.waits, turn.timers)) return undefined
  const waits = listed([...is.waits].map(([wait, due_ms]) => `${wait} in ${due_ms - turn.at_ms} ms`).sort())
  const armed = listed(turn.timers.map(({ delay, due_ms }) => `${delay} in ${due_ms - turn.at_ms} ms`).sort())
  return `expected ${waits}; found ${armed}`
}

function areAlike(lines: string[], others: string[]): boolean {
  if (lines.length !== others.length) return false
  for (let index = 0; index < lines.length; index++) if (lines[index] !== others[index]) return false
  return true
}

const isIn = (state: string, turn: Trace): boolean =>
  turn.state.startsWith(state) && (turn.state.length === state.length || turn.state[state.length] === '.')

/** Each of the waits once, and no other. */
function areArmed(waits: Case['is']['waits'], timers: Trace['timers']): boolean {
  if (waits.size !== timers.length) return false
  for (const [wait, due_ms] of waits) {
    if (!timers.some((timer) => timer.delay === wait && timer.due_ms === due_ms)) return false
  }
  return true
}

/** Whoever asks for a task gives it an id, one that no task had. Whether it was named in this turn. */
function nameNewTask(is: Case['is'], { effects }: Trace): boolean {
  if (is.task !== newTask) return false
  const asked = effects.find(({ type }) => type === 'createTask')?.payload as { taskId: string } | undefined
  if (!asked || asked.taskId === '' || is.tasks.has(asked.taskId)) return false
  is.tasks.add(asked.taskId)
  is.task = asked.taskId
  return true
}

const listed = (lines: string[]): string => (lines.length === 0 ? 'nothing' : lines.join(', '))
