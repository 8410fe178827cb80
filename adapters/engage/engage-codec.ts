/**
 * Conversations as Engage writes them: one body a node, with the keys of the samples in their order.
 * Keeps: the same bytes for the same payload. Texts need no escaping of ours, JSON's own does (E14).
 */
import type { EffectType, PayloadOf, WrittenMail } from '../../machines/effects.ts'
import type { Attachment, Channel, FormField } from '../../machines/events.ts'
import { EffectError } from '../adapter.ts'
import { utcSecond } from '../moment.ts'

export const engageCalls = [
  'searchConversation',
  'createConversation',
  'reopenConversation',
  'closeConversation',
  'addParticipant',
  'removeParticipant',
  'appendConversation',
  'updateConversation',
] as const satisfies readonly EffectType[]
/** The nodes of Engage; effects are called as they are. */
export type EngageCall = (typeof engageCalls)[number]

type Body<Type extends EngageCall> = (payload: PayloadOf<Type>) => object

/** What to post for each call. `searchConversation` throws a terminal `EffectError` for an email address without its mail. */
export const engageBodies: { [Type in EngageCall]: Body<Type> } = {
  searchConversation: search,
  createConversation: ({ address, text, at, customerName, customerEmail, thread, websiteDomain, mail }) => ({
    channel: channelNames[address.channel],
    direction: 'Inbound',
    customerAddress: address.customer,
    bizAddress: mail?.mailbox ?? address.asset,
    ...(thread === undefined ? {} : { threadId: thread }),
    ...(websiteDomain === undefined ? {} : { websiteDomain }),
    customerName,
    customerEmail,
    text,
    ...wireMail(mail),
    timestamp: utcSecond(at),
  }),
  reopenConversation: ({ conversationId }) => ({ conversationId }),
  closeConversation: ({ conversationId }) => ({ conversationId }),
  addParticipant: ({ conversationId, agentId }) => ({ conversationId, participantId: agentId }),
  removeParticipant: ({ conversationId, agentId }) => ({ conversationId, participantId: agentId }),
  appendConversation: (line) => ({
    channel: channelNames[line.address.channel],
    conversationId: line.conversationId,
    direction: line.direction,
    ...contentOf(line),
    ...wireMail(line.mail),
    timestamp: utcSecond(line.at),
  }),
  updateConversation: ({ conversationId, taskId }) => ({ conversationId, taskId }),
}

const channelNames: Record<Channel, string> = { sms: 'SMS', 'live-chat': 'LiveChat', email: 'Email' }

/** SM1, LC2, EM7. */
function search({ address, thread, mail }: PayloadOf<'searchConversation'>): object {
  const { channel, asset, customer } = address
  if (channel === 'sms') return { channel: 'SMS', businessLongcode: asset, customerMobileNumber: customer }
  if (channel === 'live-chat') {
    return {
      channel: channelNames[channel],
      customerAddress: customer,
      bizAddress: asset,
      ...(thread === undefined ? {} : { threadId: thread }),
      livechatBrowserFingerprint: customer,
    }
  }
  if (mail) {
    return {
      channel: channelNames[channel],
      businessEmailId: mail.mailbox,
      fromEmailId: customer,
      emailSubject: mail.subject,
      toRecipients: mail.to,
      ccRecipients: mail.cc,
      inReplyTo: mail.inReplyTo,
    }
  }
  const message = `engage searchConversation: expected a mail to search by, found an ${channel} address alone; bind another machine`
  throw new EffectError('terminal', 'refused', message)
}

/** A text, a text with files (which may be blank), or a form's answer instead of a text (LC5). */
function contentOf({ text, attachments = [], form }: PayloadOf<'appendConversation'>): object {
  if (form) {
    const formResponse = { title: form.title, fields: form.fields.map(wireField) }
    return { messageType: 'Live Chat Form Response', formResponse }
  }
  if (attachments.length === 0) return { text }
  return { messageType: 'Text With Attachments', text, attachments: attachments.map(wireAttachment) }
}

/** What Engage shows of a mail beside its text: keys beyond the samples. */
const wireMail = (mail: WrittenMail | undefined): object =>
  mail === undefined
    ? {}
    : { emailSubject: mail.subject, fromEmailId: mail.from, messageId: mail.messageId, html: mail.html }

const wireField = ({ name, label, type, value, mandatory }: FormField) => ({ name, label, type, value, mandatory })

/** Of a dropped file agents see that there was one, and nothing more (flows.md 7.1, LC11). */
function wireAttachment({ name, contentType, url, dropped }: Attachment): object {
  return dropped === undefined
    ? { mimeType: contentType, fileName: name, url, dropped: false }
    : { mimeType: contentType, fileName: '[Dropped]', url: '', dropped: true }
}
