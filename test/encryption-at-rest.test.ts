/**
 * Encryption at rest on a real nats-server and a whole node with its desk: what customers say and who they are is found in no
 * byte of the data folder, everything goes on as without it, and a customer whose key is forgotten can be read in no copy.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { masterKeyIn, unwrap, wrap } from '../runtime/encryption/master-keys.ts'
import { orderly } from '../runtime/encryption/orderly.ts'
import { isSealed, keyOfSealed, open, seal } from '../runtime/encryption/sealed.ts'
import { keyNameOf } from '../runtime/encryption/sealed-streams.ts'
import { stream, subject } from '../runtime/streams.ts'
import { type Broker, startBroker } from './broker.ts'
import { openWindow } from './chat-window.ts'
import { type Json, smsBody, startTestNode, type TestNode } from './node.ts'
import { sample } from './samples.ts'

const newKey = () => randomBytes(32).toString('base64')
const [first, second, stranger] = [newKey(), newKey(), newKey()] as const
const gone = '+14155558101'
const stays = '+14155558102'
const chatter = 'user-8103-sealed'
const writer = 'sealed.8104@example.test'
/** Each at one way in, and whatever names customers. */
const words = [
  'sealed-text-words',
  'sealed-option-words',
  'sealed-chat-words',
  'sealed-file-words',
  'sealed-mail-words',
  'sealed-subject-words',
  'sealed-window-words',
  'sealed-lost-words',
  'sealed-agent-words',
  'sealed-variable-words',
]
const secrets = [...words, gone, gone.slice(2), stays.slice(2), chatter, writer, 'Sealed Writer']

let broker: Broker
let node: TestNode
let taskId: string
/** Every file after the first stop, with who it belongs to. */
let atRest: { name: string; bytes: string }[]

const start = async (masterKeys?: string) => {
  node = await startTestNode(broker, masterKeys === undefined ? {} : { PARLEY_MASTER_KEYS: masterKeys })
}
/** Ends node and server: all that is stored is in the files then. */
const stopAll = async () => {
  await node.stop()
  await broker.pause()
}
const post = async (path: string, body: unknown) => {
  const answer = await node.ask('POST', path, body)
  expect(answer.status, path).toBe(200)
  return answer.body
}
const stateOf = async (from: string) => (await node.conversation(from))?.state
const streamsDir = () =>
  readdirSync(broker.dir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(broker.dir, name))
    .find((name) => name.endsWith('streams/TURNS'))!
    .slice(0, -'/TURNS'.length)

beforeAll(async () => {
  broker = await startBroker()
  await start(first)
  await node.text('Hi, sealed-text-words', { from: gone })
  await node.text('Hi there', { from: stays })
  await post('/v1/inbound/sms', { ...smsBody('sealed-lost-words', { from: gone }), da: '19995550100' })
  await post('/v1/inbound/live-chat', {
    ...sample<object>('inbound/livechat-mo-text.json'),
    tid: randomUUID(),
    userId: chatter,
    message: 'sealed-chat-words',
    attachments: [{ file: 'data:text/plain,sealed-file-words', name: 'a.txt' }],
  })
  await post('/v1/inbound/email', {
    ...sample<object>('inbound/email-mo-new.json'),
    messageId: `<${randomUUID()}@example.test>`,
    emailId: writer,
    name: 'Sealed Writer',
    subject: 'sealed-subject-words',
    message: 'sealed-mail-words',
    strippedText: 'sealed-mail-words',
  })
  const window = await openWindow(node.url, 'SD12345650')
  await window.hello()
  window.say({ type: 'message', id: 'one', text: 'sealed-window-words' })
  await window.next('line', ({ kind }) => kind === 'form')
  await window.close()
  await node.advance(0)
  await node.text('1', { from: gone })
  await node.advance(0)
  taskId = (await node.conversation(gone)).taskId as string
  await node.text('sealed-option-words', { from: gone })
  await post('/v1/webhooks/digital-routing', {
    eventId: randomUUID(),
    eventType: 'QUEUED',
    task: { taskId, variables: [{ key: 'cv_3', value: 'sealed-variable-words' }] },
  })
  await node.advance(0)
  expect((await node.atDesk('POST', `/desk/tasks/${taskId}/route`, { agentId: '5021' })).status).toBe(200)
  await node.advance(0)
  expect((await node.atDesk('POST', `/desk/tasks/${taskId}/say`, { text: 'sealed-agent-words' })).status).toBe(200)
  await node.advance(0)
}, 60_000)
afterAll(async () => {
  await node?.stop().catch(() => {})
  await broker?.stop()
})

