/**
 * What a chat window says, written as Connect would post it, so that the one live chat door reads both: what is masked,
 * looked into, refused or set aside is the same (`adapters/connect/live-chat-door.ts`). Pure.
 */
import type { ChatLine } from '../chat-messages.ts'
import type { ChatSession } from './session-token.ts'

export interface SaidInWindow {
  id: string
  at: string
}

export const messageBody = (session: ChatSession, said: SaidInWindow & { text: string }): object => ({
  ...common(session, said, 'MO'),
  message: said.text,
})

export interface SentFile {
  name: string
  contentType: string
  bytes: Uint8Array
}

/** The file travels inside the body; it is looked into before anything of it is stored. */
export function fileBody(session: ChatSession, said: SaidInWindow & { file: SentFile }): object {
  const { name, contentType, bytes } = said.file
  const file = `data:${contentType};base64,${Buffer.from(bytes).toString('base64')}`
  return {
    ...common(session, said, 'MO'),
    message: '',
    attachments: [{ file, id: said.id, name, contentType, size: bytes.length }],
  }
}

/** Fields that the form does not have are left out; those without an answer are empty. */
export function formBody(
  session: ChatSession,
  said: SaidInWindow & { fields: Record<string, string> },
  { text: title, form }: ChatLine,
): object {
  const fields = (form?.fields ?? []).map(({ name, label, type, mandatory }) => {
    return { name, label, type, value: said.fields[name] ?? '', mandatory }
  })
  const template = { templateType: 'form', payload: { title, fields }, contentType: 'template' }
  return { ...common(session, said, 'OnFormResponse'), message: '', attachments: [template] }
}

export const postbackBody = (
  session: ChatSession,
  said: SaidInWindow & { reference: string; identifier: string; title: string },
): object => ({
  ...common(session, said, 'OnPostback'),
  message: said.title,
  interactiveData: { reference: said.reference, identifier: said.identifier, type: 'quickReplyPostback' },
})

export const closedBody = (session: ChatSession, said: SaidInWindow): object => common(session, said, 'OnThreadClosed')

function common({ asset, user, thread }: ChatSession, { id, at }: SaidInWindow, event: string) {
  return { userId: user, channel: 'Rtm', appId: asset, event, ts: at, tid: `${thread}.${id}`, thread_id: thread }
}
