/**
 * Our own chat door over real WebSockets: two nodes on one broker, far sides that agree (checklist LC1, LC5, LC8; T7, T9).
 */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { closeCodes } from '../adapters/chat-messages.ts'
import { type Broker, startBroker } from './broker.ts'
import { openWindow, type Window } from './chat-window.ts'
import { type FarSides, farSides } from './far-sides.ts'
import { type Json, startTestNode, type TestNode } from './node.ts'

const app = 'SD12345650'
const inboundToken = 'for-machines-only'

let broker: Broker
let far: FarSides
let node: TestNode
let other: TestNode
beforeAll(async () => {
  broker = await startBroker()
  far = await farSides()
  const env = {
    ...far.env,
    PARLEY_INBOUND_TOKEN: inboundToken,
    PARLEY_ADMIN_TOKEN: 'for-people',
    // Only who leaves ends a chat here, however far time is moved until that is noticed.
    PARLEY_ASSETS__1__POLICY__FORM_TIMEOUT_SECONDS: '0',
  }
  node = await startTestNode(broker, env)
  other = await startTestNode(broker, env, { works: [] })
})
afterAll(async () => {
  await other.stop()
  await node.stop()
  await far.close()
  await broker.stop()
})

const id = () => randomUUID()
const windowAt = (where = node, origin?: string) => openWindow(where.url, app, origin)

/** A window with its chat begun: the customer has written, and the form is there. */
async function begun(text = 'Hello') {
  const window = await windowAt()
  const { token, thread } = await window.hello()
  window.say({ type: 'message', id: 'first', text })
  const form = await window.next('line', ({ kind }) => kind === 'form')
  return { window, token, thread, form }
}

const admin = { authorization: 'Bearer for-people' }
/** By the user that the token names. */
async function conversationOf(token: string): Promise<Json> {
  const [, user] = JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString())
  const query = new URLSearchParams({ channel: 'live-chat', asset: app, customer: user })
  return (await node.ask('GET', `/v1/conversations?${query}`, undefined, admin)).body.items[0]
}

/** What an agent says, as Connect is asked for it. */
const agentSays = (thread: string, message: string, more: object = {}, where = node) =>
  where.ask(
    'POST',
    '/v1/messages',
    { channel: 'rt', threadId: thread, type: 'message', message, ...more },
    {
      authorization: `Bearer ${inboundToken}`,
    },
  )

describe('A chat', () => {
  test('LC1, LC5: the first line brings the form, its answer a task; tokens of the HTTP doors are not asked for', async () => {
    const { window, token, form } = await begun()
    expect(form.form?.fields.map(({ name }) => name)).toContain('Name')
    const fields = { Name: 'Ana Ruiz', Email: 'ana@example.test', Query: 'Insurance', Phone: '+14155550123' }
    window.say({ type: 'form', id: id(), reference: form.form!.reference, fields })
    await window.next('line', ({ kind }) => kind === 'formAnswer')
    await node.advance(0)
    expect((await conversationOf(token)).state).toBe('inQueue.created')
    expect(window.lines().map(({ from, kind }) => `${from} ${kind}`)).toEqual([
      'customer message',
      'business form',
      'customer formAnswer',
    ])
    await window.close()
  })

  test('T7: a card number is masked in the thread, also when two messages make it', async () => {
    const { window } = await begun('my card is 4111 1111 1111 1111')
    window.say({ type: 'message', id: id(), text: 'or 5555 5555' })
    window.say({ type: 'message', id: id(), text: '5555 4444' })
    const second = await window.next('line', ({ text }) => text.startsWith('****'))
    expect(window.lines()[0]!.text).toBe('my card is **** **** **** 1111')
    expect(second.text).not.toMatch(/\d{4} \d{4}/)
    await window.close()
  })

  test('E1: a frame sent again under its id is stored once and shown once', async () => {
    const { window } = await begun()
    const same = id()
    for (let times = 0; times < 3; times += 1) window.say({ type: 'message', id: same, text: 'once' })
    window.say({ type: 'message', id: id(), text: 'then' })
    await window.next('line', ({ text }) => text === 'then')
    expect(window.lines().filter(({ text }) => text === 'once')).toHaveLength(1)
    await window.close()
  })

  test('what an agent says reaches every tab, on whichever node, once and in order', async () => {
    const { window, token, thread } = await begun()
    const tab = await windowAt(other)
    await tab.hello({ token })
    const transid = id()
    for (const text of ['one', 'one', 'two', 'three']) await agentSays(thread, text, text === 'one' ? { transid } : {})
    for (const one of [window, tab]) {
      await one.next('line', ({ text }) => text === 'three')
      const said = one.lines().filter(({ from, kind }) => from === 'business' && kind === 'message')
      expect(said.map(({ text }) => text)).toEqual(['one', 'two', 'three'])
      const numbers = one.lines().map(({ seq }) => seq)
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
    }
    tab.say({ type: 'message', id: id(), text: 'from the other tab' })
    await window.next('line', ({ text }) => text === 'from the other tab')
    await Promise.all([window.close(), tab.close()])
  })

  test('an agent typing is shown, and not kept', async () => {
    const { window, thread } = await begun()
    await agentSays(thread, '', { type: 'typing', typing: 'start' }, other)
    expect((await window.next('typing')).typing).toBe('start')
    await window.close()
  })
})