describe('With a master key', () => {
  test('all is read as it was written: the customer, the turns, the dead letters, the lines of a chat, a file', async () => {
    const whole = JSON.stringify(
      await Promise.all([gone, chatter, writer].map((customer) => post('/v1/privacy/dump', { customer }))),
    )
    for (const one of ['sealed-text-words', 'sealed-option-words', 'sealed-lost-words', 'sealed-agent-words']) {
      expect(whole).toContain(one)
    }
    for (const one of ['sealed-chat-words', 'sealed-subject-words', 'sealed-variable-words'])
      expect(whole).toContain(one)
    const [, id] = /\/v1\/attachments\/([0-9a-f]{64})/.exec(whole)!
    expect((await node.ask('GET', `/v1/attachments/${id}`)).body).toBe('sealed-file-words')
    const listed = (await node.ask('GET', `/v1/conversations?channel=email&customer=${writer}`)).body.items
    expect(listed).toMatchObject([{ customer: writer, channel: 'email' }])
  })

  test('the same message twice is one, as without it', async () => {
    const body = smsBody('sealed-text-words', { from: stays })
    expect([await post('/v1/inbound/sms', body), await post('/v1/inbound/sms', body)]).toMatchObject([
      { duplicate: false },
      { duplicate: true },
    ])
    await node.advance(0)
  })

  test('no byte of the data folder and of the log has words or addresses of a customer', async () => {
    await stopAll()
    atRest = filesBelow(broker.dir)
    for (const part of ['TURNS', 'INBOX', 'EFFECTS', 'DEAD', 'DESK', 'CHATS', 'OBJ_ATTACHMENTS', 'KEYS', 'node.log']) {
      expect(
        atRest.some(({ name }) => name.includes(part)),
        part,
      ).toBe(true)
    }
    for (const secret of secrets) {
      const found = atRest.filter(({ bytes }) => writings(secret).some((written) => bytes.includes(written)))
      expect(
        found.map(({ name }) => name),
        secret,
      ).toEqual([])
    }
  })

  test('what stays in clear is found by the same search: names of streams, subjects, actors', async () => {
    for (const clear of ['parley.turns.', 'parley.keys.', 'Nats-Msg-Id', 'Parley-Summary: sealed ']) {
      expect(
        atRest.some(({ bytes }) => bytes.includes(clear)),
        clear,
      ).toBe(true)
    }
    expect(writings('+1415 x')).toEqual([
      '+1415 x',
      '%2B1415%20x',
      Buffer.from('+1415 x').toString('base64').slice(0, -2),
    ])
  })
})

describe('A start', () => {
  test('without the master key, or with another one, is refused with what to do, and changes nothing', async () => {
    await broker.resume()
    await expect(start()).rejects.toMatchObject({
      code: 'E_NO_MASTER_KEY',
      message: expect.stringMatching(/PARLEY_MASTER_KEYS_FILE/),
    })
    await expect(start(stranger)).rejects.toMatchObject({
      code: 'E_MASTER_KEY',
      message: expect.stringMatching(printOf(first)),
    })
  })

  test('with a new master key before the old one goes on where it was, and wraps all data keys anew', async () => {
    await start(`${second},${first}`)
    expect(await stateOf(gone)).toBe('active.talking')
    await node.text('and on', { from: gone })
    await node.advance(0)
    expect(JSON.stringify(await node.turns(gone))).toContain('and on')
    await vi.waitFor(() => expect(readFileSync(node.logFile, 'utf8')).toMatch(/keys-rewrapped/), { timeout: 5_000 })
    await node.stop()
  })

  test('with the new one alone needs the old one no more, which opens nothing from then on', async () => {
    await expect(start(first)).rejects.toMatchObject({ code: 'E_MASTER_KEY' })
    await start(second)
    expect(await stateOf(gone)).toBe('active.talking')
    expect(JSON.stringify(await post('/v1/privacy/dump', { customer: gone }))).toContain('sealed-text-words')
  })
})

