/**
 * What becomes of our messages, as receipts tell it: forward only, in whatever order they come and however often, and seen
 * in the history beside the message; no conversation changes by it (flows.md 4.4, checklist E72).
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isFurther, type MessageStatus, messageStatusOf } from '../adapters/message-status.ts'
import { type Broker, startBroker } from './broker.ts'
import { type FarSides, farSides } from './far-sides.ts'
import { type Json, startTestNode, type TestNode } from './node.ts'

const statuses = ['queued', 'sent', 'delivered', 'read', 'failed'] as const
const furthest = (told: readonly MessageStatus[]) =>
  told.reduce<MessageStatus | undefined>((known, next) => (isFurther(next, known) ? next : known), undefined)

/** Every way to tell up to three of them, each once or twice, in any order. */
function* tellings(): Generator<MessageStatus[]> {
  for (const a of statuses) {
    for (const b of statuses) for (const c of statuses) for (const d of statuses) yield [a, b, c, d]
  }
}

describe('a message', () => {
  test('comes to the same end in whatever order its receipts are told, and however often', () => {
    for (const told of tellings()) {
      expect([told, furthest(told.toReversed())]).toEqual([told, furthest(told)])
      expect([told, furthest([...told, ...told])]).toEqual([told, furthest(told)])
    }
  })

  test('never goes back at any receipt on the way', () => {
    for (const told of tellings()) {
      let known: MessageStatus | undefined
      for (const next of told) {
        const then = furthest(known === undefined ? [next] : [known, next])!
        if (known !== undefined) expect([told, then === known || isFurther(then, known)]).toEqual([told, true])
        known = then
      }
    }
  })

  test.each<[MessageStatus[], MessageStatus]>([
    [['delivered', 'sent'], 'delivered'],
    [['read', 'delivered'], 'read'],
    [['failed', 'delivered'], 'failed'],
    [['failed', 'read'], 'read'],
    [['read', 'failed'], 'read'],
  ])('%j is %s', (told, end) => expect(furthest(told)).toBe(end))

  test('is told of in the words of every provider; other words say nothing', () => {
    expect(['Submitted', 'Delivered', 'Read', 'Failed', 'undelivered', 'typing'].map(messageStatusOf)).toEqual([
      'sent',
      'delivered',
      'read',
      'failed',
      'failed',
      undefined,
    ])
  })
})

describe('a conversation whose far side sends receipts', () => {
  let broker: Broker
  let far: FarSides
  let node: TestNode
  beforeAll(async () => {
    broker = await startBroker()
    far = await farSides()
    node = await startTestNode(broker, { ...far.env, PARLEY_PUBLIC_URL: 'https://parley.example.test' })
    await node.text('Hi')
    await node.advance(0)
  })
  afterAll(async () => {
    await node.stop()
    await far.close()
    await broker.stop()
  })

  const sent = () => far.asked('sendMessage').map(({ body }) => body as Json)
  /** As Connect posts it; `more` goes over what was given along. */
  const tell = async (deliveryStatus: string, code: string, more: object = {}) => {
    const { callbackData, to } = sent().at(-1)
    const answer = await node.ask('POST', '/v1/receipts', {
      deliveryInfoNotification: {
        deliveryInfo: { timeStamp: '2026-03-02T14:06:46.939Z', code, deliveryStatus },
        subtid: `${deliveryStatus} ${code}`,
        transid: 't-1',
        callbackData,
        correlationid: to[0].correlationId,
        ...more,
      },
    })
    expect(answer.body).not.toHaveProperty('unhandled')
    await node.advance(0)
  }
  const messages = async () =>
    (await node.turns()).flatMap(({ effects }) => effects).filter(({ type }) => type === 'sendMessage')
  const delivery = async () => (await messages()).at(-1)?.delivery

  test('shows each message as far as it has come, beside its effect, and never goes back', async () => {
    const { state, context } = await node.conversation()
    expect(await delivery()).toBeUndefined()
    await tell('Delivered', '7500')
    for (const [late, code] of [
      ['Submitted', '7501'],
      ['Delivered', '7500'],
      ['Submitted', '7501'],
    ] as const) {
      await tell(late, code)
      expect(await delivery()).toEqual({ status: 'delivered', at: '2026-03-02T14:06:46.939Z' })
    }
    const after = await node.conversation()
    expect([after.state, after.context]).toEqual([state, context])
  })

  test('finds its message by the correlation id alone, where that is all that comes back', async () => {
    await tell('Read', '7510', { callbackData: '' })
    expect(await delivery()).toMatchObject({ status: 'read' })
  })

  test('E72: a message that its customer never got, 7312, is seen in the history of a closed one, and changes nothing', async () => {
    await node.text('End Conversation')
    await node.advance(0)
    const before = await node.conversation()
    expect(before.state).toBe('closed.resting')
    for (let times = 0; times < 2; times++) await tell('Failed', '7312')
    await tell('Delivered', '7500')
    const after = await node.conversation()
    expect([after.state, after.context, after.timers]).toEqual([before.state, before.context, before.timers])
    expect(await delivery()).toMatchObject({ status: 'failed', code: '7312' })
    const heard = (await node.turns()).filter(({ event }) => event.type === 'parley.receipt.updated')
    expect(heard.every((turn) => turn.heard === 'ignored' && turn.effects.length === 0)).toBe(true)
    const { body: metrics } = await node.ask('GET', '/metrics')
    expect(metrics).toContain('parley_receipts_total{channel="sms",status="failed"} 1')
  })
})
