/**
 * What agents of the embedded desk write by mail reaches customers by SMTP where a server is set: a node with its desk on a real
 * broker, and a mail server that is not ours, over real sockets (EM8, T6, T7).
 */
import { randomUUID } from 'node:crypto'
import PostalMime, { type Email } from 'postal-mime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Broker, startBroker } from './broker.ts'
import { type MailSink, mailSink } from './mail-sink.ts'
import { type Json, startTestNode, type TestNode } from './node.ts'
import { sendMail } from './smtp-line.ts'

const mailbox = 'support@corp.example'

let broker: Broker
let out: MailSink
let node: TestNode
beforeAll(async () => {
  broker = await startBroker()
  out = await mailSink()
  node = await startTestNode(broker, { SMTP_URL: out.url }, { anyMailPort: true })
})
afterAll(async () => {
  await node.stop()
  await out.close()
  await broker.stop()
})

const at = async (path: string): Promise<Json> => (await node.atDesk('GET', path)).body

/** A customer who has written, and the task that an agent has taken. */
async function talking() {
  const from = `ana.${randomUUID().slice(0, 8)}@example.test`
  const id = `<${randomUUID()}@example.test>`
  const head = [
    `From: Ana <${from}>`,
    `To: ${mailbox}`,
    'Cc: bo@example.test',
    'Subject: Claim 4471',
    `Message-ID: ${id}`,
  ]
  expect(await sendMail(node.node.mailUrl, from, [mailbox], [...head, '', 'Where is my claim?'])).toMatch(/^250 /)
  await node.advance(0)
  const { items } = await at('/desk/tasks')
  const { taskId, conversationId } = items.findLast(({ origin }: Json) => origin === from)
  await node.atDesk('POST', `/desk/tasks/${taskId}/route`, { agentId: 'ana' })
  await node.advance(0)
  return {
    from,
    id,
    async say(text: string) {
      expect((await node.atDesk('POST', `/desk/tasks/${taskId}/say`, { text })).status).toBe(200)
      await node.advance(0)
    },
    async delivery(text: string) {
      const { transcript } = await at(`/desk/conversations/${conversationId}`)
      return transcript.find((line: Json) => line.text === text)?.delivery
    },
  }
}

/** The mails that this customer was sent with these words. */
async function sentTo(customer: string, words: string): Promise<(Email & { to: string[] })[]> {
  const theirs = out.mails.filter(({ to }) => to.includes(customer))
  const read = await Promise.all(theirs.map(async ({ to, raw }) => ({ ...(await PostalMime.parse(raw)), to })))
  return read.filter(({ text }) => text?.includes(words)) as never
}

test('EM8, T7: it is one mail in the thread of the customer, copies included, card data masked; no machine wrote it', async () => {
  const { from, id, say, delivery } = await talking()
  await say('Your card 4111 1111 1111 1111 was charged')
  const [mail, ...more] = await sentTo(from, 'was charged')
  expect(more).toEqual([])
  expect(mail!.text?.trim()).toBe('Your card **** **** **** 1111 was charged')
  expect(mail).toMatchObject({
    subject: 'Re: Claim 4471',
    inReplyTo: id,
    references: id,
    to: [from, 'bo@example.test'],
  })
  expect(mail!.from?.address).toBe(mailbox)
  expect(mail!.headers.map(({ key }) => key)).not.toContain('auto-submitted')
  expect(await delivery('Your card **** **** **** 1111 was charged')).toMatchObject({ status: 'sent' })
})

test('it is sent again while the mail server is busy, in order, each once; what is refused for good is seen at the desk', async () => {
  const { from, say, delivery } = await talking()
  out.refuse.push(451)
  await say('first words')
  await say('second words')
  await node.advance(5_000)
  const texts = (await sentTo(from, 'words')).map(({ text }) => text?.trim())
  expect(texts).toEqual(['first words', 'second words'])
  out.refuse.push(550)
  await say('third time')
  expect(await delivery('third time')).toMatchObject({ status: 'failed', code: 'HTTP 409' })
  expect(await sentTo(from, 'third time')).toEqual([])
})

test('the answer of the customer to it comes back into the same conversation', async () => {
  const { from, id, say } = await talking()
  await say('Which car is it?')
  const [asked] = await sentTo(from, 'Which car')
  const thread = [`In-Reply-To: ${asked!.messageId}`, `References: ${id} ${asked!.messageId}`]
  const head = [`From: <${from}>`, `To: ${mailbox}`, 'Subject: Re: something else', ...thread]
  expect(await sendMail(node.node.mailUrl, from, [mailbox], [...head, '', 'The blue one'])).toMatch(/^250 /)
  await node.advance(0)
  const query = new URLSearchParams({ channel: 'email', customer: from })
  expect((await node.ask('GET', `/v1/conversations?${query}`)).body.items).toHaveLength(1)
})

const body = (more: object = {}) => ({
  channel: 'email',
  from: mailbox,
  to: [{ email: ['cy@example.test'], correlationId: 'agent:C1:t1' }],
  subject: 'Hello',
  content: { type: 'text', text: 'only once' },
  ...more,
})

test('T6: said twice under one transid, it is heard once', async () => {
  for (let times = 0; times < 2; times++) {
    const { status, body: said } = await node.ask('POST', '/v2/messages', body({ transid: 'm-1' }))
    expect([status, said.response[0].code]).toEqual([200, '1001'])
  }
  expect(await sentTo('cy@example.test', 'only once')).toHaveLength(1)
})

test.each<[string, object]>([
  ['a mailbox that is not ours', { from: 'else@corp.example' }],
  ['two customers', { to: [{ email: ['a@x.test', 'b@x.test'], correlationId: 'c' }] }],
  ['no words', { content: { type: 'text', text: '' } }],
  ['a header that goes on', { headers: { References: '<a@x.test>\r\nBcc: all@example.test' } }],
])('%s is refused with 400, and nothing is sent', async (_, wrong) => {
  const before = out.mails.length
  expect((await node.ask('POST', '/v2/messages', body(wrong))).status).toBe(400)
  expect(out.mails).toHaveLength(before)
})
