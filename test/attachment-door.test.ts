/**
 * Files of a live chat, from the address the provider gives to what an agent may open: a real node, a real broker, files
 * behind real HTTP (LC8, LC11, PC2, E107-E109, A48).
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Broker, startBroker } from './broker.ts'
import { card, docx, paragraph, pdf, utf8 } from './corpus/files.ts'
import { type FileServer, fileServer } from './file-server.ts'
import { type Json, startTestNode, type TestNode } from './node.ts'
import { sample } from './samples.ts'

const window = { user: 'chat-user-97a190', app: 'SD12345650', thread: 'thread-1' }
const leaky = pdf({ draws: `(Card ${card}) Tj` })
const cleared = { pciInfo: sample('security/pciinfo-ok.json') }

let broker: Broker
let node: TestNode
let files: FileServer
beforeAll(async () => {
  broker = await startBroker()
  node = await startTestNode(broker)
  files = await fileServer()
  await chat('say', { text: 'Hello' })
  await chat('form', { fields: { Name: 'Ana', Email: 'a@b.test', Query: 'Billing' } })
})
afterAll(async () => {
  await node.stop()
  await broker.stop()
  await files.close()
})

async function chat(act: string, body: object): Promise<void> {
  const { status } = await node.atDesk('POST', `/desk/handset/chat/${act}`, { ...window, ...body })
  expect(status).toBe(200)
  await node.advance(0)
}

interface Line {
  mimeType: string
  fileName: string
  url: string
  dropped: boolean
}

/** Sends files and gives what the agent sees of them. */
async function sent(attachments: object[], more: object = {}): Promise<Line[]> {
  await chat('say', { text: 'see file', attachments, ...more })
  const { items } = (await node.ask('GET', '/v1/conversations?channel=live-chat')).body
  const { transcript } = (await node.atDesk('GET', `/desk/conversations/${items[0].conversationId}`)).body
  return transcript.findLast(({ direction }: Json) => direction === 'Inbound').attachments
}

const inbox = async (): Promise<string[]> =>
  (await node.atDesk('GET', `/desk/handset/chat/inbox?user=${window.user}`)).body.items.map(({ text }: Json) => text)

const gone = { fileName: '[Dropped]', url: '', dropped: true }
const inside = (bytes: Uint8Array) => `data:application/pdf;base64,${Buffer.from(bytes).toString('base64')}`

function onDisk(words: string): string[] {
  return readdirSync(broker.dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((name) => readFileSync(name).includes(words))
}

describe('a file behind an address', () => {
  test('LC8, LC11, PC2, T7: with a card number in it is dropped, told once, and nothing of it is on the disk', async () => {
    const address = files.put('/statement.pdf', leaky)
    expect(await sent([{ file: address, contentType: 'application/pdf' }])).toMatchObject([gone])
    expect((await inbox()).filter((text) => text.includes('contains sensitive data'))).toHaveLength(1)
    for (const words of [card, 'Card 4111', 'BT /F1', '/statement.pdf HTTP']) expect(onDisk(words)).toEqual([])
  })

  test('E108: the name of a dropped file is in no text of the chat, nor in what agents see', async () => {
    const [line] = await sent([{ file: files.put('/secret-name.pdf', leaky), contentType: 'application/pdf' }])
    expect(JSON.stringify([line, await inbox()])).not.toContain('secret-name')
  })

  test('LC11: a clean one is stored, and served as what it is', async () => {
    const bytes = pdf({ draws: '(A quiet letter) Tj' })
    const address = files.put('/letter.txt', bytes)
    const [line] = await sent([{ file: address, contentType: 'text/plain' }])
    expect(line).toMatchObject({ fileName: 'letter.txt', mimeType: 'application/pdf', dropped: false })
    expect(line?.url).toMatch(new RegExp(`^${node.url}/v1/attachments/[0-9a-f]{64}$`))
    expect(onDisk('A quiet letter')).not.toEqual([])

    const answer = await fetch(line!.url)
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(Buffer.from(bytes))
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/pdf',
      'content-disposition': 'attachment',
      'x-content-type-options': 'nosniff',
      'content-security-policy': 'sandbox',
    })
  })

  test('E107: several in one message are each judged by themselves, and stay in their places', async () => {
    const lines = await sent([
      { file: files.put('/one.docx', docx(paragraph('Hello'))) },
      { file: files.put('/two.docx', docx(paragraph('4111 1111 ', '1111 1111'))) },
      { file: files.put('/three.txt', utf8('Hello')) },
      { file: `${files.url}/nowhere.txt` },
    ])
    expect(lines.map(({ fileName }) => fileName)).toEqual(['one.docx', '[Dropped]', 'three.txt', '[Dropped]'])
  })

  test('several megabytes come back whole', async () => {
    const bytes = Buffer.alloc(3_000_000, 'many words ')
    const [line] = await sent([{ file: files.put('/long.txt', bytes) }])
    expect(Buffer.from(await (await fetch(line!.url)).arrayBuffer()).equals(bytes)).toBe(true)
  })

  test('the same message again stores nothing again', async () => {
    const stored = async () => (await node.node.broker.jsm.streams.info('OBJ_ATTACHMENTS')).state.last_seq
    const message = { attachments: [{ file: files.put('/again.txt', utf8('once more')) }], tid: 'tid-again' }
    await chat('say', message)
    const after = await stored()
    await chat('say', message)
    expect(files.asked.filter((path) => path === '/again.txt')).toHaveLength(2)
    expect(await stored()).toBe(after)
  })
})

describe('a file that cannot be fetched', () => {
  const attachments = JSON.parse(sample<{ attachments: string }>('inbound/livechat-mo-attachment-ok.json').attachments)

  test('A48: is handed on with its own address when the provider has cleared it', async () => {
    const [line] = await sent(attachments, cleared)
    expect(line).toMatchObject({ fileName: 'notes.txt', url: attachments[0].file, dropped: false })
  })

  test('A48, E109: is dropped when nobody has looked into it', async () => {
    expect(await sent(attachments)).toMatchObject([gone])
  })

  test('A48: one that can be fetched is looked into, although the provider has cleared it', async () => {
    expect(await sent([{ file: files.put('/cleared.pdf', leaky) }], cleared)).toMatchObject([gone])
  })
})

describe('a file inside the message', () => {
  test('PC2, T7: is looked into, cleared or not, and nothing of a dropped one is kept', async () => {
    expect(await sent([{ file: inside(leaky), name: 'a.pdf' }], cleared)).toMatchObject([gone])
    const nobody = { ...window, app: 'SD0', attachments: [{ file: inside(leaky), name: 'a.pdf' }], text: 'for nobody' }
    expect((await node.atDesk('POST', '/desk/handset/chat/say', nobody)).body).toHaveProperty('unhandled')
    expect(onDisk('for nobody')).not.toEqual([])
    for (const words of [card, inside(leaky).slice(-60, -4)]) expect(onDisk(words)).toEqual([])
  })

  test('LC3: is stored and served when it is clean', async () => {
    const [line] = await sent([{ file: inside(pdf({})), name: 'a.pdf' }])
    expect(line).toMatchObject({ fileName: 'a.pdf', mimeType: 'application/pdf', dropped: false })
    expect((await fetch(line!.url)).status).toBe(200)
  })
})

test.each(['0'.repeat(64), 'x', '..%2F..', card])('an id that is none is a 404 with its problem: %s', async (id) => {
  const { status, headers, body } = await node.ask('GET', `/v1/attachments/${id}`)
  expect([status, body.type]).toEqual([404, 'urn:parley:problem:not-found'])
  expect(headers.get('content-type')).toContain('application/problem+json')
})