describe('A window that comes back', () => {
  test('gets what was said meanwhile, once, on another node', async () => {
    const { window, token, thread } = await begun()
    const after = window.lines().at(-1)!.seq
    window.cut()
    for (const text of ['missed one', 'missed two']) await agentSays(thread, text)
    const back = await windowAt(other)
    expect((await back.hello({ token, after })).resumed).toBe(true)
    await agentSays(thread, 'live')
    await back.next('line', ({ text }) => text === 'live')
    expect(back.lines().map(({ text }) => text)).toEqual(['missed one', 'missed two', 'live'])
    await back.close()
  })

  test('loses and doubles nothing, however often the line breaks in the middle of a burst', async () => {
    const { window, token, thread } = await begun()
    const seen: string[] = []
    let after = window.lines().at(-1)!.seq
    window.cut()
    const saying = (async () => {
      for (let n = 0; n < 60; n += 1) await agentSays(thread, `line ${n}`, {}, n % 2 === 0 ? node : other)
    })()
    for (let turn = 0; seen.at(-1) !== 'line 59'; turn += 1) {
      const back = await windowAt(turn % 2 === 0 ? other : node)
      await back.hello({ token, after })
      await back.next('line')
      back.cut()
      await back.closed
      seen.push(...back.lines().map(({ text }) => text))
      after = back.lines().at(-1)!.seq
    }
    await saying
    expect(seen).toEqual(Array.from({ length: 60 }, (_, n) => `line ${n}`))
  })

  test('within the time of grace has not left', async () => {
    const { window, token } = await begun()
    await window.close()
    await node.advance(30_000)
    const back = await windowAt()
    await back.hello({ token })
    await node.advance(60_000)
    expect((await conversationOf(token)).state).toBe('noConversation.preChatForm')
    await back.close()
  })
})

describe('A window that leaves', () => {
  test('LX1: closes the thread when nobody is back after the time of grace', async () => {
    const { window, token } = await begun()
    await window.close()
    // The server hears of it in its own time.
    let state = ''
    while (!state.startsWith('closed')) {
      await node.advance(61_000)
      state = (await conversationOf(token)).state
    }
    const late = await windowAt()
    late.say({ type: 'hello', token })
    expect((await late.closed).code).toBe(closeCodes.threadClosed)
  })

  test('for good closes it at once, in every tab', async () => {
    const { window, token, thread } = await begun()
    const tab = await windowAt(other)
    await tab.hello({ token })
    window.say({ type: 'close' })
    for (const one of [window, tab]) expect((await one.closed).code).toBe(closeCodes.threadClosed)
    await node.advance(0)
    expect((await conversationOf(token)).state).toMatch(/^closed/)
    const said = await agentSays(thread, 'anybody there?')
    expect(said.body.response[0].code).toBe('7312')
  })
})

describe('Nobody else', () => {
  const stranger = async (hello: object, code: number, origin?: string) => {
    const window = await windowAt(node, origin)
    window.say({ type: 'hello', ...hello })
    expect((await window.closed).code).toBe(code)
  }

  test('reads a thread with a token that was changed, is for another thread, or was made up', async () => {
    const { window, token } = await begun()
    const [payload, signed] = token.split('.')
    const [asset, user, , at] = JSON.parse(Buffer.from(payload!, 'base64url').toString())
    const forged = Buffer.from(JSON.stringify([asset, user, `pc-${'0'.repeat(32)}`, at])).toString('base64url')
    for (const made of [`${forged}.${signed}`, `${payload}.AAAA`, `${payload}.`, payload, 'x', `${token}x.`]) {
      await stranger({ token: made }, closeCodes.badToken)
    }
    await window.close()
  })

  test('comes from a website that is not on the list', async () => {
    await stranger({}, closeCodes.originRefused, 'https://evil.example')
    const window = await windowAt(node, 'https://support.my-company.example')
    await window.hello()
    await window.close()
    const own = await windowAt(node, node.url)
    await own.hello()
    await own.close()
  })

  test('says things in a thread for the business without the inbound token', async () => {
    const { window, thread } = await begun()
    const body = { threadId: thread, type: 'message', message: 'x' }
    expect((await node.ask('POST', '/v1/messages', body)).status).toBe(401)
    expect((await agentSays('not-ours', 'x')).status).toBe(400)
    await window.close()
  })
})

