/**
 * What Engage's answers mean: the `outcome` decides, whatever the HTTP status; without one the status does
 * (CONTRACTS section 5, flows.md section 3). Outcome names are compared without case: the nodes disagree on it.
 */
import type { Asks, SearchOutput } from '../../machines/effects.ts'
import { EffectError } from '../adapter.ts'
import type { Answer } from '../http.ts'
import { type Fields, nestedObject, textOr } from '../loose-body.ts'
import { agreed, failureOfStatus } from '../status-failure.ts'
import type { EngageCall } from './engage-codec.ts'

type PlainCall = Exclude<EngageCall, 'searchConversation' | 'createConversation'>
type CreateOutput = Asks['createConversation']['output']

/** The output of `call`: that of a search, a new conversation's id, else `{}`. Throws `EffectError` for every no. */
export function engageOutput(call: EngageCall, answer: Answer): SearchOutput | CreateOutput | object {
  const body = nestedObject(answer.body)
  const outcome = textOr(body.outcome, '')
  if (outcome === '' && !agreed(answer)) throw failureOfStatus('engage', call, answer)
  if (call === 'searchConversation') return searchOutput(body, outcome, answer)
  const success = outcome === '' || outcome.toLowerCase() === successNames[call].toLowerCase()
  if (!success && !(call === 'removeParticipant' && saysNotThere(outcome, body))) throw failure(call, outcome, answer)
  return call === 'createConversation' ? { conversationId: requiredId(call, body) } : {}
}

const successNames: Record<PlainCall | 'createConversation', string> = {
  createConversation: 'onConversationCreated',
  reopenConversation: 'ConversationReopened',
  closeConversation: 'onConversationClosed',
  addParticipant: 'OnAddParticipantSuccess',
  removeParticipant: 'onParticipantRemoved',
  appendConversation: 'onAppendMessageSuccess',
  updateConversation: 'onConversationUpdatedSuccess',
}

const searchOutcomes = [
  'noConversationFound',
  'conversationInQueue',
  'conversationActive',
  'conversationClosed',
  'conversationOnHold',
] as const satisfies readonly SearchOutput['outcome'][]

/** SM2. An open conversation without its id could not be written to, so it is no answer. */
function searchOutput(body: Fields, said: string, answer: Answer): SearchOutput {
  const call = 'searchConversation'
  const outcome = searchOutcomes.find((name) => name.toLowerCase() === said.toLowerCase())
  if (outcome === undefined) throw said === '' ? unusable(call, 'an outcome') : failure(call, said, answer)
  const openEnded = outcome === 'noConversationFound' || outcome === 'conversationClosed'
  const conversationId = openEnded ? textOr(body.conversationId, '') : requiredId(call, body)
  return { outcome, conversationId, agentId: textOr(body.userId, '') }
}

function requiredId(call: EngageCall, body: Fields): string {
  const conversationId = textOr(body.conversationId, '')
  if (conversationId === '') throw unusable(call, 'a conversationId')
  return conversationId
}

const unusable = (call: EngageCall, expected: string): EffectError =>
  new EffectError(
    'terminal',
    'failed',
    `engage ${call}: expected ${expected} in the answer, found none; check the far side`,
  )

/** The outcomes that another attempt may mend; all others are terminal. */
const retryableOutcomes = new Map<string, EffectError['code']>([
  ['toomanyrequests', 'tooManyRequests'],
  ['serviceunavailable', 'serviceUnavailable'],
  ['ontimeout', 'failed'],
])

/** The outcome is named only when it looks like a name: whatever else stands there may quote the customer. */
function failure(call: EngageCall, outcome: string, answer: Answer): EffectError {
  const code = retryableOutcomes.get(outcome.toLowerCase())
  const named = /^[a-z]{1,40}$/i.test(outcome) ? outcome : 'an unreadable outcome'
  const message = `engage ${call}: expected success, found ${named}; ${code ? 'try again' : 'check request and rights'}`
  const { retryAfterMs } = answer
  return new EffectError(code ? 'retryable' : 'terminal', code ?? 'refused', message, { retryAfterMs })
}

/** A20: after RONA the agent was never in the conversation, which is what removing was for. */
function saysNotThere(outcome: string, body: Fields): boolean {
  if (outcome.toLowerCase() !== 'onremoveparticipantfailure') return false
  const description = textOr(body.description, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/[\s_-]+/g, ' ')
  return notThere.some((pattern) => pattern.test(description))
}

/**
 * Engage's description is free text, so this reads sentences: "participant 5021 not found", "agent is not a participant".
 * A conversation that is not found is another matter, and so is a removal that failed for any other reason.
 */
const notThere = [
  /\b(participant|member|agent|user|owner)\b(?:(?!conversation)[^:;,.]){0,60}\b(not|no longer) (found|present|there|in|part of|assigned to)\b/i,
  /\b(participant|member|agent|user|owner)\b(?:(?!conversation)[^:;,.]){0,60}\b(does not|doesn't|did not|didn't) exist\b/i,
  /\b(participant|member|agent|user|owner)\b(?:(?!conversation)[^:;,.]){0,60}\b(already (been )?removed|already left)\b/i,
  /\b(not|no longer|never) (an? |the )?(active |current )?(participant|member)\b/i,
  /\bno (such |active )?participants? (found|in|with|exists?)\b/i,
  /\b(no such|unknown) (participant|member|agent)\b/i,
]
