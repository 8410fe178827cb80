/**
 * Which conversation a mail belongs to (flows.md section 3): what it answers comes first, then customer, mailbox and
 * subject. A real node and broker; far sides that agree to everything.
 */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Broker, startBroker } from './broker.ts'
import { type FarSides, farSides } from './far-sides.ts'
import { type Answer, type Json, startTestNode, type TestNode } from './node.ts'
import { sample } from './samples.ts'

let broker: Broker
let far: FarSides
let node: TestNode
beforeAll(async () => {
  broker = await startBroker()
  far = await farSides()
  node = await startTestNode(broker, far.env)
})
afterAll(async () => {
  await node.stop()
  await far.close()
  await broker.stop()
})

/** A person nobody wrote as before. */
const person = (): string => `${randomUUID().slice(0, 8)}@example.test`
const newId = (): string => `<${randomUUID()}@example.test>`

interface Written {
  from: string
  subject?: string
  id?: string
  answers?: string
  references?: string[]
  to?: string
  cc?: string
  headers?: object
}

async function mails({
  from,
  subject = 'Claim 4471',
  id = newId(),
  answers = '',
  references = [],
  to = 'support@corp.example',
  cc = '',
  headers = {},
}: Written): Promise<Answer> {
  const answer = await node.ask('POST', '/v1/inbound/email', {
    ...sample<Json>('inbound/email-mo-new.json'),
    emailId: from,
    subject,
    messageId: id,
    inReplyTo: answers,
    toAddresses: to,
    ccRecipients: cc,
    headers: { References: references.join(' '), ...headers },
    strippedText: `from ${from}`,
  })
  expect(answer.status).toBe(200)
  await node.advance(0)
  return answer
}

async function conversationsOf(customer: string): Promise<Json[]> {
  const query = new URLSearchParams({ channel: 'email', asset: 'a_637512345678901234', customer })
  return (await node.ask('GET', `/v1/conversations?${query}`)).body.items
}

/** The texts that its transcript got, the first one with its creation. */
const transcriptOf = ({ conversationId, id }: Json): string[] =>
  [
    ...far.asked('createConversation').filter(({ headers }) => headers['idempotency-key']?.startsWith(id)),
    ...far.asked('appendConversation').filter(({ body }) => (body as Json).conversationId === conversationId),
  ].map(({ body }) => (body as Json).text)

test('EM7: a second mail about the same subject is the same conversation, whatever stands before the subject', async () => {
  const ana = person()
  await mails({ from: ana })
  await mails({ from: ana.toUpperCase(), subject: 'RE: claim  4471' })
  const [only, ...more] = await conversationsOf(ana)
  expect(more).toEqual([])
  expect(transcriptOf(only)).toEqual([`from ${ana}`, `from ${ana.toUpperCase()}`])
})

test('another subject is another conversation, and each has its own task', async () => {
  const ana = person()
  await mails({ from: ana })
  await mails({ from: ana, subject: 'My invoice' })
  const found = await conversationsOf(ana)
  expect(found.map(({ state }) => state)).toEqual(['inQueue.created', 'inQueue.created'])
  expect(new Set(found.map(({ taskId }) => taskId)).size).toBe(2)
})

test.each<[how: string, answering: (id: string) => Partial<Written>]>([
  ['In-Reply-To', (id) => ({ answers: id })],
  ['the last of its references', (id) => ({ references: [newId(), id] })],
  ['the first of many references', (id) => ({ references: [id, ...Array.from({ length: 30 }, newId)] })],
])('a mail under a new subject that answers the first by %s is the same conversation', async (_, answering) => {
  const ana = person()
  const first = newId()
  await mails({ from: ana, id: first })
  await mails({ from: ana, subject: 'It is solved', ...answering(first) })
  expect(await conversationsOf(ana)).toHaveLength(1)
})

test('an answer to our own notice is the same conversation', async () => {
  const ana = person()
  await mails({ from: ana, id: newId() })
  const [{ id, taskId }] = (await conversationsOf(ana)) as [Json]
  const webhook = sample<Json>('dr-webhooks/created-email.json')
  await node.ask('POST', '/v1/webhooks/digital-routing', {
    ...webhook,
    eventId: randomUUID(),
    task: { ...webhook.task, taskId },
  })
  await node.advance(0)
  const sent = far.asked('sendMessage').find(({ headers }) => headers['idempotency-key']?.startsWith(id))!
  const ours = (sent.body as Json).headers['Message-ID']
  await mails({ from: ana, subject: 'Thanks', answers: ours })
  expect(await conversationsOf(ana)).toHaveLength(1)
})

