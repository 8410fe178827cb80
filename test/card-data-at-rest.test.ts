/**
 * T7, E110: card numbers sent in through every door and every field that may hold words, in many writings; afterwards no
 * file of the whole system, broker's store and logs included, and nothing it printed, holds one. Only the masked form is there.
 */
import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from '@nats-io/transport-node'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { asset, customer, type Json, smsBody } from './node.ts'
import { sample } from './samples.ts'
import { type System, system } from './system.ts'

/** Each door gets a number of its own, so that a number that is found says through which door it came. */
const numbers = {
  'a text': '4111111111111111',
  'a text beside its code': '5555555555554444',
  'a text with two of them': '378282246310005',
  'the keyword of a text': '6011111111111117',
  'a text for nobody': '3530111333300000',
  'a variable of a webhook': '4012888888881881',
  'a webhook of a type nobody knows': '5105105105105100',
  'a webhook for a task nobody knows': '6011000990139424',
  'a receipt for nothing we sent': '371449635398431',
  'a chat for nobody': '30569309025904',
  'a file in a chat': '6200000000000005',
  'a file in a chat for nobody': '38520000023237',
  'an email': '4222222222222220',
  'half a body': '5200828282828210',
  'a field of the wrong kind': '4000056655665556',
  'a path and its query': '5454545454545454',
  'the NATS door': '4917484589897107',
  'a broken body at the NATS door': '4007702835532454',
  'the handset of the desk': '6759649826438453',
  'an agent at the desk': '4000000000000002',
  'the code with which an agent ends': '5506900490000436',
  'the reason of a transfer': '2223003122003222',
} as const
type Way = keyof typeof numbers

const inFours = (number: string, by: string) => (number.match(/.{1,4}/g) ?? []).join(by)
const fullWidth = (number: string) => number.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit)))
const writings: Record<string, (number: string) => string> = {
  together: (number) => number,
  'in fours': (number) => inFours(number, ' '),
  'with dashes': (number) => inFours(number, '-'),
  'with dots': (number) => inFours(number, '.'),
  'with no-break spaces': (number) => inFours(number, '\u00a0'),
  'with zero-width spaces': (number) => inFours(number, '\u200b'),
  'digit by digit': (number) => [...number].join(' '),
  'in full width': fullWidth,
  'over two lines': (number) => inFours(number, '\n'),
}

/** The whole system in a process of its own takes its time on a busy machine. */
const patience = { timeout: 20_000 }

let whole: System
let texts = 0
let files: { name: string; bytes: string }[]

const post = (path: string, body: unknown) => whole.ask('POST', path, body)
const text = (words: string, more: object = {}) =>
  post('/v1/inbound/sms', { ...smsBody(words, { from: `+1415554${String(++texts).padStart(4, '0')}` }), ...more })
const written = (way: Way, as = 'in fours') => `my card is ${writings[as]!(numbers[way])}, thanks`

beforeAll(async () => {
  whole = await system()
  await whole.start({ PARLEY_LOG_LEVEL: 'trace' })
  await sendAll()
  await vi.waitFor(async () => {
    const page = await whole.ask('GET', '/v1/conversations?state=noConversation.menu&limit=500')
    expect(page?.body.items.length).toBeGreaterThanOrEqual(Object.keys(writings).length)
  }, patience)
  await whole.stop()
  files = filesBelow(whole.dataDir)
})
afterAll(() => whole.remove())

/** Files inside the body, percent-encoded: the search below would find their words in that form too. */
const chatWithFiles = (appId: string, ...files: string[]) => {
  const attachments = files.map((words) => ({ file: `data:text/plain,${encodeURIComponent(words)}`, name: 'a.txt' }))
  return post('/v1/inbound/live-chat', {
    ...sample<object>('inbound/livechat-mo-text.json'),
    tid: randomUUID(),
    appId,
    attachments,
  })
}

