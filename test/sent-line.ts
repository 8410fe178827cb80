/** An effect as one line, for the expectations of stories: `send menu: Hi`, `append Outbound: Hi`, `createTask Billing`. */
import type { Attachment, FormField } from '../machines/events.ts'
import type { StoredEffect } from '../runtime/record.ts'

/** `thread` is the window that the customer began in. */
export function sentLine({ type, payload }: StoredEffect, thread: string): string {
  const told = payload as Record<string, string>
  if (type === 'sendMessage') return `send ${told.purpose}: ${told.text}${windowOf(told, thread)}`
  if (type === 'appendConversation') return `append ${told.direction}: ${contentOf(payload)}`
  if (type === 'createConversation') return `createConversation: ${told.text}`
  if (type === 'createTask') return `createTask ${told.scriptSelector}`
  if (type === 'endTask') return `endTask ${told.disposition}`
  if (type === 'addParticipant' || type === 'removeParticipant') return `${type} ${told.agentId}`
  if (type === 'raiseAlert') return `alert ${told.code}`
  return type
}

/** Named only where it is not the window that the customer began in. */
const windowOf = ({ thread: to = '' }: Record<string, string>, thread: string) =>
  to === '' || to === thread ? '' : ` @${to}`

function contentOf(payload: object): string {
  const {
    text,
    form,
    attachments = [],
  } = payload as {
    text: string
    form?: { fields: FormField[] }
    attachments?: Attachment[]
  }
  const fields = form?.fields.map(({ name, value }) => `${name}=${value}`) ?? []
  const files = attachments.map(({ name, dropped }) => (dropped ? `[dropped ${dropped}]` : `[${name}]`))
  return [...(text === '' ? [] : [text]), ...fields, ...files].join(' ')
}
