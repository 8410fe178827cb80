/**
 * Mail by SMTP, in and out, over real sockets: a node on a real broker, far sides that agree, and a mail server of its own
 * for what goes out (checklist EM1, EM7, PC3; invariants T6, T7, T9).
 */
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import nodemailer from 'nodemailer'
import PostalMime from 'postal-mime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { actorOfMessageId } from '../adapters/connect/email-body.ts'
import { type Broker, startBroker } from './broker.ts'
import { type FarSides, farSides } from './far-sides.ts'
import { type MailSink, mailSink } from './mail-sink.ts'
import { type Json, startTestNode, type TestNode } from './node.ts'
import { sendMail, smtpLine } from './smtp-line.ts'

const tls = (name: string) => join(import.meta.dirname, 'fixtures/tls', name)
const mailbox = 'support@corp.example'

let broker: Broker
let far: FarSides
let node: TestNode
let out: MailSink
let url: string
beforeAll(async () => {
  broker = await startBroker()
  far = await farSides()
  out = await mailSink()
  const env = { PARLEY_SMTP_TLS_CERT: tls('cert.pem'), PARLEY_SMTP_TLS_KEY: tls('key.pem'), SMTP_URL: out.url }
  node = await startTestNode(broker, { ...far.env, ...env }, { anyMailPort: true })
  url = node.node.mailUrl
})
afterAll(async () => {
  await node.stop()
  await out.close()
  await far.close()
  await broker.stop()
})

const person = (): string => `${randomUUID().slice(0, 8)}@example.test`
const mailFrom = (from: string, text: string, more: string[] = []): string[] => [
  `From: <${from}>`,
  `To: <${mailbox}>`,
  'Subject: Claim 4471',
  ...(more.some((line) => line.startsWith('Message-ID')) ? more : [`Message-ID: <${randomUUID()}@x.test>`, ...more]),
  '',
  text,
]
const conversations = async (customer: string): Promise<Json[]> =>
  (await node.ask('GET', `/v1/conversations?channel=email&customer=${customer}`)).body.items
const turnsOf = async (id: string): Promise<Json[]> => (await node.ask('GET', `/v1/conversations/${id}/turns`)).body

test('EM1, T7: a mail for a mailbox of ours is a conversation, with its card number masked', async () => {
  const from = person()
  expect(await sendMail(url, from, [mailbox], mailFrom(from, 'charge 4111 1111 1111 1111'))).toMatch(/^250 /)
  await node.advance(0)
  const [conversation] = await conversations(from)
  expect(conversation.state).toBe('inQueue.created')
  const [turn] = await turnsOf(conversation.id)
  expect(turn.event.data.text).toBe('charge **** **** **** 1111')
})

test('E1: the same mail again, by its Message-ID, is taken and changes nothing', async () => {
  const from = person()
  const mail = mailFrom(from, 'once', [`Message-ID: <${randomUUID()}@x.test>`])
  for (let times = 0; times < 3; times++) expect(await sendMail(url, from, [mailbox], mail)).toMatch(/^250 /)
  await node.advance(0)
  const [conversation] = await conversations(from)
  const turns = await turnsOf(conversation.id)
  expect(turns.filter(({ event }) => event.type === 'parley.message.received')).toHaveLength(1)
})

test('it is no relay: another mailbox is refused before the mail is sent', async () => {
  expect(await sendMail(url, person(), ['someone@else.example'], [])).toMatch(/^550 /)
  expect(await sendMail(url, person(), ['SUPPORT@Corp.Example', 'someone@else.example'], [])).toMatch(/^550 /)
})

test('what is no mail is refused for good; what is too large before it is sent, or at its end', async () => {
  expect(await sendMail(url, person(), [mailbox], ['no header here'])).toMatch(/^554 /)
  const line = await smtpLine(url)
  await line.say('EHLO x')
  expect(await line.say('MAIL FROM:<a@x.test> SIZE=27262977')).toMatch(/^552 /)
  line.close()
})

test('a mail cut off in the middle is no mail', async () => {
  const from = person()
  const line = await smtpLine(url)
  for (const word of ['EHLO x', `MAIL FROM:<${from}>`, `RCPT TO:<${mailbox}>`, 'DATA']) await line.say(word)
  line.raw(mailFrom(from, 'half').join('\r\n'))
  line.close()
  expect(await sendMail(url, from, [mailbox], mailFrom(from, 'whole'))).toMatch(/^250 /)
  await node.advance(0)
  const [conversation] = await conversations(from)
  const texts = (await turnsOf(conversation.id)).map(({ event }) => event.data.text).filter(Boolean)
  expect(texts).toEqual(['whole'])
})

