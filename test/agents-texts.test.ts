/**
 * What agents of the embedded desk write reaches customers over the line that their asset has, and what becomes of it is
 * shown at the desk: a node with its desk on a real broker, Twilio's API as a stand-in behind real HTTP, and a message
 * centre that shares no line with our own SMPP.
 */
import { createHmac, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Broker, startBroker } from './broker.ts'
import { standIn } from './far-side.ts'
import { centre } from './message-centre.ts'
import { asset, type Json, startTestNode, type TestNode } from './node.ts'

/** One line as a test needs it: settings, the customer's side of it, and trouble. */
interface Line {
  env: Record<string, string>
  write(node: TestNode, from: string, text: string): Promise<void>
  /** What the customer has, oldest first. */
  inbox(to: string): string[]
  /** Tells what became of the last text to a customer; resolves to whether it was taken. */
  tell(node: TestNode, to: string, outcome: 'sent' | 'delivered' | 'failed'): Promise<boolean>
  /** How the next text is answered. */
  refuse(how: 'busy' | 'for good'): void
  close(): Promise<void>
}

const publicUrl = 'https://parley.example.test'
const authToken = 'twilio-s3cret'

async function twilioLine(): Promise<Line> {
  const api = await standIn()
  const taken: Json[] = []
  let refusal: { status: number; code: number } | undefined
  api.answerBy(({ body }) => {
    const refused = refusal
    refusal = undefined
    if (refused) return { status: refused.status, body: { code: refused.code } }
    taken.push(body)
    return { status: 201, body: { sid: `SM${taken.length}` } }
  })
  const form = (node: TestNode, path: string, fields: Record<string, string>) => {
    const said = Object.keys(fields)
      .sort()
      .map((name) => name + fields[name])
    const signature = createHmac('sha1', authToken)
      .update(publicUrl + path + said.join(''))
      .digest('base64')
    return node.ask('POST', path, new URLSearchParams(fields).toString(), {
      'content-type': 'application/x-www-form-urlencoded',
      'x-twilio-signature': signature,
    })
  }
  const to = (customer: string) => taken.filter(({ To }) => To === customer)
  const stages = { sent: 'sent', delivered: 'delivered', failed: 'undelivered' }
  return {
    env: {
      TWILIO_URL: api.url,
      TWILIO_ACCOUNT_SID: 'AC1',
      TWILIO_AUTH_TOKEN: authToken,
      PARLEY_PUBLIC_URL: publicUrl,
    },
    async write(node, From, Body) {
      await form(node, '/v1/inbound/twilio', { MessageSid: randomUUID(), From, To: `+${asset}`, Body, NumMedia: '0' })
    },
    inbox: (customer) => to(customer).map(({ Body }) => Body),
    async tell(node, customer, outcome) {
      const path = to(customer).at(-1).StatusCallback.slice(publicUrl.length)
      const error = outcome === 'failed' ? { ErrorCode: '30003' } : {}
      return (await form(node, path, { MessageSid: 'SM1', MessageStatus: stages[outcome], ...error })).status === 200
    },
    refuse: (how) => {
      refusal = how === 'busy' ? { status: 429, code: 20429 } : { status: 400, code: 21610 }
    },
    close: () => api.close(),
  }
}

async function smppLine(): Promise<Line> {
  const smsc = await centre()
  const bare = (number: string) => number.replace('+', '')
  const deliver = (from: string, short_message: string, more = {}) => {
    const source = { source_addr_ton: 1, source_addr_npi: 1, source_addr: bare(from) }
    return smsc.deliver({ ...source, destination_addr: asset, short_message, ...more })
  }
  const to = (customer: string) => smsc.submitted.filter((text) => text.to === bare(customer))
  const stages = { sent: 'ENROUTE', delivered: 'DELIVRD', failed: 'UNDELIV' }
  return {
    env: { SMPP_URL: smsc.url },
    write: async (_node, from, text) => void (await deliver(from, text)),
    inbox: (customer) => to(customer).map(({ text }) => text),
    async tell(_node, customer, outcome) {
      const { messageId } = to(customer).at(-1)!
      const err = outcome === 'failed' ? '069' : '000'
      const receipt = `id:${messageId} sub:001 dlvrd:001 stat:${stages[outcome]} err:${err} text:Hi`
      return (await deliver(customer, receipt, { esm_class: 4 })) === 0
    },
    refuse: (how) => void smsc.refuse.push(how === 'busy' ? 0x58 : 0x0b),
    close: () => smsc.close(),
  }
}

