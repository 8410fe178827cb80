/**
 * Privacy requests on the whole system as it is run: what is open is ended, then nothing of the customer is left in any
 * stream, in any memory, or in any byte on the disk; and everybody else's is still there.
 */
import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { closeCodes } from '../adapters/chat-messages.ts'
import { openWindow, type Window } from './chat-window.ts'
import { asset, type Json, smsBody } from './node.ts'
import { sample } from './samples.ts'
import { type System, system } from './system.ts'

const patience = { timeout: 20_000 }
const gone = { sms: '+14155557101', chat: 'user-7101-gone', mail: 'gone.7101@example.test' }
const stays = '+14155557102'
/** Words of the one who goes, each at one way in, and whatever names them. */
const words = [
  'gone-text-words',
  'gone-chat-words',
  'gone-mail-words',
  'gone-window-words',
  'gone-file-words',
  'gone-lost-words',
  'gone-desk-words',
]

const app = 'SD12345650'

let whole: System
let window: Window
/** What the chat window got: the token names the customer. */
let welcome: { token: string; thread: string }
let visitor: string
let erased: Json
let dumped: Json

const post = async (path: string, body: unknown) => (await whole.ask('POST', path, body))!
const text = (from: string, said: string, more: object = {}) =>
  post('/v1/inbound/sms', { ...smsBody(said, { from }), ...more })
const conversationsIn = async (query: Record<string, string>) =>
  (await whole.ask('GET', `/v1/conversations?${new URLSearchParams(query)}`))!.body.items as Json[]
const isIn = (query: Record<string, string>, state: string) =>
  vi.waitFor(async () => expect((await conversationsIn(query))[0]?.state).toContain(state), patience)

beforeAll(async () => {
  whole = await system()
  await whole.start({ PARLEY_LOG_LEVEL: 'trace' })
  await Promise.all([
    text(gone.sms, 'Hi, gone-text-words'),
    text(stays, 'Hi, these words stay'),
    text(gone.sms, 'gone-lost-words', { da: '19995550100' }),
    post('/v1/inbound/live-chat', {
      ...sample<object>('inbound/livechat-mo-text.json'),
      tid: randomUUID(),
      userId: gone.chat,
      message: 'gone-chat-words',
      attachments: [{ file: 'data:text/plain,gone-file-words', name: 'a.txt' }],
    }),
    post('/v1/inbound/email', {
      ...sample<object>('inbound/email-mo-new.json'),
      messageId: `<${randomUUID()}@example.test>`,
      emailId: gone.mail,
      message: 'gone-mail-words',
      strippedText: 'gone-mail-words',
      htmlMessage: '<p>gone-mail-words</p>',
      strippedHTML: '<p>gone-mail-words</p>',
    }),
  ])
  window = await openWindow(whole.url(), app)
  welcome = await window.hello()
  visitor = JSON.parse(Buffer.from(welcome.token.split('.')[0]!, 'base64url').toString())[1]
  window.say({ type: 'message', id: 'first', text: 'gone-window-words, and 4111 1111' })
  await window.next('line', ({ kind }) => kind === 'form')
  const bySms = { channel: 'sms', asset, customer: gone.sms }
  await isIn(bySms, 'noConversation.menu')
  await text(gone.sms, '1')
  await isIn(bySms, 'inQueue')
  await text(gone.sms, 'gone-desk-words')
  await vi.waitFor(async () => {
    const { body } = await post('/v1/privacy/dump', { customer: gone.sms })
    expect(JSON.stringify(body.desk.entries)).toContain('gone-desk-words')
  }, patience)
  dumped = await Promise.all(
    [...Object.values(gone), visitor].map(async (customer) => (await post('/v1/privacy/dump', { customer })).body),
  )
  erased = await Promise.all(
    [...Object.values(gone), visitor].map(async (customer) => (await post('/v1/privacy/erase', { customer })).body),
  )
}, 60_000)
afterAll(() => whole.remove())