test('a dot that begins a line stays one dot', async () => {
  const from = person()
  expect(await sendMail(url, from, [mailbox], mailFrom(from, '..hidden\r\nend'))).toMatch(/^250 /)
  await node.advance(0)
  const [conversation] = await conversations(from)
  expect((await turnsOf(conversation.id))[0].event.data.text).toBe('.hidden\nend')
})

test('STARTTLS is offered with a certificate, and a file of 3 MB comes through it', { timeout: 60_000 }, async () => {
  const from = person()
  const ca = await readFile(tls('cert.pem'))
  const transport = nodemailer.createTransport({ url, requireTLS: true, tls: { ca, servername: 'localhost' } })
  const content = Buffer.alloc(3_000_000, 'The car is blue. ')
  const attachments = [{ filename: 'long.txt', content }]
  const { response } = await transport.sendMail({ from, to: mailbox, subject: 'Big', text: 'see file', attachments })
  expect(response).toMatch(/^250 /)
})

test('EM8, T6: what we answer goes out by SMTP, in the thread, and says that a machine wrote it', async () => {
  const from = person()
  await sendMail(url, from, [mailbox], mailFrom(from, 'Hello', ['Message-ID: <first@x.test>', 'Cc: bo@example.test']))
  await node.advance(0)
  const [conversation] = await conversations(from)
  await node.ask('POST', '/v1/webhooks/digital-routing', createdOf(conversation))
  await node.advance(0)
  const mail = out.mails.find(({ to }) => to.includes(from))
  expect(mail?.to).toEqual([from, 'bo@example.test'])
  const { headers, messageId, inReplyTo, references, text, subject, from: sender } = await PostalMime.parse(mail!.raw)
  expect(sender?.address).toBe(mailbox)
  expect(subject).toBe('Re: Claim 4471')
  expect(text).toContain('Your request')
  expect(inReplyTo).toBe('<first@x.test>')
  expect(references).toContain('<first@x.test>')
  expect(actorOfMessageId(messageId ?? '')).toBe(conversation.id)
  expect(headers.find(({ key }) => key === 'auto-submitted')?.value).toBe('auto-replied')
  expect(far.asked('sendMessage')).toEqual([])
})

test('EM7: an answer to that mail is the same conversation, whatever its subject', async () => {
  const { raw, to } = out.mails.at(-1)!
  const { messageId } = await PostalMime.parse(raw)
  const mail = ['Subject: Something else', `In-Reply-To: ${messageId}`, 'Message-ID: <second@x.test>', '', 'And?']
  expect(await sendMail(url, to[0]!, [mailbox], [`From: ${to[0]}`, ...mail])).toMatch(/^250 /)
  await node.advance(0)
  expect(await conversations(to[0]!)).toHaveLength(1)
})

test('4xx is tried again with the same Message-ID, 5xx is given up and set aside', async () => {
  const notice = async (...codes: number[]) => {
    const from = person()
    out.refuse.push(...codes)
    await sendMail(url, from, [mailbox], mailFrom(from, 'Hello'))
    await node.advance(0)
    const [conversation] = await conversations(from)
    await node.ask('POST', '/v1/webhooks/digital-routing', createdOf(conversation))
    await node.advance(60_000)
    const effects = (await turnsOf(conversation.id)).flatMap((turn) => turn.effects)
    return effects.find(({ type }: Json) => type === 'sendMessage')
  }
  expect(await notice(451, 421)).toMatchObject({ status: 'done', attempts: 3 })
  expect(await notice(550)).toMatchObject({ status: 'failed', attempts: 1 })
  out.refuse.length = 0
})

test('T9: 250 is said for what the broker has; while it is away, the mail is asked for again', async () => {
  await broker.pause()
  const from = person()
  const mail = mailFrom(from, 'Are you there?')
  expect(await sendMail(url, from, [mailbox], mail)).toMatch(/^451 /)
  await broker.resume()
  let reply = ''
  while (!reply.startsWith('250')) reply = await sendMail(url, from, [mailbox], mail)
  await node.advance(0)
  expect(await conversations(from)).toHaveLength(1)
}, 60_000)

function createdOf(conversation: Json): object {
  return {
    eventId: randomUUID(),
    eventType: 'CREATED',
    task: { taskId: conversation.taskId, destination: 'a_637512345678901234', origin: conversation.customer },
  }
}
