/**
 * Card numbers over several messages, from the door to the desk: what completes one is masked before it is stored, again at
 * the turn, and told to the customer once. What counts as one is told in `split-numbers.test.ts`.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { smsDoor } from '../adapters/connect/sms-door.ts'
import type { MessageReceived } from '../machines/events.ts'
import { maskAcrossMessages } from '../runtime/across-messages.ts'
import { activity } from '../runtime/activity.ts'
import { envelopeOf } from '../runtime/envelope.ts'
import { partitionOf } from '../runtime/partition.ts'
import { readBatch } from '../runtime/read-batch.ts'
import type { Loaded, TurnRecord } from '../runtime/record.ts'
import { type AcceptParts, accept } from '../runtime/stages/accept.ts'
import { stream, subject } from '../runtime/streams.ts'
import { type Broker, startBroker } from './broker.ts'
import { chatLine, toChatTalking } from './chat.ts'
import { toMenu, toQueued, toTalking } from './drive.ts'
import { type Json, smsBody, startTestNode, type TestNode } from './node.ts'
import { bot, createdNotice, menuAgain, sensitive, stories } from './story.ts'

stories('A card number over two messages', [
  {
    title:
      'SM12-SM14: in the queue, the second half goes to the transcript without a digit, and the customer is told once',
    given: toQueued,
    steps: [{ says: 'my card is 4111 1111' }, { says: '1111 1111 thanks' }],
    ends: 'inQueue.queued',
    sent: ['append Inbound: my card is 4111 1111', 'append Inbound: **** **** thanks', ...sensitive],
  },
  {
    title: 'SM12: with an agent, after a webhook in between',
    given: toTalking,
    steps: [{ says: '4111 1111' }, { task: 'queued' }, { says: '1111' }, { says: '1111' }],
    ends: 'active.talking',
    sent: ['append Inbound: 4111 1111', 'append Inbound: 1111', 'append Inbound: ****', ...sensitive],
  },
  {
    title: 'E1, SM12: both halves before the conversation exists',
    steps: [
      { says: '4111 1111' },
      { says: '1111 1111' },
      { answers: 'searchConversation' },
      { answers: 'createConversation' },
    ],
    ends: 'noConversation.menu',
    sent: [
      'searchConversation',
      'createConversation: 4111 1111',
      'append Inbound: **** ****',
      ...sensitive,
      ...bot('menu', '<welcome> <menu>'),
    ],
  },
  {
    title: 'E23: in the menu the second half is no wrong answer, and an answer after it counts',
    given: toMenu,
    steps: [
      { says: '4111 1111' },
      { says: '1111 1111' },
      { says: '1' },
      { answers: 'createTask' },
      { task: 'created' },
    ],
    ends: 'inQueue.created',
    sent: [
      'append Inbound: 4111 1111',
      ...menuAgain,
      'append Inbound: **** ****',
      ...sensitive,
      ...bot('menu', '<menu>'),
      'append Inbound: 1',
      'createTask Billing',
      'updateConversation',
      ...createdNotice,
    ],
  },
  {
    title: 'SM6: an answer to the menu is an answer, whatever number was begun before it',
    given: toMenu,
    steps: [{ says: '4111 1111 1111 111' }, { says: '1' }],
    ends: 'noConversation.creatingTask.wanted',
    sent: ['append Inbound: 4111 1111 1111 111', ...menuAgain, 'append Inbound: 1', 'createTask Billing'],
  },
  {
    title: 'a quarter of an hour later it is another number',
    given: toTalking,
    steps: [{ says: '4111 1111' }, { later: 900 }, { says: '1111 1111' }],
    ends: 'active.talking',
    sent: ['append Inbound: 4111 1111', 'append Inbound: 1111 1111'],
  },
])

stories(
  'A card number over two messages of a chat',
  [
    {
      title: 'LC9: the second half goes to the transcript without a digit, and the customer is told once',
      given: toChatTalking,
      steps: [{ says: '4111 1111 and' }, { says: 'then 1111 1111' }],
      ends: 'active.talking',
      sent: ['append Inbound: 4111 1111 and', 'append Inbound: then **** ****', ...sensitive],
    },
  ],
  chatLine,
)

describe('One message', () => {
  const at = '2026-03-02T14:00:00.000Z'
  const tail = { digits: '4111 1111', ofCard: false, at }
  const message = (more: Partial<MessageReceived>): MessageReceived => {
    return { type: 'message.received', id: 'm', at, text: '1111 1111', scan: 'clean', ...more }
  }
  const mail = {
    from: 'ana@example.test',
    fromName: 'Ana',
    subject: 'Re: card',
    messageId: '<2@example.test>',
    inReplyTo: '',
    references: [],
    to: [],
    cc: [],
    bcc: [],
    html: '<p>1111&nbsp;1111</p>',
    automatic: false,
  }

  test('E106: of a mail, the HTML part hides the same digits as the plain one', () => {
    const { event } = maskAcrossMessages(message({ mail }), tail)
    expect(event).toMatchObject({ text: '**** ****', scan: 'masked', mail: { html: '<p>****&nbsp;****</p>' } })
  })

  test('E109: what the provider could not scan stays withheld', () => {
    expect(maskAcrossMessages(message({ scan: 'failed' }), tail).event).toMatchObject({
      text: '**** ****',
      scan: 'failed',
    })
  })

  test('what completes nothing is given back as it came', () => {
    const other = message({ text: 'order 1111 1111' })
    expect(maskAcrossMessages(other, tail).event).toBe(other)
  })
})

describe('At the door', () => {
  const begun = { record: { tail: { digits: '4111 1111', ofCard: false, at: '2026-03-02T14:05:00.000Z' } } } as Loaded
  /** What is stored of a text, and how often the record was read for it. */
  async function storedOf(text: string): Promise<{ stored: string; reads: number }> {
    let [stored, reads] = ['', 0]
    const publish = async (_subject: string, payload: Uint8Array) => {
      stored = (JSON.parse(new TextDecoder().decode(payload)) as Json).data.text
      return { duplicate: false }
    }
    const recordOf = async () => {
      reads += 1
      return begun
    }
    const parts = {
      js: { publish },
      clock: { now: () => 0 },
      bindings: () => ({}),
      actorIdOf: () => '0123456789abcdef',
      recordOf,
      limit: () => 0,
      decideFiles: async (_name: string, event: object) => event,
      activity: activity(false),
    } as unknown as AcceptParts
    const answer = await accept(parts, smsDoor, new TextEncoder().encode(JSON.stringify(smsBody(text))))
    expect(answer.status).toBe(200)
    return { stored, reads }
  }

  test.each([
    { text: '1111 1111 thanks', stored: '**** **** thanks', reads: 1 },
    { text: '5512 0098', stored: '5512 0098', reads: 1 },
    { text: '1', stored: '1', reads: 0 },
    {
      text: 'Hi, I need help with my bill of 12/03/2026',
      stored: 'Hi, I need help with my bill of 12/03/2026',
      reads: 0,
    },
    { text: 'order 5512 0098', stored: 'order 5512 0098', reads: 0 },
    { text: '4111 1111 1111 1111', stored: '**** **** **** 1111', reads: 0 },
  ])('T7: $text is stored as $stored, after $reads reads of the record', async ({ text, stored, reads }) => {
    expect(await storedOf(text)).toEqual({ stored, reads })
  })
})

