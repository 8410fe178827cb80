/**
 * What several flows lead to: into the line, to an agent, into a transfer, to an end. Each is one course of steps.
 */
import type { Case } from './case.ts'
import type { Heard } from './heard.ts'

export const lines = (c: Case, phase: 'created' | 'queued'): void => c.goes(phase)

/** RO1. */
export function meets(c: Case, { task }: Heard): void {
  Object.assign(c.is, { task: task.taskId, agent: task.agentId, attempts: 0 })
  adds(c)
}
/** A19: counted, so that it is not asked for ever. */
export function adds(c: Case): void {
  c.is.attempts++
  c.goes('adding')
}

/** TR2, TR3: who leaves first, if anybody does; then the task goes back in. */
export function transfers(c: Case, { task }: Heard): void {
  const { is } = c
  const leaving = task.agentId || is.agent
  is.lastTransfer = { agent: leaving, at: task.at }
  Object.assign(is, { task: task.taskId, leaving, agent: '', attempts: 0, estimate: undefined })
  is.selector = task.scriptSelector || is.selector
  c.goes('removing')
  if (leaving === '') passesOver(c)
}
function passesOver(c: Case): void {
  c.is.expected.pop()
  c.goes('recreating', { keeps: true })
}

/** SM11, LX3: End Task; an adopted conversation's task may not be known yet (A45). */
export const endsQueued = (c: Case): void => c.goes(c.is.task === '' ? 'endingQueuedUnknown' : 'endingQueued')
export const endsWithAgent = (c: Case): void => c.goes(c.is.task === '' ? 'endingActiveUnknown' : 'endingActive')

/** CL1: what is open in Engage is closed. */
export function closes(c: Case): void {
  if (c.is.conversation !== '' && c.is.chat !== 'over') c.goes('closing')
  else rests(c)
}

/** SM4, A1, A8, E54: who waits begins anew; else it is over. */
export function rests(c: Case): void {
  const { kept, conversation, endedInWords } = c.is
  if (kept.length > 0 && conversation !== '' && c.channel !== 'live-chat' && c.policy.onClosed === 'reopen')
    c.goes('reopening')
  else if (kept.length > 0) anew(c, 'creating')
  else if (c.channel === 'sms' && endedInWords && c.policy.welcomeAfterEnd === 'atOnce') anew(c, 'opening')
  else c.goes('resting')
}

export function anew(c: Case, phase: 'creating' | 'opening' | 'searching'): void {
  c.begins()
  c.goes(phase)
}

/** SM5, LC5, EM6: what a customer is asked before there is a task; a mail is asked nothing. */
export function menu(c: Case): void {
  c.says('menu')
  c.goes('menu')
}
export function form(c: Case): void {
  showsForm(c)
  c.goes('form')
}
export function showsForm(c: Case): void {
  c.says('pre-chat-form', 'alone', c.is.customer, ' with a form')
  c.is.forms++
}
export function asksTask(c: Case, selector: string): void {
  c.is.selector = selector
  c.namesTask()
  c.goes('creatingTask')
}
export function sayingClosed(c: Case): void {
  c.says('closed')
  closes(c)
}

/** QU4. */
export function tellsEstimate(c: Case, { task }: Heard): void {
  const seconds = task.estimatedWaitSeconds ?? 0
  c.says('queued', 'Announcement', c.is.customer, `: ${Math.ceil(seconds / 60)} minutes`)
  c.is.estimate = { told: seconds, told_at_ms: c.is.now_ms, heard: task.at }
}