async function sendAll(): Promise<void> {
  const answers = [
    ...Object.keys(writings).map((as) => text(written('a text', as))),
    text(`${numbers['a text beside its code']} exp 12/27 cvv 123`),
    text(`either ${written('a text with two of them', 'together')} or ${written('a text with two of them')}`),
    text('', { keyword: numbers['the keyword of a text'] }),
    text(written('a text for nobody'), { da: '19995550100' }),
    post('/desk/handset/sms/send', { from: '+14155540999', to: asset, text: written('the handset of the desk') }),
    post('/v1/receipts', {
      ...sample<object>('outbound/receipt-delivered.json'),
      note: written('a receipt for nothing we sent'),
    }),
    post('/v1/inbound/live-chat', {
      ...sample<object>('inbound/livechat-mo-text.json'),
      tid: randomUUID(),
      appId: 'SD0',
      message: written('a chat for nobody'),
    }),
    chatWithFiles('SD12345650', written('a file in a chat'), 'a clean letter'),
    chatWithFiles('SD0', written('a file in a chat for nobody')),
    post('/v1/inbound/email', {
      ...sample<object>('inbound/email-mo-new.json'),
      messageId: randomUUID(),
      subject: written('an email'),
      message: written('an email', 'with dashes'),
    }),
  ]
  for (const answer of answers) expect((await answer)?.status).toBe(200)

  const number = numbers['half a body']
  expect((await post('/v1/inbound/sms', `{"message":"${number}`))?.status).toBe(400)
  const wrong = {
    ...smsBody(''),
    message: { text: numbers['a field of the wrong kind'] },
    oa: [numbers['a field of the wrong kind']],
  }
  expect((await post('/v1/inbound/sms', wrong))?.status).toBe(400)
  for (const method of ['GET', 'PUT'])
    expect(
      (await whole.ask(method, `/v1/${numbers['a path and its query']}?q=${numbers['a path and its query']}`))?.status,
    ).toBe(404)
  expect((await whole.ask('GET', `/v1/conversations/${numbers['a path and its query']}`))?.status).toBe(404)

  await sendWebhooks()
  await sendOverNats()
}

/** To a task that is known, since a variable of a stranger's task is set aside with the whole body. */
async function sendWebhooks(): Promise<void> {
  await post('/v1/inbound/sms', smsBody('Hi'))
  const query = new URLSearchParams({ channel: 'sms', asset, customer })
  const one = async (): Promise<Json> => (await whole.ask('GET', `/v1/conversations?${query}`))?.body.items[0]
  await vi.waitFor(async () => expect((await one())?.state).toBe('noConversation.menu'), patience)
  await post('/v1/inbound/sms', smsBody('1'))
  await vi.waitFor(async () => expect((await one())?.state).toBe('inQueue.queued'), patience)

  const { taskId } = await one()
  const webhook = (way: Way, taskId: string, eventType: string) => ({
    eventId: randomUUID(),
    eventType,
    task: {
      taskId,
      variables: [
        { key: 'cv_3', value: written(way) },
        { key: 'note', value: numbers[way] },
      ],
    },
  })
  const path = '/v1/webhooks/digital-routing'
  expect((await post(path, webhook('a variable of a webhook', taskId, 'QUEUED')))?.body).not.toHaveProperty('unhandled')
  expect((await post(path, webhook('a webhook of a type nobody knows', taskId, 'EXPLODED')))?.body).toHaveProperty(
    'unhandled',
  )
  expect(
    (await post(path, webhook('a webhook for a task nobody knows', randomUUID(), 'CREATED')))?.body,
  ).toHaveProperty('unhandled')
  await vi.waitFor(async () => expect((await one())?.context.learned).toHaveProperty('cv_3'), patience)
  await sendAgentsWords(taskId, async () => (await one())?.state)
}