test('E13: somebody the customer had in copy answers into the conversation', async () => {
  const [ana, bo] = [person(), person()]
  const first = newId()
  await mails({ from: ana, id: first, cc: bo })
  await mails({ from: bo, subject: 'Re: Claim 4471', answers: first })
  expect(await conversationsOf(bo)).toEqual([])
  const [only] = (await conversationsOf(ana)) as [Json]
  expect(transcriptOf(only)).toEqual([`from ${ana}`, `from ${bo}`])
})

test('a stranger who quotes a mail of it begins a conversation of their own', async () => {
  const [ana, mallory] = [person(), person()]
  const first = newId()
  await mails({ from: ana, id: first })
  const [before] = (await conversationsOf(ana)) as [Json]
  await mails({
    from: mallory,
    subject: 'Re: Claim 4471',
    answers: first,
    references: [`<parley.${before.id}.1.0@corp.example>`],
  })
  expect(await conversationsOf(mallory)).toHaveLength(1)
  const [after] = (await conversationsOf(ana)) as [Json]
  expect(transcriptOf(after)).toEqual([`from ${ana}`])
})

test('E2: the same mail twice is one mail', async () => {
  const ana = person()
  const id = newId()
  const said = [await mails({ from: ana, id }), await mails({ from: ana, id })]
  expect(said.map(({ body }) => body)).toEqual([
    { eventId: id, duplicate: false },
    { eventId: id, duplicate: true },
  ])
})

test("E12: a machine's mail that answers nothing here begins nothing, and is set aside", async () => {
  const ana = person()
  const { body } = await mails({ from: ana, headers: { 'Auto-Submitted': 'auto-replied' } })
  expect(body).toMatchObject({ unhandled: expect.stringContaining('answers no conversation') })
  expect(await conversationsOf(ana)).toEqual([])
})

test('E12, A39: one that answers a conversation reaches the agent, and is not answered', async () => {
  const ana = person()
  const first = newId()
  await mails({ from: ana, id: first })
  const before = far.asked('sendMessage').length
  await mails({ from: ana, subject: 'Out of office', answers: first, headers: { 'Auto-Submitted': 'auto-replied' } })
  const [only] = (await conversationsOf(ana)) as [Json]
  expect(transcriptOf(only)).toEqual([`from ${ana}`, `from ${ana}`])
  expect(far.asked('sendMessage')).toHaveLength(before)
})

test.each(['support@corp.example', 'sales@corp.example, bo@example.test'])(
  'E12: our own mailbox begins no conversation with itself, when it writes to %s',
  async (to) => {
    await mails({ from: 'Support@corp.example', subject: 'Loop', to })
    expect(await conversationsOf('support@corp.example')).toEqual([])
  },
)

test('E106, T7: a card number is masked alike in subject, text and HTML, and no address or log has it', async () => {
  const ana = person()
  const pan = '4111 1111 1111 1111'
  await node.ask('POST', '/v1/inbound/email', {
    ...sample<Json>('inbound/email-mo-new.json'),
    emailId: ana,
    messageId: newId(),
    subject: `card ${pan}`,
    strippedText: `it is ${pan}`,
    strippedHTML: `<p>it is <b>4111 1111</b> 1111 1111</p>`,
    htmlMessage: '',
    pciInfo: '',
  })
  await node.advance(0)
  const [only] = (await conversationsOf(ana)) as [Json]
  const created = far.asked('createConversation').find(({ headers }) => headers['idempotency-key']?.startsWith(only.id))
  expect(created?.body).toMatchObject({
    emailSubject: 'card **** **** **** 1111',
    text: 'it is **** **** **** 1111',
    html: '<p>it is <b>**** ****</b> **** 1111</p>',
  })
  const notices = far.asked('sendMessage').filter(({ headers }) => headers['idempotency-key']?.startsWith(only.id))
  expect(notices).toHaveLength(1)
  expect(JSON.stringify([await conversationsOf(ana), far.requests.map(({ body }) => body)])).not.toContain('4111')
})
