/**
 * Stories told by mail, as far as they go without the runtime: steps through the mailboxes of a real desk, what the
 * expectations see there, and the rows that a reader sees. A stand-in takes what the desk posts. Time is virtual.
 */
import { connect as connectNats, type NatsConnection } from '@nats-io/transport-node'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { virtualClock } from '../adapters/clock.ts'
import { type Desk, startDesk } from '../adapters/desk/desk.ts'
import type { OutboundMessage } from '../machines/effects.ts'
import type { Address } from '../machines/events.ts'
import type { ConversationReading, EffectReading, TurnReading } from '../runtime/history.ts'
import { act, type Play, playOf } from '../scenarios/acts.ts'
import { effectRow } from '../scenarios/effect-row.ts'
import { expectations } from '../scenarios/expectations.ts'
import { addressOf, mailboxOf, personAt } from '../scenarios/mail-addresses.ts'
import { parseScenario } from '../scenarios/parse-scenario.ts'
import { play } from '../scenarios/player.ts'
import type { Stack } from '../scenarios/stack.ts'
import { type Broker, startBroker } from './broker.ts'
import { type StandIn, standIn } from './far-side.ts'

// biome-ignore lint/suspicious/noExplicitAny: bodies are read as a foreign program would read them
type Json = any

const asset = 'a_637512345678901234'
const mailbox = 'support@corp.example'

let broker: Broker
let nats: NatsConnection
let runtime: StandIn
let desk: Desk
/** Every play has a line of its own, as on a real stack. */
let lines = 0

beforeAll(async () => {
  broker = await startBroker()
  nats = await connectNats({ servers: broker.url })
  runtime = await standIn()
  desk = await startDesk({
    nats,
    clock: virtualClock(Date.parse('2026-03-02T14:00:00.000Z')),
    host: '127.0.0.1',
    port: 0,
    webhookUrl: () => `${runtime.url}/v1/webhooks/digital-routing`,
    inboundUrl: (channel) => `${runtime.url}/v1/inbound/${channel}`,
    appOfMailbox: (address) => (address === mailbox ? asset : undefined),
    agents: { automatic: false },
  })
})
afterAll(async () => {
  await desk.stop()
  await runtime.close()
  await nats.close()
  await broker.stop()
})
beforeEach(() => {
  lines += 1
})

const line = () => String(lines).padStart(4, '0')
const at = (name: string) => `${name}.${line()}@example.test`

/** The desk is real; of the runtime there is only what `conversations` says. */
function stackWith(conversations: Pick<Stack, 'conversationOf' | 'turnsOf'>): Stack {
  return {
    ...conversations,
    url: runtime.url,
    deskUrl: desk.url,
    devices: {},
    customerFor: () => `+1415555${line()}`,
    advance: async () => {},
    async desk<Answer>(method: string, path: string, body?: object) {
      const init = body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}
      const answer = await fetch(desk.url + path, { method, ...init })
      expect([method, path, answer.status]).toEqual([method, path, 200])
      return (await answer.json()) as Answer
    },
    node: async () => {
      throw new Error('expected nothing to be asked of the node')
    },
    stop: async () => {},
  }
}

const storyOf = (...steps: string[]) =>
  parseScenario(
    'x.yaml',
    ['scenario: x', `asset: email/${asset}`, 'steps:', ...steps.map((one) => `  - ${one}`)].join('\n'),
  )

/** A play in which nothing comes of what is written, and its steps. */
function storyPlay(...steps: string[]) {
  const scenario = storyOf(...steps)
  const one = playOf(stackWith({ conversationOf: async () => undefined, turnsOf: async () => [] }), scenario)
  return { one, steps: scenario.steps }
}

async function acted(...steps: string[]) {
  const { one, steps: parsed } = storyPlay(...steps)
  const rows = []
  for (const step of parsed) rows.push(...(await act(one, step)))
  return { one, rows }
}

const posted = (): Json => runtime.requests.at(-1)?.body
/** A notice of Parley's in the mailboxes of these people. */
async function deliver(play: Play, to: string, text: string, more: object = {}): Promise<void> {
  await play.stack.desk('POST', '/v2/messages', {
    channel: 'email',
    from: mailbox,
    to: [{ email: [to] }],
    subject: 'Re: Claim 4471',
    content: { type: 'text', text },
    ...more,
  })
}

describe('people and mailboxes', () => {
  test.each([
    ['ana', 'ana.0007@example.test', 'customer'],
    ['bo', 'bo.0007@example.test', 'bo'],
    ['support@corp.example', 'support@corp.example', 'support@corp.example'],
  ])('%s writes as %s and is shown as %s', (name, address, shown) => {
    expect([addressOf(name, '0007'), personAt(address)]).toEqual([address, shown])
  })

  test('each email asset has a mailbox of its own, the built-in one its own', () => {
    expect(mailboxOf(asset)).toBe(mailbox)
    expect(mailboxOf('A_1')).toBe('a_1@corp.example')
  })
})

