import { describe, expect, test } from 'vitest'
import { replySubject, topicOf } from '../adapters/mail-topic.ts'
import { deskStand } from './desk-stand.ts'
import { sample as typedSample } from './samples.ts'

// biome-ignore lint/suspicious/noExplicitAny: answers are read as a foreign program would read them
type Json = any

const sample = (path: string): Json => typedSample(path)

const ana = 'ana.ruiz@example.test'
const mailbox = 'support@corp.example'
const asset = 'a_637512345678901234'
const at = '2026-03-02T14:00:00.000Z'
const taskId = '2b3c4d5e-0002-4ca9-8260-d0283bfb5fa5'

const stand = deskStand({ appOfMailbox: (address) => (address === mailbox ? asset : undefined) })
const { ask, advance, idle, restart } = stand
const notification = sample('outbound/email-notification.json')
const deliver = (change: object = {}, key?: string) => ask('POST', '/v2/messages', { ...notification, ...change }, key)
const send = (mail: object = {}) => ask('POST', '/desk/handset/mail/send', { from: ana, to: mailbox, ...mail })
const inbox = async (address = ana): Promise<Json[]> =>
  (await ask('GET', `/desk/handset/mail/inbox?${new URLSearchParams({ address })}`)).body.items
const engage = async (node: string, body: object): Promise<Json> => (await ask('POST', `/engage/v1/${node}`, body)).body
const conversation = async (id: string): Promise<Json> => (await ask('GET', `/desk/conversations/${id}`)).body
/** What the runtime's email door got last. */
const posted = (): Json => stand.runtime.requests.filter(({ path }) => path === '/v1/inbound/email').at(-1)?.body
const bodiesAt = (path: string): Json[] =>
  stand.runtime.requests.filter((one) => one.path === path).map(({ body }) => body)

describe('mails to a mailbox', () => {
  test('email-notification.json lies in the mailbox of its receiver, with the headers it was given', async () => {
    const { status, body } = await deliver({}, 'key-1')
    const { transid } = body.response[0]
    expect([status, body]).toEqual([200, { response: [{ code: '1001', transid, description: 'Queued' }] }])
    const { from, fromName, cc, subject, content, headers, to } = notification
    const messageId = expect.stringMatching(/^<[0-9a-f-]{36}@corp\.example>$/)
    const written = {
      from,
      fromName,
      cc,
      subject,
      text: content.text,
      headers: { ...headers, 'Message-ID': messageId },
    }
    expect(await inbox()).toEqual([{ ...written, at, to: to[0].email, transid, correlationId: to[0].correlationId }])
    expect((await deliver({}, 'key-1')).body).toEqual(body)
    expect(await inbox('Ana.Ruiz@Example.TEST')).toHaveLength(1)
    await restart()
    expect(await inbox()).toHaveLength(1)
  })

  test('E13: copies lie in their mailboxes too, and nobody sees who had a blind one', async () => {
    await deliver({
      cc: ['bo@example.test', ana],
      bcc: ['di@example.test'],
      headers: { 'Message-ID': '<n1@corp.example>' },
    })
    for (const address of [ana, 'bo@example.test', 'di@example.test']) {
      const [mail, ...more] = await inbox(address)
      expect([mail.cc, mail.headers, more]).toEqual([
        ['bo@example.test', ana],
        { 'Message-ID': '<n1@corp.example>' },
        [],
      ])
      expect(mail).not.toHaveProperty('bcc')
    }
    expect(await ask('GET', `/desk/handset/sms/inbox?number=${ana}`)).toMatchObject({ body: { items: [] } })
  })

  test.each([
    { title: 'no receiver', change: { to: [] } },
    { title: 'a number for a receiver', change: { to: [{ msisdn: ['14155550123'] }] } },
    { title: 'no words', change: { content: { type: 'text' } } },
    { title: 'a header that is no text', change: { headers: { References: 1 } } },
  ])('$title is refused with 400 and reaches nobody', async ({ change }) => {
    const { status, body } = await deliver(change)
    expect([status, body.response[0].code]).toEqual([400, '1002'])
    expect(await inbox()).toEqual([])
  })

  test('receipts are those of email, and lead back to the conversation that asked', async () => {
    const callbackData = JSON.stringify({ conversationId: '65F2C0A91B7E4D03' })
    await deliver({ notifyUrl: `${stand.runtime.url}/v1/receipts`, callbackData }, 'key-1')
    await idle()
    const told = bodiesAt('/v1/receipts').map((receipt) => receipt.deliveryInfoNotification)
    expect(told.map(({ deliveryInfo }) => deliveryInfo.deliveryStatus)).toEqual(['Submitted', 'Delivered'])
    for (const { deliveryInfo, correlationid, callbackData: data } of told) {
      expect(deliveryInfo).toMatchObject({ deliveryChannel: 'email', destination: ana, destinationType: 'email' })
      expect([correlationid, data]).toEqual([notification.to[0].correlationId, callbackData])
    }
    const { items } = (await ask('GET', `/desk/ledger?customer=${ana}`)).body
    expect(items).toMatchObject([{ call: 'sendMessage', conversationId: '65F2C0A91B7E4D03', attempts: 1, status: 200 }])
  })

  test('a fault meant for one customer strikes their mail, and the key may be tried again', async () => {
    const struck = { call: 'sendMessage', status: 429, onlyFor: 'ANA.RUIZ@example.test' }
    // biome-ignore lint/suspicious/noThenProperty: the word of the control contract
    await ask('POST', '/desk/faults', { ...struck, then: 'answer' })
    expect((await deliver({ to: [{ email: ['bo@example.test'] }] }, 'key-0')).status).toBe(200)
    expect((await deliver({}, 'key-1')).status).toBe(429)
    expect(await inbox()).toEqual([])
    expect((await deliver({}, 'key-1')).status).toBe(200)
    expect(await inbox()).toHaveLength(1)
  })
})