describe('Through the door, on a real broker', () => {
  const partitions = 4
  let broker: Broker
  let node: TestNode
  let customers = 0
  beforeAll(async () => {
    broker = await startBroker()
    node = await startTestNode(broker)
  })
  afterAll(async () => {
    await node.stop()
    await broker.stop()
  })

  const say = async (from: string, ...texts: string[]) => {
    const answers = await Promise.all(texts.map((text) => node.text(text, { from })))
    expect(answers.map(({ status }) => status)).toEqual(texts.map(() => 200))
    await node.advance(0)
  }
  const records = async (actor: string) => {
    const at = subject.turns(partitionOf(actor, partitions), actor)
    return (await readBatch(node.node.broker.jsm, stream.turns, at, 256)).map((one) => one.json<TurnRecord>())
  }
  const queued = async () => {
    const from = `+1415558${String(++customers).padStart(4, '0')}`
    await say(from, 'Hi')
    await say(from, '1')
    return from
  }
  /** What the desk's transcript has of the customer, what the records have, and the notices, from here on. */
  const seen = async (from: string) => {
    const { id, conversationId } = await node.conversation(from)
    const { transcript } = (await node.atDesk('GET', `/desk/conversations/${conversationId}`)).body
    const words = (direction: string) => transcript.filter((line: Json) => line.direction === direction)
    return {
      transcript: words('Inbound')
        .map(({ text }: Json) => text)
        .slice(2),
      records: (await records(id)).flatMap(({ cause }) => (cause.data as Json).text ?? []).slice(2),
      notices: words('Outbound').filter(({ text }: Json) => text.includes('card details')).length,
    }
  }

  // Its halves are alike, so that it does not matter which of two texts sent at once is stored first.
  test.each([
    { how: 'one after the other', rounds: [['4242 4242'], ['4242 4242']] },
    { how: 'at once', rounds: [['4242 4242', '4242 4242']] },
  ])(
    'T2, T7, SM12-SM14: two halves $how: no record and no transcript has the number, one notice',
    async ({ rounds }) => {
      const from = await queued()
      for (const texts of rounds) await say(from, ...texts)
      const halves = ['4242 4242', '**** ****']
      expect(await seen(from)).toEqual({ transcript: halves, records: halves, notices: 1 })
    },
  )

  test('T1, T7: a second half that was stored before the first one was turned is masked at its turn', async () => {
    const from = await queued()
    const { id } = await node.conversation(from)
    const texts = ['my card is 4111 1111', '1111 1111 thanks']
    for (const [i, text] of texts.entries()) {
      const event = {
        type: 'message.received',
        id: `half-${i}`,
        at: '2026-03-02T14:06:00.000Z',
        text,
        scan: 'clean',
      } as const
      await node.node.broker.js.publish(subject.in(id), JSON.stringify(envelopeOf(id, '/doors/sms', event)))
    }
    await node.advance(0)
    const halves = ['my card is 4111 1111', '**** **** thanks']
    expect(await seen(from)).toEqual({ transcript: halves, records: halves, notices: 1 })
  })
})