describe('A customer who is erased', () => {
  let copy: string
  let erased: Json

  test('is erased as without encryption, and their keys are forgotten', async () => {
    const { id } = await node.conversation(gone)
    const letter = {
      kind: 'effect',
      actor: id,
      reason: 'refused',
      at: '',
      attempts: 1,
      content: { text: 'sealed-text-words' },
    }
    await node.node.broker.js.publish(subject.dead('effect', id), JSON.stringify(letter))
    await stopAll()
    copy = join(broker.dir, 'copy')
    cpSync(streamsDir(), copy, { recursive: true })
    await broker.resume()
    await start(second)
    erased = await post('/v1/privacy/erase', { customer: gone })
    expect(erased).toMatchObject({ conversations: [{ outcome: 'erased', taskId }], deadLetters: 2, keys: 1 })
    expect((await node.ask('GET', `/v1/conversations/${erased.conversations[0].id}`)).status).toBe(404)
    expect(await stateOf(stays)).toBe('noConversation.menu')
  })

  test('is shown as erased when an older copy of the streams is put back, and nobody else is', async () => {
    await stopAll()
    const streams = streamsDir()
    for (const name of [stream.turns, stream.effects, stream.dead]) {
      rmSync(join(streams, name), { recursive: true })
      cpSync(join(copy, name), join(streams, name), { recursive: true })
    }
    await broker.resume()
    await start(second)
    const [{ id }] = erased.conversations
    expect((await node.ask('GET', `/v1/conversations/${id}`)).status).toBe(404)
    expect((await node.ask('GET', `/v1/conversations/${id}/turns`)).status).toBe(404)
    expect(await stateOf(stays)).toBe('noConversation.menu')
    const dumped = await post('/v1/privacy/dump', { customer: gone })
    expect(dumped).toMatchObject({ conversations: [] })
    const ofNobody = 'sealed-lost-words'
    for (const word of words.filter((one) => one !== ofNobody)) expect(JSON.stringify(dumped)).not.toContain(word)
    expect(await node.deadLetters()).toMatchObject([
      { kind: 'unhandled' },
      { kind: 'effect', actor: id, reason: expect.stringMatching(/^its customer was erased/) },
    ])
  })

  test('is erased again for what was nobody’s, which has no key of theirs', async () => {
    expect(await post('/v1/privacy/erase', { customer: gone })).toMatchObject({ conversations: [], deadLetters: 1 })
  })

  test('begins from nothing when they write again, although the old record is in the way', async () => {
    await node.text('Hello again', { from: gone })
    await node.advance(0)
    expect(await node.conversation(gone)).toMatchObject({ state: 'noConversation.menu' })
    const turns = await node.turns(gone)
    expect(turns[0]).toMatchObject({ turn: 1 })
    expect(JSON.stringify(turns)).not.toContain('sealed')
    expect(readFileSync(node.logFile, 'utf8')).toContain('the record of an erased customer')
  })
})

describe('When the data keys are lost', () => {
  test('a start is refused, and with them put back everything is there again', async () => {
    await stopAll()
    const [kept, keys] = [join(broker.dir, 'kept'), join(streamsDir(), 'KEYS')]
    cpSync(keys, kept, { recursive: true })
    rmSync(keys, { recursive: true })
    await broker.resume()
    await expect(start(second)).rejects.toMatchObject({ code: 'E_KEYS_LOST' })
    await broker.pause()
    cpSync(kept, keys, { recursive: true })
    await broker.resume()
    await start(second)
    expect(await stateOf(stays)).toBe('noConversation.menu')
  })
})