describe("the customer's mailbox", () => {
  const nobodyLooked = {
    pciInfo: expect.stringContaining('"isPCIValidationDone":false'),
    securityscaninfo: expect.stringContaining('"isSecurityValidationDone":false'),
  }

  test('EM1, A48: a mail is posted as email-mo-new.json is, and says honestly that nobody has looked into it', async () => {
    const mail = {
      fromName: 'Ana Ruiz',
      subject: 'Claim 4471',
      text: 'Where is my claim?',
      messageId: '<m1@example.test>',
    }
    expect((await send({ ...mail, to: 'Support@Corp.example', html: '<p>Where is my claim?</p>' })).status).toBe(200)
    const expected = sample('inbound/email-mo-new.json')
    expect(Object.keys(posted())).toEqual(Object.keys(expected))
    const { transId } = posted()
    expect(transId).toMatch(/^[0-9a-f-]{36}$/)
    expect(posted()).toEqual({
      ...expected,
      ...nobodyLooked,
      toAddresses: 'Support@Corp.example',
      timestamp: at,
      transId,
    })
    expect(stand.runtime.requests.at(-1)?.headers.authorization).toBe('Bearer runtime-token')
  })

  test('E13: copies, files and headers of its own go along as the samples write them', async () => {
    const { ccRecipients, bccRecipients } = sample('inbound/email-mo-cc-bcc.json')
    const { headers } = sample('inbound/email-mo-auto-reply.json')
    const file = { name: 'ok.txt', contentType: 'text/plain', content: btoa('fine') }
    const pciInfo = { isPCIValidationDone: true, isPCICompliance: false }
    await send({
      cc: ccRecipients.split(','),
      bcc: bccRecipients.split(','),
      headers: JSON.parse(headers),
      attachments: [file],
      pciInfo,
    })
    expect(posted()).toMatchObject({ ccRecipients, bccRecipients, headers, attachments: [file] })
    expect(JSON.parse(posted().pciInfo)).toEqual(pciInfo)
    expect(posted().messageId).toMatch(/^<[0-9a-f-]{36}@example\.test>$/)
  })

  test('a reply answers the newest mail: its subject, its thread, its words quoted and apart from the new ones', async () => {
    expect((await send({ reply: true, text: 'Any news?' })).status).toBe(409)
    await deliver({ subject: 'An older one' })
    await deliver({ headers: { 'Message-ID': '<out-77@corp.example>', References: '<m1@example.test>' } })
    await send({ reply: true, text: 'Any news?' })
    expect(posted()).toMatchObject({
      subject: 'Re: Claim 4471',
      strippedText: 'Any news?',
      message: `Any news?\n\n> ${notification.content.text}`,
      inReplyTo: sample('inbound/email-mo-reply.json').inReplyTo,
    })
    expect(JSON.parse(posted().headers)).toEqual({
      'Auto-Submitted': 'no',
      References: '<m1@example.test> <out-77@corp.example>',
    })
  })

  test('somebody else may answer a mail they were shown, under a subject of their own', async () => {
    await deliver({ headers: { 'Message-ID': '<out-77@corp.example>' } })
    await send({ from: 'eve@example.test', reply: ana, subject: 'Hello', text: 'It is me' })
    expect(posted()).toMatchObject({
      emailId: 'eve@example.test',
      subject: 'Hello',
      inReplyTo: '<out-77@corp.example>',
    })
    await send({ from: 'eve@example.test', inReplyTo: '<guessed@corp.example>' })
    expect(posted()).toMatchObject({ subject: '', inReplyTo: '<guessed@corp.example>' })
    expect(JSON.parse(posted().headers).References).toBe('<guessed@corp.example>')
  })

  test('a mailbox that is no asset is told so, and the runtime hears nothing', async () => {
    const { status, body } = await send({ to: 'sales@corp.example' })
    expect([status, body.error]).toEqual([404, 'no email asset has the mailbox sales@corp.example; configure one'])
    expect(stand.runtime.requests).toEqual([])
  })

  test('what the door answers is given back', async () => {
    stand.runtime.answer({ status: 413, body: { title: 'too large' } })
    expect(await send({ text: 'Hello' })).toMatchObject({ status: 413, body: { title: 'too large' } })
  })

  test.each([
    { title: 'nobody who writes', mail: { from: '' } },
    { title: 'an unknown word', mail: { words: 'Hello' } },
    {
      title: 'a file that is not base64',
      mail: { attachments: [{ name: 'a.txt', contentType: 'text/plain', content: '?' }] },
    },
  ])('$title is wrong use', async ({ mail }) => {
    expect((await send(mail)).status).toBe(400)
    expect(stand.runtime.requests).toEqual([])
  })
})

