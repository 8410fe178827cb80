/**
 * No card data from a chat window reaches the broker, the transcript or the log (T7, PC5): a real node, a real broker, the
 * embedded desk.
 */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readBatch } from '../runtime/read-batch.ts'
import { stream } from '../runtime/streams.ts'
import { type Broker, startBroker } from './broker.ts'
import { type Json, startTestNode, type TestNode } from './node.ts'

const window = { user: 'chat-user-97a190', app: 'SD12345650', thread: 'thread-1' }
const card = '4111 1111 1111 1111'

let broker: Broker
let node: TestNode
beforeAll(async () => {
  broker = await startBroker()
  node = await startTestNode(broker)
})
afterAll(async () => {
  await node.stop()
  await broker.stop()
})

const chat = (act: string, body: object) => node.atDesk('POST', `/desk/handset/chat/${act}`, { ...window, ...body })
const inbox = async (): Promise<string[]> =>
  (await node.atDesk('GET', `/desk/handset/chat/inbox?user=${window.user}`)).body.items.map(({ text }: Json) => text)

test('PC1, PC5, LC9, LC10: a card number in a form, a text or a file name is masked before it is stored, and told once', async () => {
  await chat('say', { text: `pay with ${card}` })
  await node.advance(0)
  await chat('form', { fields: { Name: `Ana ${card}`, Email: 'a@b.test', Query: 'Billing' } })
  await node.advance(0)
  const attachments = [{ file: `https://x.test/${encodeURIComponent(`${card}.pdf`)}`, contentType: 'application/pdf' }]
  await chat('say', { text: 'see file', attachments })
  await node.advance(0)

  const { items } = (await node.ask('GET', '/v1/conversations?channel=live-chat')).body
  const { transcript } = (await node.atDesk('GET', `/desk/conversations/${items[0].conversationId}`)).body
  expect(JSON.stringify(transcript)).toContain('Ana **** **** **** 1111')
  const turns = await readBatch(node.node.broker.jsm, stream.turns, 'parley.turns.>', 500)
  for (const text of [
    JSON.stringify(transcript),
    readFileSync(node.logFile, 'utf8'),
    ...turns.map((m) => m.string()),
  ]) {
    expect(text).not.toMatch(/4111[ %]/)
  }
  expect((await inbox()).filter((text) => text.includes('card details'))).toHaveLength(2)
})