describe.each([
  ['Twilio', twilioLine],
  ['SMPP', smppLine],
])('an agent at the embedded desk, with a line by %s', (name, open) => {
  let broker: Broker
  let line: Line
  let node: TestNode
  beforeAll(async () => {
    broker = await startBroker()
    line = await open()
    node = await startTestNode(broker, line.env)
  })
  afterAll(async () => {
    await node.stop()
    await line.close()
    await broker.stop()
  })

  let people = 4_000
  /** A customer who has said what they want, and the task that an agent has taken. */
  async function talking(): Promise<{ from: string; taskId: string; say(text: string): Promise<void> }> {
    const from = `+1415555${people++}`
    for (const text of ['Hi', '1']) {
      await line.write(node, from, text)
      await node.advance(0)
    }
    const { taskId } = await node.conversation(from)
    await node.atDesk('POST', `/desk/tasks/${taskId}/route`, { agentId: 'ana' })
    await node.advance(0)
    const say = async (text: string) => {
      expect((await node.atDesk('POST', `/desk/tasks/${taskId}/say`, { text })).status).toBe(200)
      await node.advance(0)
    }
    return { from, taskId, say }
  }
  const transcript = async (taskId: string): Promise<Json[]> => {
    const { body: task } = await node.atDesk('GET', `/desk/tasks/${taskId}`)
    return (await node.atDesk('GET', `/desk/conversations/${task.conversationId}`)).body.transcript
  }
  const lineOf = async (taskId: string, text: string) =>
    (await transcript(taskId)).find((one) => one.text === text)?.delivery

  test('reaches the customer once, card data masked, and the desk shows that it was sent and delivered', async () => {
    const { from, taskId, say } = await talking()
    await say('pay 4111 1111 1111 1111')
    expect(line.inbox(from).filter((text) => text.startsWith('pay'))).toEqual(['pay **** **** **** 1111'])
    expect(await lineOf(taskId, 'pay **** **** **** 1111')).toMatchObject({ status: 'sent' })
    expect(await line.tell(node, from, 'delivered')).toBe(true)
    expect(await lineOf(taskId, 'pay **** **** **** 1111')).toMatchObject({ status: 'delivered' })
  })

  test('sees receipts go forward only, however they come and however often', async () => {
    const { from, taskId, say } = await talking()
    await say('on its way')
    for (const outcome of ['delivered', 'sent', 'delivered'] as const) {
      expect(await line.tell(node, from, outcome)).toBe(true)
      expect(await lineOf(taskId, 'on its way')).toMatchObject({ status: 'delivered' })
    }
    const before = await node.turns(from)
    expect(before.filter(({ event }) => /receipt/.test((event as Json).type))).toEqual([])
    expect((await node.deadLetters()).filter(({ kind }) => kind === 'unhandled')).toEqual([])
  })

  test('sees what could not be delivered, and why', async () => {
    const { from, taskId, say } = await talking()
    await say('hello?')
    expect(await line.tell(node, from, 'failed')).toBe(true)
    expect(await line.tell(node, from, 'sent')).toBe(true)
    const code = name === 'Twilio' ? '30003' : '069'
    expect(await lineOf(taskId, 'hello?')).toMatchObject({ status: 'failed', code })
  })

  test('is sent again while the line is busy, in order, each text once; and sees what it refuses for good', async () => {
    const { from, taskId, say } = await talking()
    line.refuse('busy')
    await say('first')
    await say('second')
    await node.advance(5_000)
    expect(line.inbox(from).slice(-2)).toEqual(['first', 'second'])
    line.refuse('for good')
    await say('third')
    expect(await lineOf(taskId, 'third')).toMatchObject({ status: 'failed', code: 'HTTP 409' })
    expect(line.inbox(from)).not.toContain('third')
  })

  test('is said to twice by a desk that heard no answer, and heard once by the customer', async () => {
    const { from } = await talking()
    const body = {
      channel: 'sms',
      from: asset,
      to: [{ msisdn: [from.slice(1)], correlationId: 'agent:C1:t1' }],
      content: { type: 'text', text: 'only once' },
      transid: `t-${name}`,
    }
    for (let times = 0; times < 2; times++) {
      const { status, body: said } = await node.ask('POST', '/v2/messages', body)
      expect([status, said.response[0].code]).toEqual([200, '1001'])
    }
    expect(line.inbox(from).filter((text) => text === 'only once')).toHaveLength(1)
  })

  test.each([
    ['an asset without a line', { from: '14155559999' }],
    ['no text', { content: { type: 'text', text: '' } }],
    ['another channel', { channel: 'rt' }],
    ['two numbers', { to: [{ msisdn: ['1', '2'], correlationId: 'c' }] }],
  ])('%s is refused with 400', async (_, wrong) => {
    const right = {
      channel: 'sms',
      from: asset,
      to: [{ msisdn: ['14155550123'], correlationId: 'c' }],
      content: { type: 'text', text: 'x' },
    }
    expect((await node.ask('POST', '/v2/messages', { ...right, ...wrong })).status).toBe(400)
  })
})
