/**
 * Mails of a story at the doors: the customer's and those of other people, through the desk's mailbox; and the rows that
 * say so. Message ids are made of the customer's address, which no other play has: nothing here is random.
 */
import { replySubject, topicOf } from '../adapters/mail-topic.ts'
import { maskText } from '../machines/sensitive-data.ts'
import type { Play } from './acts.ts'
import { foundBy, received } from './customer-acts.ts'
import type { CustomerSays } from './customer-steps.ts'
import type { Row } from './effect-row.ts'
import { addressOf, mailboxOf, personAt } from './mail-addresses.ts'

/** Sends the mail; from now on the play looks at what becomes of its writer and topic. Throws `StackError` when refused. */
export async function writesMail(play: Play, mail: CustomerSays): Promise<Row[]> {
  const { says: text, id = ++play.messages, headers, checks } = mail
  const from = mail.from === undefined ? play.customer : addressOf(mail.from, play.line)
  const reply = typeof mail.reply === 'string' ? addressOf(mail.reply, play.line) : mail.reply
  const subject =
    mail.subject ?? (reply === undefined ? '' : await answeredSubject(play, reply === true ? from : reply))
  lookAt(play, from.toLowerCase(), topicOf(maskText(subject).text))
  await play.stack.desk('POST', '/desk/handset/mail/send', {
    from,
    fromName: fromName(from),
    to: mailboxOf(play.asset),
    subject,
    text,
    cc: (mail.cc ?? []).map((person) => addressOf(person, play.line)),
    attachments: (mail.attachments ?? []).map(wireFile),
    ...(reply === undefined ? {} : { reply }),
    ...(headers === undefined ? {} : { headers }),
    messageId: `<${id}.${play.customer}>`,
    via: play.via,
    ...checks,
  })
  const said = { who: personAt(from), what: mailText(subject, mail) }
  return [said, ...foundBy(checks).map((what) => ({ who: 'provider', what }))]
}

/** As the writer's mail program would put it; empty when there is no mail to answer, which the desk then says. */
async function answeredSubject(play: Play, mailbox: string): Promise<string> {
  const newest = (await received(play, mailbox)).at(-1)
  return newest ? replySubject(newest.subject ?? '') : ''
}

function lookAt(play: Play, customer: string, topic: string): void {
  const { channel, asset, places } = play
  const known = places.some((place) => place.customer === customer && place.topic === topic)
  if (!known) places.push({ channel, asset, customer, topic })
}

/** `ana.0123@example.test` writes as Ana; who brings a whole address brings no name. */
function fromName(address: string): string {
  const name = /^(\p{L}+)\.\d{4}@/u.exec(address)?.[1] ?? ''
  return name.charAt(0).toUpperCase() + name.slice(1)
}

type File = NonNullable<CustomerSays['attachments']>[number]

function wireFile({ name, type, text, base64 }: File) {
  const content = base64 ?? Buffer.from(text ?? '').toString('base64')
  return { name, contentType: type ?? (base64 === undefined ? 'text/plain' : 'application/octet-stream'), content }
}

/** `Claim 4471: Where is it? (cc bo); sends the file a.pdf [Auto-Submitted: auto-replied]`. */
function mailText(subject: string, { says, cc = [], attachments = [], headers = {} }: CustomerSays): string {
  const copies = cc.length === 0 ? '' : ` (cc ${cc.join(', ')})`
  const files = attachments.map(({ name }) => `; sends the file ${name}`)
  const own = Object.entries(headers).map(([name, value]) => ` [${name}: ${value}]`)
  return [subject, says].filter(Boolean).join(': ') + copies + files.join('') + own.join('')
}
