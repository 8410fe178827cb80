/**
 * What a chat window says, as Connect posts it (samples/inbound/livechat-*.json): the keys of the samples in their order,
 * nested objects as JSON inside strings. Pure but for the ids it draws.
 */
import { randomUUID } from 'node:crypto'
import { nested, secure, unscanned } from './check-results.ts'

/** One window of one customer. */
export interface ChatWindow {
  user: string
  app: string
  thread: string
  tid?: string | undefined
}

/** Results of Connect's checks; what is left out says that nobody has looked for card data yet (flows.md A48). */
export interface ScanResults {
  pciInfo?: unknown
  malwareinfo?: unknown
  securityscaninfo?: unknown
}

export interface ChatForm {
  title: string
  fields: { name: string; label: string; type: string; value: string; mandatory: boolean }[]
  /** The transaction id of the form that is answered. */
  relatedTid: string
}

export function chatMessage(window: ChatWindow, text: string, attachments: unknown[], at: string, scan: ScanResults) {
  return common(window, 'MO', text, attachments.length === 0 ? '' : JSON.stringify(attachments), at, scan)
}

export function chatFormAnswer(window: ChatWindow, { title, fields, relatedTid }: ChatForm, at: string) {
  const template = {
    templateType: 'form',
    payload: { title, fields },
    templateId: 'PRECHAT01',
    contentType: 'template',
  }
  return { ...common(window, 'OnFormResponse', '', JSON.stringify([template]), at), relatedTid }
}

export function chatPostback(
  window: ChatWindow,
  { reference, identifier, title }: { reference: string; identifier: string; title: string },
  at: string,
) {
  const interactiveData = JSON.stringify({ reference, identifier, type: 'quickReplyPostback', title })
  return { ...common(window, 'OnPostback', title, '', at), interactiveData }
}

export function chatTyping(window: ChatWindow, typing: 'start' | 'stop', at: string) {
  const [message, type] = typing === 'start' ? ['Typing Start', 'typingStart'] : ['Typing Stop', 'typingStop']
  return { ...common(window, 'TypingIndicator', message, '', at), type }
}

export function chatClosed({ user, app, thread, tid }: ChatWindow, at: string) {
  return {
    userId: user,
    channel: 'Rtm',
    appId: app,
    event: 'OnThreadClosed',
    origin: 'gateway',
    threadId: thread,
    status: 'Closed',
    ts: at,
    tid: tid ?? randomUUID(),
  }
}

function common(
  { user, app, thread, tid }: ChatWindow,
  event: string,
  message: string,
  attachments: string,
  at: string,
  scan: ScanResults = {},
) {
  return {
    userId: user,
    channel: 'Rtm',
    appId: app,
    event,
    message,
    ts: at,
    tid: tid ?? randomUUID(),
    attachments,
    replyTo: '',
    clientId: `${app}/${user}/V2_${client_suffix}`,
    thread_id: thread,
    thread_title: 'Support',
    thread: JSON.stringify({
      id: thread,
      title: 'Support',
      type: 'Conversation',
      category: 'Support',
      status: 'Active',
      unread_msg_count: 0,
      created_on: at,
      updated_on: at,
      extras: {},
    }),
    extras: '',
    pciInfo: nested(scan.pciInfo ?? unscanned),
    malwareinfo: nested(scan.malwareinfo ?? noFiles),
    securityscaninfo: nested(scan.securityscaninfo ?? secure),
  }
}

const noFiles = {
  isMalwareValidationDone: 'NA',
  droppedAttachmentCount: 'NA',
  isMalwareCompliance: 'NA',
  malwareFailedReason: 'NA',
}
/** Connect names the customer's device here; the embedded desk has one. */
const client_suffix = 'de5c000000001'