describe('topics', () => {
  test.each([
    ['Claim 4471', 'claim 4471', 'Re: Claim 4471'],
    ['Re: Claim 4471', 'claim 4471', 'Re: Claim 4471'],
    ['AW:  WG: Claim\t 4471 ', 'claim 4471', 'Re: Claim 4471'],
    ['Automatic reply: FWD:SV:Antw: RE[2]: Claim 4471', 'claim 4471', 'Re: Claim 4471'],
    ['Fw: Re : Claim 4471', 'claim 4471', 'Re: Claim 4471'],
    ['Regarding: Claim 4471', 'regarding: claim 4471', 'Re: Regarding: Claim 4471'],
    ['Re:', '', 'Re:'],
    ['', '', 'Re:'],
  ])('%j is about %j and is answered under %j', (subject, topic, answered) => {
    expect([topicOf(subject), replySubject(subject)]).toEqual([topic, answered])
  })
})

const searched = sample('engage/search-request-email.json')
const opening = {
  channel: 'Email',
  customerAddress: ana,
  bizAddress: mailbox,
  customerName: 'Ana Ruiz',
  customerEmail: ana,
  text: 'Where is my claim?',
  emailSubject: 'Claim 4471',
  timestamp: '2026-03-02T14:00:00Z',
}

describe('Engage over email', () => {
  const found = (change: object = {}) => engage('searchConversation', { ...searched, ...change })

  test('EM7: conversations of one customer are told apart by what their subjects say, and by mailbox and customer', async () => {
    const claim = (await engage('createConversation', opening)).conversationId
    const invoice = (await engage('createConversation', { ...opening, emailSubject: 'Invoice' })).conversationId
    expect(await found()).toMatchObject({ outcome: 'conversationInQueue', conversationId: claim })
    expect(await found({ emailSubject: 'AW: INVOICE' })).toMatchObject({ conversationId: invoice })
    await restart()
    expect(await found({ fromEmailId: 'Ana.Ruiz@example.test' })).toMatchObject({ conversationId: claim })
    for (const other of [
      { emailSubject: 'Claim 4472' },
      { emailSubject: undefined },
      { businessEmailId: 'sales@corp.example' },
      { fromEmailId: 'eve@example.test' },
    ]) {
      expect(await found(other)).toMatchObject({ outcome: 'noConversationFound', conversationId: '' })
    }
  })

  test.each(['subject', 'emailSubject'])(
    'a line of the transcript keeps what makes it a mail, with its %s',
    async (key) => {
      const first = { html: '<p>Where?</p>', fromEmailId: ana, messageId: '<m1@example.test>' }
      const { conversationId } = await engage('createConversation', { ...opening, ...first })
      const later = {
        html: '',
        fromEmailId: 'bo@example.test',
        messageId: '<m2@example.test>',
      }
      const line = { direction: 'Inbound', text: 'Any news?' }
      const { timestamp } = opening
      const subject = 'Re: Claim 4471'
      const appended = { channel: 'Email', conversationId, ...line, [key]: subject, ...later, timestamp }
      await engage('appendConversation', appended)
      expect(await conversation(conversationId)).toMatchObject({
        channel: 'Email',
        customer: ana,
        business: mailbox,
        subject: 'Claim 4471',
        transcript: [
          { at: timestamp, direction: 'Inbound', text: opening.text, subject: 'Claim 4471', ...first },
          { at: timestamp, ...line, subject, ...later },
        ],
      })
    },
  )
})

const task = sample('dr-api/create-task-request-email.json')