const wrong: [string, string | object, number][] = [
  ['no JSON', '{', closeCodes.malformed],
  ['no frame', { type: 'shout' }, closeCodes.malformed],
  ['no id', { type: 'message', text: 'x' }, closeCodes.malformed],
  ['a text that is too long', { type: 'message', id: 'x', text: 'x'.repeat(10_001) }, closeCodes.malformed],
  ['a frame that is too large', 'x'.repeat(70_000), closeCodes.tooLarge],
]
test.each(wrong)('%s closes the socket with a code that says so', async (_, frame, code) => {
  const window = await windowAt()
  await window.hello()
  window.say(frame)
  expect((await window.closed).code).toBe(code)
})

test('an asset nobody has, a message before hello, a hello of a frame too many', async () => {
  const nobody = await openWindow(node.url, 'nobody')
  expect((await nobody.closed).code).toBe(closeCodes.noSuchChat)
  const rude = await windowAt()
  rude.say({ type: 'message', id: 'x', text: 'x' })
  expect((await rude.closed).code).toBe(closeCodes.malformed)
})

describe('A file', () => {
  const send = (token: string, name: string, bytes: string | Uint8Array, headers: Record<string, string> = {}) =>
    node.ask('POST', `/v1/chat/files?app=${app}&id=${id()}&name=${encodeURIComponent(name)}`, bytes, {
      authorization: `Bearer ${token}`,
      'content-type': 'text/plain',
      ...headers,
    })

  test('LC8: reaches the conversation once it was found clean; with card data in it, it is dropped', async () => {
    const { window, token } = await begun()
    expect((await send(token, 'letter.txt', 'The car is blue.')).status).toBe(200)
    expect((await send(token, 'card.txt', '4111 1111 1111 1111')).status).toBe(200)
    await window.next('line', ({ text }) => text === 'card.txt')
    await node.advance(0)
    const { id: actor } = await conversationOf(token)
    const turns: Json[] = (await node.ask('GET', `/v1/conversations/${actor}/turns`, undefined, admin)).body
    const files = turns.flatMap(({ event }) => event.data.attachments ?? [])
    expect(files).toMatchObject([
      { name: 'letter.txt', url: expect.stringContaining('/v1/attachments/') },
      { name: 'card.txt', url: '', dropped: 'sensitive' },
    ])
    await window.close()
  })

  test('needs the token of a window, a page that may chat, and no more than 25 MB', async () => {
    const { window, token } = await begun()
    expect((await send('x', 'a.txt', 'x')).status).toBe(401)
    expect((await send(token, 'a.txt', 'x', { origin: 'https://evil.example' })).status).toBe(401)
    expect((await send(token, 'a.txt', new Uint8Array(26_214_401))).status).toBe(413)
    const allowed = await send(token, 'a.txt', 'x', { origin: 'https://support.my-company.example' })
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://support.my-company.example')
    await window.close()
  })
})

test('T9: while the broker is away nothing is said to be stored; sent again under its id, it is stored once', async () => {
  const { window, token } = await begun()
  await broker.pause()
  const same = id()
  window.say({ type: 'message', id: same, text: 'are you there?' })
  expect((await window.next('refused')).status).toBe(503)
  window.cut()
  await broker.resume()
  let back: Window | undefined
  for (let stored = false; !stored; ) {
    back = await windowAt()
    back.say({ type: 'hello', token })
    back.say({ type: 'message', id: same, text: 'are you there?' })
    stored = await Promise.race([
      back.next('stored').then(() => true),
      back.closed.then(() => false),
      back.next('refused').then(() => false),
    ])
    if (!stored) back.cut()
  }
  await back!.next('line', ({ text }) => text === 'are you there?')
  expect(back!.lines().filter(({ text }) => text === 'are you there?')).toHaveLength(1)
  await agentSays((await back!.next('welcome')).thread, 'yes')
  await back!.next('line', ({ text }) => text === 'yes')
  await back!.close()
}, 60_000)