/** E111: to the customer, and in the fields that an agent's desk fills in. */
async function sendAgentsWords(taskId: string, state: () => Promise<string>): Promise<void> {
  const reached = (name: string) => vi.waitFor(async () => expect(await state()).toBe(name), patience)
  expect((await post(`/desk/tasks/${taskId}/route`, {}))?.status).toBe(200)
  await reached('active.talking')
  for (const as of Object.keys(writings)) {
    const said = await post(`/desk/tasks/${taskId}/say`, { text: written('an agent at the desk', as) })
    expect(said?.status).toBe(200)
  }
  const webhook = (eventType: string, dispositionCode: string) => ({
    eventId: randomUUID(),
    eventType,
    task: { taskId, ownerId: '5021', dispositionCode, variables: [] },
  })
  const path = '/v1/webhooks/digital-routing'
  for (const body of [
    webhook('TRANSFERRED', written('the reason of a transfer')),
    webhook('CLOSED', numbers['the code with which an agent ends']),
  ]) {
    expect((await post(path, body))?.body).not.toHaveProperty('unhandled')
  }
  await vi.waitFor(async () => expect(await state()).toMatch(/^closed/), patience)
}

async function sendOverNats(): Promise<void> {
  const nats = await connect({ servers: whole.natsUrl() })
  const body = smsBody(written('the NATS door'), { from: '+14155540998' })
  const answer = await nats.request('parley.accept.sms', JSON.stringify(body))
  expect(answer.json()).toMatchObject({ duplicate: false })
  const refusal = await nats.request('parley.accept.sms', `{"message":"${numbers['a broken body at the NATS door']}`)
  expect(refusal.json()).toMatchObject({ status: 400 })
  await nats.close()
}

function filesBelow(folder: string): { name: string; bytes: string }[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((name) => ({ name, bytes: readFileSync(name, 'utf8').normalize('NFKC') }))
}

/** The digits of a number with anything short in between that is no digit, escapes of JSON and URLs included. */
const anywhere = (number: string) => new RegExp([...number].join('(?:[^0-9]{0,4}|\\\\u[0-9a-f]{4}|%[0-9A-F]{2})'))

describe('what is left on the disk and in the terminal', () => {
  test("is the whole system: the broker's streams, the desk's journal, both logs", () => {
    const names = files.map(({ name }) => name.slice(whole.dataDir.length))
    for (const part of ['TURNS', 'INBOX', 'EFFECTS', 'DEAD', 'DESK', 'parley.log', 'nats-server.log']) {
      expect(
        names.filter((name) => name.includes(part)),
        part,
      ).not.toEqual([])
    }
    expect(files.find(({ name }) => name.endsWith('parley.log'))?.bytes).toContain('node started')
  })

  test.each(Object.entries(numbers))('T7, E110, PC5: no number that came in through %s', (_way, number) => {
    expect(files.filter(({ bytes }) => anywhere(number).test(bytes)).map(({ name }) => name)).toEqual([])
    expect(anywhere(number).test(whole.output.normalize('NFKC'))).toBe(false)
  })

  test('this search would have found each writing', () => {
    for (const [name, write] of Object.entries(writings)) {
      const stored = JSON.stringify(write(numbers['a text'])).normalize('NFKC')
      expect(anywhere(numbers['a text']).test(stored), name).toBe(true)
    }
    expect(anywhere(numbers['a text']).test(encodeURIComponent(inFours(numbers['a text'], ' ')))).toBe(true)
  })

  test('no security code and no expiry date', () => {
    for (const { name, bytes } of files) expect(/cvv 123|exp 12\/27/.test(bytes), name).toBe(false)
  })

  test('the masked form, in the conversations and in what was set aside', () => {
    const streams = (part: string) =>
      files
        .filter(({ name }) => name.includes(`/${part}/`))
        .map(({ bytes }) => bytes)
        .join('\n')
    expect(streams('TURNS')).toContain('my card is **** **** **** 1111, thanks')
    expect(streams('TURNS')).toContain('my card is ************1111, thanks')
    expect(streams('TURNS')).toContain('**** **** **** 1881')
    expect(streams('DEAD')).toContain('**** **** **** 0000')
    expect(streams('OBJ_ATTACHMENTS')).toContain('a clean letter')
    expect(streams('DESK')).toContain('my card is **** **** **** 1111, thanks')
    expect(streams('DESK')).toContain('my card is **** **** **** 0002, thanks')
    expect(streams('TURNS')).toContain('************0436')
  })
})