describe('A customer who is to be forgotten', () => {
  test('is dumped whole: conversations with their turns, dead letters, files, what the desk knows', () => {
    expect(dumped.map(({ conversations }: Json) => conversations.length)).toEqual([1, 1, 1, 1])
    for (const word of words.filter((one) => one !== 'gone-file-words')) expect(JSON.stringify(dumped)).toContain(word)
    expect(dumped[0].deadLetters).toHaveLength(1)
    expect(dumped[1].attachments[0]).toMatch(/^\/v1\/attachments\/[0-9a-f]{64}$/)
    expect(dumped[0].desk.entries.length).toBeGreaterThan(3)
    expect(dumped[3].chats).toMatchObject([{ thread: welcome.thread, lines: [{ kind: 'message' }, { kind: 'form' }] }])
  })

  test('is erased on every channel; an open conversation is ended first, its task too, and reported', async () => {
    expect(erased.map(({ conversations }: Json) => conversations.map(({ outcome }: Json) => outcome))).toEqual([
      ['erased'],
      ['erased'],
      ['erased'],
      ['erased'],
    ])
    const [{ taskId, state }] = erased[0].conversations
    expect(state).toMatch(/^inQueue/)
    expect(taskId).not.toBe('')
    expect(erased[0].conversations[0]).not.toHaveProperty('notEnded')
    expect(erased[0].deadLetters).toBe(1)
    expect(erased[1].attachments).toBe(1)
    expect(erased[2].mailIds).toBe(1)
    expect(erased[3].chatLines).toBeGreaterThanOrEqual(2)
    expect(erased[0].desk).toBeGreaterThan(3)
  })

  test('is on no list any more, and a second time there is nothing to erase', async () => {
    for (const { conversations } of erased) {
      expect((await whole.ask('GET', `/v1/conversations/${conversations[0].id}`))?.status).toBe(404)
    }
    const { body } = await post('/v1/privacy/erase', { customer: gone.sms })
    expect(body).toEqual({
      conversations: [],
      deadLetters: 0,
      mailIds: 0,
      chatLines: 0,
      attachments: 0,
      keys: null,
      desk: 0,
    })
  })

  test('loses the chat window that is open, and its token is good for nothing any more', async () => {
    expect((await window.closed).code).toBe(closeCodes.threadClosed)
    const back = await openWindow(whole.url(), app)
    back.say({ type: 'hello', token: welcome.token })
    expect((await back.closed).code).toBe(closeCodes.threadClosed)
    const file = await fetch(`${whole.url()}/v1/chat/files?app=${app}&id=late&name=late.txt`, {
      method: 'POST',
      body: 'late',
      headers: { authorization: `Bearer ${welcome.token}`, 'content-type': 'text/plain' },
    })
    expect(file.status).toBe(409)
    const late = await post('/v1/messages', { threadId: welcome.thread, type: 'message', message: 'late' })
    expect(late.body.response[0].code).toBe('7312')
    const { body } = await post('/v1/privacy/erase', { customer: visitor })
    expect(body).toMatchObject({ conversations: [], chatLines: 0 })
  })

  test('is not brought back by what the contact centre still says of their task', async () => {
    const { taskId } = erased[0].conversations[0]
    const late = sample<Json>('dr-webhooks/closed-sms-normal.json')
    const task = { ...late.task, taskId, origin: gone.sms, variables: [] }
    const answer = await post('/v1/webhooks/digital-routing', { ...late, eventId: randomUUID(), task })
    expect(answer.body).toMatchObject({ unhandled: 'the customer was erased' })
    expect((await whole.ask('GET', '/v1/dead-letters'))?.body).toEqual([])
  })

  test('begins anew when they write again, under another task', async () => {
    await text(gone.sms, 'Back again')
    const bySms = { channel: 'sms', asset, customer: gone.sms }
    await isIn(bySms, 'noConversation.menu')
    await text(gone.sms, '1')
    await isIn(bySms, 'inQueue.queued')
    const [now] = await conversationsIn(bySms)
    expect(now.taskId).not.toBe(erased[0].conversations[0].taskId)
    await post('/v1/privacy/erase', { customer: gone.sms })
  })

  test('takes nobody else along', async () => {
    const [other] = await conversationsIn({ channel: 'sms', asset, customer: stays })
    expect(other.state).toBe('noConversation.menu')
    await text(stays, '1')
    await isIn({ channel: 'sms', asset, customer: stays }, 'inQueue')
  })

  test('is noted in the audit trail without being named', async () => {
    const { body } = (await whole.ask('GET', '/v1/audit'))!
    const acts = body.map(({ act }: Json) => act)
    expect(acts).toEqual(
      expect.arrayContaining(['customer.dump', 'customer.erase', 'conversations.list', 'audit.read']),
    )
    expect(body[0]).toMatchObject({ who: 'anyone', from: '127.0.0.1' })
  })

  test('leaves no byte on the disk or in the log: no word, no number, no address', async () => {
    await whole.stop()
    const files = filesBelow(whole.dataDir)
    expect(files.length).toBeGreaterThan(20)
    expect(files.some(({ bytes }) => bytes.includes('these words stay'))).toBe(true)
    const names = [...Object.values(gone), gone.sms.slice(1), visitor]
    const found = [...words, ...names].flatMap((word) =>
      files.filter(({ bytes }) => bytes.includes(word)).map(({ name }) => `${word} in ${name}`),
    )
    expect(found).toEqual([])
  })
})

function filesBelow(folder: string): { name: string; bytes: string }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((name) => ({ name: name.slice(folder.length + 1), bytes: readFileSync(name, 'latin1') }))
}