describe('A sealed message', () => {
  const key = { name: '0123456789abcdef', id: 'aabbccddeeff0011', bytes: randomBytes(32) }
  const clear = Buffer.from('{"text":"Hi"}')

  test('names its key, and is opened by no other one, nor when a byte of it is another', () => {
    const sealed = seal(key, clear)
    expect([isSealed(sealed), isSealed(clear), isSealed(Buffer.alloc(0))]).toEqual([true, false, false])
    expect(keyOfSealed(sealed)).toEqual({ name: key.name, id: key.id })
    expect(open(key.bytes, sealed)).toEqual(clear)
    expect(() => open(randomBytes(32), sealed)).toThrow()
    for (const at of sealed.keys()) {
      const damaged = Buffer.from(sealed)
      damaged[at]! ^= 1
      expect(() => open(key.bytes, damaged), `byte ${at}`).toThrow()
    }
    for (const length of [1, 2, 20, sealed.length - 1])
      expect(() => open(key.bytes, sealed.subarray(0, length))).toThrow()
  })

  test('is another one each time', () => expect(seal(key, clear)).not.toEqual(seal(key, clear)))

  test('is what goes to the streams of conversations and chats, and to no other', () => {
    expect(
      ['parley.in.a1', 'parley.turns.3.a1', 'parley.dead.poison.a1', 'parley.chats.a1.customer'].map(keyNameOf),
    ).toEqual(['a1', 'a1', 'a1', 'a1'])
    for (const subject of [
      'parley.effects.3.a1',
      'parley.timers.3.a1.menu',
      'parley.audit.act.x',
      'desk.journal',
      '$O.X.M.y',
    ]) {
      expect(keyNameOf(subject)).toBeUndefined()
    }
  })
})

describe('A master key', () => {
  test('is 32 bytes, as base64 or hex; it unwraps what it wrapped, for that purpose only', () => {
    const bytes = randomBytes(32)
    const key = masterKeyIn(bytes.toString('hex'))!
    expect(masterKeyIn(bytes.toString('base64'))).toEqual(key)
    expect([masterKeyIn(''), masterKeyIn('too short')]).toEqual([undefined, undefined])
    const data = randomBytes(32)
    const wrapped = wrap(key, 'a1 id', data)
    expect(unwrap(key, 'a1 id', wrapped)).toEqual(data)
    expect(() => unwrap(key, 'a2 id', wrapped)).toThrow()
    expect(() => unwrap(masterKeyIn(newKey())!, 'a1 id', wrapped)).toThrow()
  })
})

describe('What is opened one after the other', () => {
  test('is handed on in order, at once where it can be; what was let go is not', async () => {
    const handed: string[] = []
    const ready = new Map<string, () => void>()
    const line = orderly(
      (item: string) =>
        item.startsWith('now') ? item : new Promise<string>((resolve) => ready.set(item, () => resolve(item))),
      (opened) => handed.push(opened),
    )
    line.take('now 1')
    expect(handed).toEqual(['now 1'])
    for (const item of ['later 2', 'later 3', 'now 4']) line.take(item)
    ready.get('later 3')!()
    await new Promise(setImmediate)
    expect(handed).toEqual(['now 1'])
    ready.get('later 2')!()
    await new Promise(setImmediate)
    line.take('now 5')
    expect(handed).toEqual(['now 1', 'later 2', 'later 3', 'now 4', 'now 5'])
    line.take('later 6')
    line.letGo()
    ready.get('later 6')!()
    line.take('now 7')
    await new Promise(setImmediate)
    expect(handed.slice(5)).toEqual(['now 7'])
  })
})

const printOf = (key: string) => new RegExp(masterKeyIn(key)!.fingerprint)

/** As it is, percent-encoded, and as base64 where it begins a text; the last character or two depend on what follows. */
function writings(secret: string): string[] {
  const base64 = Buffer.from(secret).toString('base64')
  return [...new Set([secret, encodeURIComponent(secret), base64.slice(0, -2)])]
}

function filesBelow(folder: string): { name: string; bytes: string }[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((name) => ({ name, bytes: readFileSync(name, 'latin1') }))
}
