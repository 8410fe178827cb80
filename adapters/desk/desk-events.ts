/**
 * One line for each thing the desk sees, for a terminal. Pure. Names and ids only: never what a customer or agent wrote.
 */
import type { Delivery, Entry } from './entries.ts'

export interface DeskEvent {
  at: string
  /** The entry's type, or `webhook` for an attempt to deliver. */
  kind: string
  /** The thing in plain words. */
  line: string
  taskId?: string
  conversationId?: string
}

/** Null for entries that say nothing worth a line. */
export function eventOf(entry: Entry): DeskEvent | null {
  const { at, type: kind } = entry
  if ('task' in entry.data) {
    const { taskId, conversationId, state, scriptSelector, ownerId, dispositionCode, dial } = entry.data.task
    const call = dial && `call ${dial.state} at agent ${dial.agentId}`
    const details = [scriptSelector, ownerId && `agent ${ownerId}`, dispositionCode, call].filter(Boolean).join(', ')
    return { at, kind, line: `task ${taskId} ${state} (${details})`, taskId, conversationId }
  }
  if (entry.type === 'agentChanged') {
    const { agentId, state, reason } = entry.data.agent
    return { at, kind, line: `agent ${agentId} ${state}${reason === undefined ? '' : ` (${reason})`}` }
  }
  if (entry.type === 'textsSent') return { at, kind, line: `${entry.data.texts.length} text(s) delivered` }
  if (entry.type === 'chatsSent') {
    return { at, kind, line: `${entry.data.chats.length} chat message(s) delivered` }
  }
  if (entry.type === 'mailsSent') return { at, kind, line: `${entry.data.mails.length} mail(s) delivered` }
  if (entry.type === 'threadClosed') return { at, kind, line: `chat thread ${entry.data.thread} closed` }
  if (entry.type === 'conversationCreated') {
    const { conversationId, channel } = entry.data.conversation
    return { at, kind, line: `conversation ${conversationId} created (${channel})`, conversationId }
  }
  if (entry.type === 'conversationChanged') {
    const { conversationId, change } = entry.data
    return {
      at,
      kind,
      line: `conversation ${conversationId}: ${Object.keys(change).join(', ')} changed`,
      conversationId,
    }
  }
  if (entry.type === 'messageAppended' || entry.type === 'agentSaid') {
    const { conversationId, line } = entry.data
    return { at, kind, line: `conversation ${conversationId}: ${line.direction} message`, conversationId }
  }
  return null
}

export function deliveryEventOf(
  delivery: Delivery,
  outcome: string,
  status: number,
  tries: number,
  at: string,
): DeskEvent {
  const { kind, type, taskId } = delivery
  const line = `${kind} ${type} ${taskId} ${outcome} (try ${tries}, ${status === 0 ? 'no answer' : `HTTP ${status}`})`
  return { at, kind: 'webhook', line, ...(taskId === '' ? {} : { taskId }) }
}