describe('steps', () => {
  test('a mail goes to the mailbox of the asset, under addresses that no other play has, and is told in one row', async () => {
    const { rows } = await acted(
      'customer: { says: Where is it?, subject: Claim 4471, cc: [bo], attachments: [{ name: a.txt, text: fine }], id: m1 }',
    )
    expect(posted()).toMatchObject({
      appId: asset,
      emailId: at('ana'),
      senderName: 'Ana',
      toAddresses: mailbox,
      ccRecipients: at('bo'),
      subject: 'Claim 4471',
      strippedText: 'Where is it?',
      messageId: `<m1.${at('ana')}>`,
      attachments: [{ name: 'a.txt', contentType: 'text/plain', content: btoa('fine') }],
    })
    expect(rows).toEqual([{ who: 'customer', what: 'Claim 4471: Where is it? (cc bo); sends the file a.txt' }])
  })

  test('mails without a name are numbered, and headers and checks of the provider are told', async () => {
    const { rows } = await acted(
      'customer: Hello',
      'customer: { says: Away, headers: { Auto-Submitted: auto-replied } }',
      'customer: { says: B, checks: { pciInfo: { nonPCIComplianceReason: { text: "PCI: Failed: x" } } } }',
    )
    expect(runtime.requests.slice(-3).map(({ body }: Json) => body.messageId)).toEqual(
      [1, 2, 3].map((number) => `<${number}.${at('ana')}>`),
    )
    expect(rows.map(({ who, what }) => `${who}: ${what}`)).toEqual([
      'customer: Hello',
      'customer: Away [Auto-Submitted: auto-replied]',
      'customer: B',
      'provider: PCI: Failed: x',
    ])
  })

  test('a reply goes under the subject of what it answers, also by somebody who was only shown it', async () => {
    const { one, steps } = storyPlay(
      'customer: { says: Any news?, reply: true }',
      'customer: { from: eve, says: Me too, reply: ana }',
      'customer: { from: postmaster@corp.example, says: Undeliverable, subject: Other, reply: ana }',
    )
    await deliver(one, at('ana'), 'We are on it', { headers: { 'Message-ID': '<n1@corp.example>' } })
    const told = []
    for (const step of steps) {
      const [row] = await act(one, step)
      told.push([row, posted().emailId, posted().subject, posted().inReplyTo])
    }
    const answered = '<n1@corp.example>'
    expect(told).toEqual([
      [{ who: 'customer', what: 'Re: Claim 4471: Any news?' }, at('ana'), 'Re: Claim 4471', answered],
      [{ who: 'eve', what: 'Re: Claim 4471: Me too' }, at('eve'), 'Re: Claim 4471', answered],
      [{ who: 'postmaster@corp.example', what: 'Other: Undeliverable' }, 'postmaster@corp.example', 'Other', answered],
    ])
    expect(one.places.map(({ customer, topic }) => [customer, topic])).toEqual([
      [at('ana'), 'claim 4471'],
      [at('eve'), 'claim 4471'],
      ['postmaster@corp.example', 'other'],
    ])
  })
})