/** A conversation and its task; `variables` replace those of the sample. */
async function waitingMail(variables: Record<string, string> = {}): Promise<string> {
  const { conversationId } = await engage('createConversation', opening)
  const values: Record<string, string> = { user_DR_MediaResourceID: conversationId, ...variables }
  const changed = task.variables.map((one: Json) => ({ ...one, value: values[one.key] ?? one.value }))
  const { status } = await ask('POST', '/drapi/v1/tasks', { ...task, variables: changed })
  expect(status).toBe(201)
  return conversationId
}

const control = (act: string, body: object = {}) => ask('POST', `/desk/tasks/${taskId}/${act}`, body)
const webhooks = () => bodiesAt('/v1/webhooks/digital-routing')

describe('tasks of email', () => {
  test('EM8, EM9: an email task is told from CREATED to CLOSED as the samples say', async () => {
    await waitingMail()
    await control('queue', { estimatedWaitTime: 900 })
    await control('route')
    await control('close')
    await idle()
    const names = ['created-email', '', 'queued-email-ewt-900', 'routed-email', 'closed-email-normal']
    for (const [index, name] of names.entries()) {
      if (name === '') continue
      const expected = sample(`dr-webhooks/${name}.json`)
      const { eventType, task: told } = webhooks()[index]
      const { destination, origin, customerId, mediaType, mediaChannel, scriptSelector } = expected.task
      expect(Object.keys(told).sort()).toEqual(Object.keys(expected.task).sort())
      expect([eventType, told]).toMatchObject([
        expected.eventType,
        { taskId, destination, origin, customerId, mediaType, mediaChannel, scriptSelector },
      ])
    }
  })

  test('E26: a full queue refuses an email task like any other', async () => {
    await ask('PUT', '/desk/queue', { limit: 0 })
    const { status, body } = await ask('POST', '/drapi/v1/tasks', task)
    expect([status, body.errorCode]).toEqual([503, 20286])
  })
})

describe('agents who answer by mail', () => {
  test('an answer comes from the mailbox, into the thread and to the copies of the mail that the task is about', async () => {
    const conversationId = await waitingMail({ EmailCCRecipients: `bo@example.test, ${mailbox},cy@example.test` })
    await control('route')
    await control('say', { text: 'We are on it.' })
    const [mail] = await inbox()
    const messageId = mail.headers['Message-ID']
    expect(messageId).toMatch(/^<[0-9a-f-]{36}@corp\.example>$/)
    expect(mail).toMatchObject({
      from: mailbox,
      to: [ana],
      cc: ['bo@example.test', 'cy@example.test'],
      subject: 'Re: Claim 4471',
      text: 'We are on it.',
    })
    expect(mail.headers).toEqual({
      'Message-ID': messageId,
      'In-Reply-To': '<m1@example.test>',
      References: '<m1@example.test>',
    })
    expect(await inbox('bo@example.test')).toEqual([mail])
    const { transcript } = await conversation(conversationId)
    expect(transcript.at(-1)).toEqual({
      at,
      direction: 'Outbound',
      text: 'We are on it.',
      by: '5021',
      subject: 'Re: Claim 4471',
      fromEmailId: mailbox,
      messageId,
    })
    await restart()
    expect(await inbox()).toEqual([mail])
  })

  test('a task that does not say what it answers begins a thread of its own', async () => {
    await waitingMail({ EmailMessageID: '', EmailSubject: '' })
    await control('route')
    await control('say', { text: 'Hello' })
    const [mail] = await inbox()
    expect([mail.subject, Object.keys(mail.headers), mail.cc]).toEqual(['Re:', ['Message-ID'], []])
  })

  test('the automatic agent takes a mail, answers what the customer writes by mail, and closes', async () => {
    await restart({ automatic: true })
    const conversationId = await waitingMail()
    await advance(3_000)
    const line = { direction: 'Inbound', text: 'Any news?', timestamp: opening.timestamp }
    for (const count of [1, 2, 3]) {
      await engage('appendConversation', { channel: 'Email', conversationId, ...line })
      await advance(1_500)
      expect((await inbox()).map(({ subject }) => subject)).toEqual(Array(count).fill('Re: Claim 4471'))
    }
    await advance(1_500)
    expect(webhooks().at(-1)).toMatchObject({ eventType: 'CLOSED', task: { dispositionCode: 'CD_NORMAL_END_TASK' } })
  })
})

test('the terminal hears of mails by names and ids only', async () => {
  await stand.desk.stop()
  const lines: string[] = []
  await stand.start({}, { onEvent: ({ line }) => lines.push(line) })
  await deliver({ subject: 'a secret' })
  expect(lines).toEqual(['1 mail(s) delivered'])
})
