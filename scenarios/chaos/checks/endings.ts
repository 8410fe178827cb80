/**
 * One thing at a time, and everything comes to an end: one open task a conversation, one open conversation a customer, and
 * once all is quiet every conversation is closed at both sides and nothing waits to be turned. Pure.
 */
import type { Conversation } from '../../../adapters/desk/entries.ts'
import { placeOf } from '../../../adapters/desk/floor.ts'
import type { History, JournalEntry, Violation } from '../history.ts'
import { positionOf } from './transcripts.ts'
import { byActor, nameOf } from './turns.ts'

export function doubleTasks({ journal }: History): Violation[] {
  const open = new Map<string, Map<string, JournalEntry>>()
  return journal.flatMap((one) => {
    const { data } = one.entry
    if (!('task' in data)) return []
    const { taskId, conversationId, state } = data.task
    const tasks = open.get(conversationId) ?? new Map<string, JournalEntry>()
    open.set(conversationId, tasks)
    if (state === 'CLOSED') tasks.delete(taskId)
    else tasks.set(taskId, one)
    if (tasks.size < 2 || one.entry.type !== 'taskCreated') return []
    const what = 'a task was created while another one of the same conversation was open'
    return [{ rule: 'once', actor: conversationId, what, records: [...tasks.values()].map(positionOf) }]
  })
}

export function doubleConversations({ journal }: History): Violation[] {
  const conversations = new Map<string, Conversation>()
  return journal.flatMap((one) => {
    const { entry } = one
    if (entry.type === 'conversationChanged') {
      const before = conversations.get(entry.data.conversationId)
      if (before) conversations.set(before.conversationId, { ...before, ...entry.data.change })
    }
    if (entry.type !== 'conversationCreated') return []
    const { conversation } = entry.data
    const others = [...conversations.values()].filter(
      (other) => other.status !== 'Closed' && whose(other) === whose(conversation),
    )
    conversations.set(conversation.conversationId, conversation)
    const what = 'a conversation was created while the same customer had an open one'
    const records = [positionOf(one), ...others.map(({ conversationId }) => conversationId)]
    return others.length === 0 ? [] : [{ rule: 'once', actor: conversation.conversationId, what, records }]
  })
}

const whose = ({ channel, business, customer, subject }: Conversation): string =>
  placeOf(channel, business, customer, subject)

export function unfinished({ turns, waiting, journal }: History): Violation[] {
  const stuck = (actor: string, what: string, records: string[]): Violation => ({ rule: 'stuck', actor, what, records })
  const actors = [...byActor(turns)].flatMap(([actor, chain]) => {
    const last = chain.at(-1)!
    const { state } = last.record
    return state.startsWith('closed') ? [] : [stuck(actor, `is still in ${state}`, [nameOf(last)])]
  })
  const events = waiting.map(({ actor, sequence, id }) =>
    stuck(actor, 'an event waits to be turned', [`INBOX ${sequence}`, id]),
  )
  return [...actors, ...events, ...openAtDesk(journal)]
}

function openAtDesk(journal: readonly JournalEntry[]): Violation[] {
  const states = new Map<string, { state: string; position: string }>()
  for (const one of journal) {
    const { type, data } = one.entry
    const position = positionOf(one)
    if ('task' in data) states.set(`task ${data.task.taskId}`, { state: data.task.state, position })
    if (type === 'conversationCreated')
      states.set(`conversation ${data.conversation.conversationId}`, { state: data.conversation.status, position })
    if (type === 'conversationChanged' && data.change.status)
      states.set(`conversation ${data.conversationId}`, { state: data.change.status, position })
  }
  return [...states]
    .filter(([, { state }]) => state.toUpperCase() !== 'CLOSED')
    .map(([name, { state, position }]) => ({
      rule: 'stuck',
      actor: name,
      what: `is still ${state} at the desk`,
      records: [position],
    }))
}