describe('expectations', () => {
  test('each mail is expected once as its subject and words, in the mailbox that is named', async () => {
    const { one } = await acted('customer: { says: Hello, subject: Claim 4471 }')
    const { check } = expectations(one)
    await deliver(one, at('ana'), 'We are on it', { cc: [at('bo')] })
    const received = ['Re: Claim 4471: We are on it']
    expect(await check({ received }, '')).toEqual([])
    expect(await check({ received: [] }, '')).toEqual([])
    expect(await check({ mailbox: 'bo', received }, '')).toEqual([])
    expect(await check({ mailbox: 'cy', received }, '')).toEqual([
      'received.0: expected "Re: Claim 4471: We are on it", found nothing',
    ])
  })

  test('headers are those of the newest mail, a beginning where the text ends in *, null where there must be none', async () => {
    const { one } = await acted('customer: { says: Hello, subject: Claim 4471 }')
    const { check } = expectations(one)
    const newest = { 'Auto-Submitted': 'auto-replied', 'In-Reply-To': `<1.${at('ana')}>` }
    await deliver(one, at('ana'), 'Older', { headers: { References: '<1>' } })
    await deliver(one, at('ana'), 'Newest', { headers: newest })
    const right = { 'Auto-Submitted': 'auto-replied', 'In-Reply-To': '<1.ana.*', References: null }
    expect(await check({ headers: right }, '')).toEqual([])
    const wrong = { 'Auto-Submitted': null, 'In-Reply-To': '<2.*', References: '<1>' }
    expect(await check({ headers: wrong }, '')).toEqual([
      'headers.Auto-Submitted: expected nothing, found "auto-replied"',
      `headers.In-Reply-To: expected "<2.*", found "<1.${at('ana')}>"`,
      'headers.References: expected "<1>", found nothing',
    ])
    expect(await check({ mailbox: 'bo', headers: { References: '*' } }, '')).toEqual([
      'headers.References: expected "*", found nothing',
    ])
  })

  test('what reached anybody who wrote and nobody expected is left over', async () => {
    const { one } = await acted('customer: Hello', 'customer: { from: bo, says: Hello }')
    const { leftOver } = expectations(one)
    await deliver(one, at('ana'), 'One')
    await deliver(one, at('bo'), 'Two')
    await deliver(one, at('cy'), 'Nobody asked')
    expect(await leftOver()).toEqual([
      'expected nothing more to reach the customer, found "Re: Claim 4471: One"',
      'expected nothing more to reach bo, found "Re: Claim 4471: Two"',
    ])
  })
})

describe('rows', () => {
  const names = { conversation: (id: string) => id, task: (id: string) => id }
  const message = (mail: Partial<OutboundMessage['mail']>, customer = at('ana')): EffectReading => ({
    key: 'k',
    type: 'sendMessage',
    status: 'done',
    attempts: 1,
    payload: {
      address: { channel: 'email', asset, customer },
      text: 'We have it.',
      mail: { subject: 'Re: Claim 4471', cc: [], ...mail },
    },
  })

  test('a mail shows whom it goes to, its subject and who gets a copy', () => {
    const rowOf = (effect: EffectReading) => effectRow(effect, { output: undefined, names })
    expect(rowOf(message({}))).toEqual({ who: 'mail to customer', what: 'Re: Claim 4471: We have it.' })
    expect(rowOf(message({ cc: [at('bo'), 'cy@corp.example'] }, at('eve')))).toEqual({
      who: 'mail to eve',
      what: 'Re: Claim 4471: We have it. (cc bo, cy@corp.example)',
    })
  })

  test('a line of the transcript shows its subject, and its author when that is somebody else', () => {
    const rowOf = (from: string, subject: string) => {
      const payload = { direction: 'Inbound', text: 'Any news?', mail: { from, subject } }
      const effect: EffectReading = { key: 'k', type: 'appendConversation', status: 'done', attempts: 1, payload }
      return effectRow(effect, { output: undefined, names }).what
    }
    expect(rowOf(at('ana'), 'Re: Claim 4471')).toBe('inbound: Re: Claim 4471: Any news?')
    expect(rowOf(at('bo'), '')).toBe('inbound from bo: Any news?')
  })

  test('two topics are two conversations of one story: their names count on, and the state is of the one that moved', async () => {
    const turnOf = (revision: number, id: string): TurnReading => ({
      revision,
      turn: revision,
      at: '2026-03-02T14:00:00.000Z',
      event: { id: 'e', type: 'parley.message.received', time: '', data: {} },
      heard: 'turned',
      stateBefore: '',
      stateAfter: '',
      effects: [
        {
          key: `${id}.${revision}`,
          type: 'closeConversation',
          status: 'done',
          attempts: 1,
          payload: { conversationId: id },
        },
      ],
    })
    const written = () => runtime.requests.filter(({ body }: Json) => body.emailId === at('ana'))
    const turns = (topic: string) =>
      written()
        .filter(({ body }: Json) => body.subject === topic)
        .map((_, index) => turnOf(index + 1, `engage-${topic}`))
    const stack = stackWith({
      conversationOf: async ({ topic = '' }: Address) =>
        ({ id: topic, state: `moved.${topic}.${turns(topic).length}` }) as ConversationReading,
      turnsOf: async (id) => turns(id),
    })
    const { steps, problems } = await play(
      stack,
      storyOf(
        'customer: { says: One, subject: a }',
        'customer: { says: Two, subject: b }',
        'expect: { state: moved.b.1 }',
        'customer: { says: Three, subject: a }',
      ),
    )
    expect(problems).toEqual([])
    expect(steps.map(({ state }) => state)).toEqual(['moved.a.1', 'moved.b.1', 'moved.a.2'])
    expect(steps.map(({ rows }) => rows.at(-1)?.what)).toEqual([
      'close conversation 1: done',
      'close conversation 2: done',
      'close conversation 1: done',
    ])
  })
})
