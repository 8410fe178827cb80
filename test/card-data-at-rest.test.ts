/**
 * T7, PC5, E110: a card number that comes in through any door is nowhere on the disk afterwards: not in the broker's
 * store, not in a log, not in a dead letter, not in what the process printed.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from '@nats-io/transport-node'
import { expect, test } from 'vitest'
import { sample } from './samples.ts'
import { startWholeSystem, type WholeSystem } from './whole-system.ts'

const writings = [
  '4111111111111111',
  '4111 1111 1111 1111',
  '4111-1111-1111-1111',
  '4111.1111.1111.1111',
  '4111\u00a01111\u00a01111\u00a01111',
  '5555555555554444',
  '378282246310005',
]
/** What must not be found: the digits of the cards, whatever stands between them. */
const cards = [/4111\D{0,3}1111\D{0,3}1111\D{0,3}1111/, /5555555555554444/, /378282246310005/]

test('T7, PC5, E110: card numbers sent in through every door are nowhere on the disk and in no log', async () => {
  const system = await startWholeSystem({ PARLEY_LOG_LEVEL: 'trace', PARLEY_RATE_PER_CUSTOMER: '0' })
  try {
    await sendEverywhere(system)
    const masked = filesBelow(system.dataDir).some(({ text }) => text.includes('**** **** **** 1111'))
    expect(masked, 'the masked form is stored').toBe(true)
    const told = [...filesBelow(system.dataDir), { path: 'what was printed', text: system.printed() }]
    for (const { path, text } of told) for (const card of cards) expect(text.match(card)?.[0], path).toBeUndefined()
  } finally {
    await system.stop()
  }
})

async function sendEverywhere(system: WholeSystem): Promise<void> {
  const sms = (tid: string, message: unknown) => ({
    tid,
    channel: 'SMS',
    message,
    oa: '+14155550123',
    da: '14155550100',
  })
  for (const [index, card] of writings.entries()) {
    await system.gateway('/v1/inbound/sms', sms(`t${index}`, `my card is ${card} exp 12/27 cvv 123`))
  }
  const chat = { channel: 'Rtm', appId: 'SD12345650', userId: 'u1', thread_id: 't1', ts: '2026-03-02T14:05:55.099Z' }
  await system.gateway('/v1/inbound/live-chat', { ...chat, event: 'MO', tid: 'c1', message: `pay with ${writings[1]}` })
  await system.gateway('/v1/inbound/live-chat', sample('inbound/livechat-form-response.json'))
  // Nobody's, unreadable, wrongly typed: set aside or refused, and masked all the same.
  await system.gateway('/v1/inbound/sms', { ...sms('x1', `card ${writings[0]}`), da: '19999999999' })
  await system.gateway('/v1/inbound/sms', { ...sms('x2', { card: writings[0] }) })
  await system.gateway('/v1/inbound/email', {
    emailId: 'a@b.example',
    messageId: 'm1',
    subject: writings[1],
    message: 'x',
  })
  const webhook = sample<{ task: object }>('dr-webhooks/created-sms.json')
  const variables = [{ key: 'note', type: 'String', value: `card ${writings[0]}` }]
  await system.gateway('/v1/webhooks/digital-routing', { ...webhook, task: { ...webhook.task, variables } })
  await system.gateway('/v1/webhooks/digital-routing', {
    ...webhook,
    eventId: 'w2',
    eventType: 'ODD',
    note: writings[3],
  })
  await system.gateway('/v1/receipts', { deliveryInfoNotification: { deliveryInfo: { Description: writings[0] } } })

  const url = /nats:\/\/127\.0\.0\.1:\d+/.exec(system.printed())?.[0]
  const nc = await connect({ servers: url! })
  const overNats = await nc.request('parley.accept.sms', JSON.stringify(sms('n1', `and ${writings[2]}`)), {
    timeout: 5_000,
  })
  expect(overNats.json()).toMatchObject({ eventId: 'n1' })
  await nc.close()

  const query = new URLSearchParams({ channel: 'sms', asset: '14155550100', customer: '+14155550123' })
  await system.until(async () => {
    const { body } = await system.gateway(`/v1/conversations?${query}`)
    expect(body.items[0]?.state).toBe('noConversation.menu')
  })
}

function filesBelow(folder: string): { path: string; text: string }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
    .map((path) => ({ path, text: readFileSync(path, 'latin1') }))
}
