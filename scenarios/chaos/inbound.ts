/**
 * What a customer of the load sends, as the provider would post it: the door it goes to and the body. Pure but for ids that
 * nobody reads.
 */
import { chatClosed, chatFormAnswer, chatMessage } from '../../adapters/desk/chat-bodies.ts'
import type { ChatItem } from '../../adapters/desk/entries.ts'
import { mailBody } from '../../adapters/desk/mail-bodies.ts'
import type { Place } from './place.ts'

export interface Inbound {
  path: string
  body: object
}

/** `tid` names it: sent again with the same one, it is the same message. */
export function writing(place: Place, tid: string, text: string, at: string): Inbound {
  const { channel, asset, customer } = place
  if (channel === 'sms') {
    return { path, body: { tid, channel: 'SMS', message: text, keyword: '', oa: customer, da: asset, ts: at } }
  }
  if (channel === 'live-chat') return { path: chat_path, body: chatMessage(windowOf(place, tid), text, [], at, {}) }
  const mail = {
    app: asset,
    from: customer,
    fromName: '',
    to: place.business,
    cc: [],
    bcc: [],
    subject: place.subject,
    text,
    quoted: '',
    html: '',
    messageId: `<${tid}@mail.example>`,
    inReplyTo: '',
    headers: { 'Auto-Submitted': 'no' },
    attachments: [],
    checks: {},
  }
  return { path: '/v1/inbound/email', body: mailBody(mail, at) }
}

/** Every field is filled in; what the customer wants is Billing. */
export function formAnswer(place: Place, tid: string, { form, transid }: ChatItem, at: string): Inbound {
  const fields = form!.fields.map(({ name, label, type, mandatory }) => ({
    name,
    label,
    type,
    mandatory,
    value: answers[name] ?? '',
  }))
  const answer = { title: form!.title, fields, relatedTid: transid }
  return { path: chat_path, body: chatFormAnswer(windowOf(place, tid), answer, at) }
}

export function windowClosed(place: Place, tid: string, at: string): Inbound {
  return { path: chat_path, body: chatClosed(windowOf(place, tid), at) }
}

const path = '/v1/inbound/sms'
const chat_path = '/v1/inbound/live-chat'
const answers: Record<string, string> = {
  Name: 'Ana Ruiz',
  Email: 'ana@mail.example',
  Phone: '+14155550142',
  Query: 'Billing',
}

const windowOf = ({ customer, asset, thread }: Place, tid: string) => ({ user: customer, app: asset, thread, tid })
