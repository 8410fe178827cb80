/**
 * Exactly once at the far side: each message of a customer is in a transcript once, in the order in which it was turned;
 * each effect was carried out once; and no notice was said more often than its reason came about. Pure.
 */

import type { TaskState } from '../../../adapters/desk/entries.ts'
import { grouped } from '../grouped.ts'
import {
  end_phrase,
  type History,
  type HistoryTurn,
  type JournalEntry,
  type StoredTurn,
  tokensIn,
  type Violation,
} from '../history.ts'
import { isCall, outcomesOf, storedEffects } from './calls.ts'
import { byActor } from './turns.ts'

/** The desk did what one key asks for at most once; and did it, when it counts as done. */
export function repeatedActs(history: History): Violation[] {
  const acts = grouped(
    history.journal.filter(({ entry }) => entry.asked && entry.response),
    ({ entry }) => entry.asked!.key,
  )
  const outcomes = outcomesOf(history)
  const undone = storedEffects(history).filter(
    ({ key, type }) => isCall(type) && outcomes.get(key) === 'done' && !acts.has(key),
  )
  return [
    ...[...acts].flatMap(([key, entries]) =>
      entries.length === 1
        ? []
        : [
            {
              rule: 'T6',
              actor: key.split('.')[0]!,
              what: `was carried out ${entries.length} times`,
              records: [key, ...entries.map(positionOf)],
            },
          ],
    ),
    ...undone.map(({ actor, type, key }) => ({
      rule: 'T9',
      actor,
      what: `${type} counts as done, and the desk knows nothing of it`,
      records: [key],
    })),
  ]
}

/** What customers wrote, as turned and as it stands in the transcripts. */
export function wrongTranscripts(history: History): Violation[] {
  const said = saidByToken(history.journal)
  const givenUp = new Set(history.deadLetters.flatMap(({ content }) => tokensIn(JSON.stringify(content ?? ''))))
  return [...byActor(history.turns)].flatMap(([actor, chain]) => {
    const turned = chain.filter(isForTranscript).flatMap(({ record }) => tokensIn(textOf(record)))
    const expected = turned.filter((token) => !givenUp.has(token))
    const counts = expected.flatMap((token) => wrongCount(actor, token, said.get(token) ?? []))
    if (counts.length > 0) return counts
    const places = expected.map((token) => said.get(token)![0]!)
    return places.flatMap(({ sequence }, index) => {
      const before = places[index - 1]
      if (!before || before.sequence < sequence) return []
      const what = 'two messages stand in the transcript in another order than they were turned'
      return [{ rule: 'T1', actor, what, records: [positionOf(before), positionOf(places[index]!), expected[index]!] }]
    })
  })
}

/** Who asks for the end of what is already ending has said nothing to anybody (A7). */
function isForTranscript({ record }: StoredTurn): boolean {
  if (record.cause.type !== 'parley.message.received') return false
  return !(record.heard === 'ignored' && textOf(record).includes(end_phrase))
}

const textOf = ({ cause }: HistoryTurn): string => (cause.data as { text?: string }).text ?? ''

function wrongCount(actor: string, token: string, entries: JournalEntry[]): Violation[] {
  if (entries.length === 1) return []
  const what = `a message stands in the transcripts ${entries.length} times, expected once`
  return [{ rule: entries.length === 0 ? 'T9' : 'T6', actor, what, records: [token, ...entries.map(positionOf)] }]
}

function saidByToken(journal: readonly JournalEntry[]): Map<string, JournalEntry[]> {
  const said = new Map<string, JournalEntry[]>()
  for (const one of journal) {
    for (const token of inboundTexts(one).flatMap(tokensIn)) said.set(token, [...(said.get(token) ?? []), one])
  }
  return said
}

function inboundTexts({ entry }: JournalEntry): string[] {
  const lines =
    entry.type === 'messageAppended'
      ? [entry.data.line]
      : entry.type === 'conversationCreated'
        ? entry.data.conversation.transcript
        : []
  return lines.filter(({ direction }) => direction === 'Inbound').map(({ text }) => text ?? '')
}

/** What is said of a task, and what has to have come about as often. */
const reasons: Record<string, TaskState[]> = {
  created: ['CREATED'],
  routed: ['ROUTED'],
  transferred: ['TRANSFERRED'],
}

/** A webhook that comes twice must not be told twice. */
export function repeatedNotices({ journal }: History): Violation[] {
  const told = new Map<string, JournalEntry[]>()
  const happened = new Map<string, number>()
  for (const one of journal) {
    for (const name of noticesIn(one)) told.set(name, [...(told.get(name) ?? []), one])
    for (const { type, conversationId } of webhooksIn(one)) {
      const name = `${conversationId} ${type}`
      happened.set(name, (happened.get(name) ?? 0) + 1)
    }
  }
  return [...told].flatMap(([name, entries]) => {
    const [conversationId = '', purpose = ''] = name.split(' ')
    const of = reasons[purpose]
    const most = of ? of.reduce((sum, type) => sum + (happened.get(`${conversationId} ${type}`) ?? 0), 0) : 1
    if (entries.length <= most || !(of || purpose === 'closed')) return []
    const what = `"${purpose}" was said ${entries.length} times, expected at most ${most}`
    return [{ rule: 'once', actor: conversationId, what, records: entries.map(positionOf) }]
  })
}

/** `<conversation> <purpose>` of each message to a customer, from its correlation id. */
function noticesIn({ entry }: JournalEntry): string[] {
  const sent =
    entry.type === 'textsSent'
      ? entry.data.texts
      : entry.type === 'chatsSent'
        ? entry.data.chats
        : entry.type === 'mailsSent'
          ? entry.data.mails
          : []
  return sent.flatMap(({ correlationId }) => {
    const [kind, conversationId, purpose] = correlationId.split(':')
    return kind === 'conv' ? [`${conversationId} ${purpose}`] : []
  })
}

function webhooksIn({ entry }: JournalEntry): { type: string; conversationId: string }[] {
  if (!('task' in entry.data)) return []
  const { conversationId } = entry.data.task
  return (entry.deliveries ?? []).filter(({ kind }) => kind === 'webhook').map(({ type }) => ({ type, conversationId }))
}

export const positionOf = ({ sequence }: JournalEntry): string => `DESK ${sequence}`
