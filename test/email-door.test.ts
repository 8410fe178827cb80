/**
 * The email door: mails as Connect posts them, read as events (flows.md 4.3, checklist EM1-EM5, edge cases E12, E13, E108).
 */
import { describe, expect, test } from 'vitest'
import { emailDoor } from '../adapters/connect/email-door.ts'
import { topicOf } from '../adapters/mail-topic.ts'
import type { Mail, MessageReceived } from '../machines/events.ts'
import { errorsOf, heard, malformed, receivedAt } from './heard.ts'
import { sample } from './samples.ts'

const first = () => sample('inbound/email-mo-new.json')
const mailOf = (change: object) => {
  const said = heard(emailDoor, { ...first(), ...change })
  if (said.kind !== 'customer') throw new Error(`expected a customer, heard ${said.kind}`)
  const event = said.event as MessageReceived & { mail: Mail }
  return { address: said.address, event, mail: event.mail, files: said.files }
}

describe('a mail', () => {
  test('EM1, EM9: is from its sender, to the asset, about its subject', () => {
    expect(heard(emailDoor, first())).toEqual({
      kind: 'customer',
      address: {
        channel: 'email',
        asset: 'a_637512345678901234',
        customer: 'ana.ruiz@example.test',
        topic: 'claim 4471',
      },
      event: {
        type: 'message.received',
        id: '<m1@example.test>',
        at: '2026-03-02T14:05:55.000Z',
        text: 'Where is my claim?',
        scan: 'clean',
        mail: {
          from: 'ana.ruiz@example.test',
          fromName: 'Ana Ruiz',
          subject: 'Claim 4471',
          messageId: '<m1@example.test>',
          inReplyTo: '',
          references: [],
          to: ['support@corp.example'],
          cc: [],
          bcc: [],
          html: '<p>Where is my claim?</p>',
          automatic: false,
        },
      },
    })
  })

  test('that answers is what its sender wrote, without what they quoted, and about the same', () => {
    const { address, event, mail } = mailOf(sample('inbound/email-mo-reply.json'))
    expect(event.text).toBe('Any news?')
    expect(mail.inReplyTo).toBe('<out-77@corp.example>')
    expect(address.topic).toBe('claim 4471')
  })

  test('E13: names those in copy, however they are written', () => {
    expect(mailOf(sample('inbound/email-mo-cc-bcc.json')).mail).toMatchObject({
      cc: ['bo@example.test', 'cy@example.test'],
      bcc: ['di@example.test'],
    })
    const ccRecipients =
      '"Ruiz, Bo" <Bo@Example.test>; cy@example.test, Team: di@example.test, di@example.test;, nobody'
    expect(mailOf({ ccRecipients }).mail.cc).toEqual(['bo@example.test', 'cy@example.test', 'di@example.test'])
    expect(mailOf({ ccRecipients: ['bo@example.test', null] }).mail.cc).toEqual(['bo@example.test'])
    for (const nothing of ['', null, undefined, 'NA', 7]) expect(mailOf({ ccRecipients: nothing }).mail.cc).toEqual([])
  })

  test('its references come from its headers, as an object or as JSON inside a string', () => {
    const headers = { References: '<a@x>\r\n\t<b@x> junk', 'In-Reply-To': '<b@x>' }
    for (const written of [headers, JSON.stringify(headers)]) {
      expect(mailOf({ headers: written }).mail).toMatchObject({ references: ['<a@x>', '<b@x>'], inReplyTo: '<b@x>' })
    }
  })

  test('EM3-EM5: what the provider masked or withheld is told', () => {
    expect(mailOf(sample('inbound/email-mo-pci-body.json')).event.scan).toBe('masked')
    expect(mailOf(sample('inbound/email-mo-pci-subject.json')).event.scan).toBe('masked')
    const pciInfo = sample('security/pciinfo-scan-service-failed.json')
    expect(mailOf({ pciInfo: JSON.stringify(pciInfo) }).event.scan).toBe('failed')
  })

  test('EM4, E108: the file that the provider dropped is told by name, the other one is handed on', () => {
    const { event } = mailOf(sample('inbound/email-mo-pci-attachment-dropped.json'))
    expect(event.scan).toBe('clean')
    expect(event.attachments).toEqual([
      { name: 'ok.txt', contentType: 'text/plain', url: 'https://files.example.test/e/ok.txt' },
      { name: 'statement.pdf', contentType: 'application/pdf', url: '', dropped: 'sensitive' },
    ])
  })

  test('EM4: a file inside the body keeps its bytes beside the event; one with neither bytes nor address is dropped', () => {
    const content = Buffer.from('hello').toString('base64')
    const attachments = [{ name: 'a.txt', contentType: 'text/plain', content }, { name: 'b.txt' }]
    const { event, files } = mailOf({ attachments, pciInfo: '', securityscaninfo: '' })
    expect(event.attachments).toEqual([
      { name: 'a.txt', contentType: 'text/plain', url: '' },
      { name: 'b.txt', contentType: '', url: '', dropped: 'unprocessable' },
    ])
    expect(files).toEqual({ bytes: [Buffer.from('hello'), undefined], isCleared: false })
  })

  test('a text too long for an event is cut, and goes along whole as a file, card data masked in both', () => {
    const strippedText = `${'word '.repeat(7_999)}4111 1111 1111 1111 ${'word '.repeat(1_000)}`
    const { event, files } = mailOf({ strippedText, pciInfo: '' })
    expect(event.text.length).toBeLessThan(40_100)
    expect(event.text.endsWith('[…]')).toBe(true)
    expect(event.scan).toBe('masked')
    expect(event.attachments).toEqual([{ name: 'message.txt', contentType: 'text/plain', url: '' }])
    const whole = Buffer.from(files!.bytes[0]!).toString()
    expect(whole).toHaveLength(strippedText.trim().length)
    for (const kept of [event.text, whole]) expect(kept).not.toMatch(/4111 1/)
  })

  test('pictures inside its HTML part do not come along, and a part that is too long all the same does not either', () => {
    const picture = `<p>See</p><img src="data:image/png;base64,${'iVBORw0KGgo'.repeat(10_000)}">`
    expect(mailOf({ strippedHTML: picture }).mail.html).toBe('<p>See</p><img src="data:,">')
    expect(mailOf({ strippedHTML: '<p>x</p>'.repeat(10_000) }).mail.html).toBe('')
  })

  test('PC5: a file whose name is a card number is dropped, and the name masked', () => {
    const attachments = [
      { name: '4111111111111111.txt', contentType: 'text/plain', url: 'https://files.example.test/x' },
    ]
    expect(mailOf({ attachments }).event.attachments).toEqual([
      { name: '************1111.txt', contentType: 'text/plain', url: '', dropped: 'sensitive' },
    ])
  })

  test('its sender is one customer, however the address is written', () => {
    expect(mailOf({ emailId: ' "Ana" <Ana.Ruiz@Example.TEST> ' }).address.customer).toBe('ana.ruiz@example.test')
  })

  test('E9: without an id it has one of its own; without a time, that of its arrival', () => {
    expect(mailOf({ messageId: '', transId: 't-1' }).event.id).toBe('t-1')
    const [one, again, other] = ['a', 'a', 'b'].map(
      (message) => mailOf({ messageId: '', transId: '', message }).event.id,
    )
    expect(one).toBe(again)
    expect(one).not.toBe(other)
    expect(mailOf({ timestamp: 'soon' }).event.at).toBe(receivedAt)
  })

  test.each([
    ['a sender', { emailId: '' }, malformed('emailId', 'an empty string')],
    ['an address as sender', { emailId: 'Ana' }, malformed('emailId', 'another text', 'an email address')],
    ['an application', { appId: undefined }, malformed('appId', 'nothing')],
  ])('without %s is refused', (_, change, errors) => {
    expect(errorsOf(emailDoor, { ...first(), ...change })).toEqual(errors)
  })

  test('with nothing in it at all is refused, with a subject alone it is not', () => {
    const bare = { emailId: 'ana.ruiz@example.test', appId: 'a_1' }
    expect(errorsOf(emailDoor, bare)).toEqual(malformed('message', 'nothing'))
    expect(heard(emailDoor, { ...bare, subject: 'Hello' }).kind).toBe('customer')
  })
})

describe('mail that a machine sent (E12, RFC 3834)', () => {
  test.each<[what: string, change: object]>([
    ['an automatic reply', sample('inbound/email-mo-auto-reply.json')],
    ['one that was generated', { headers: { 'Auto-Submitted': 'auto-generated; x=y' } }],
    ['a bulk mail', { headers: { Precedence: 'bulk' } }],
    ['one of a mailing list', { headers: { 'List-Id': '<all.example.test>' } }],
    ['a bounce by its null sender', { headers: { 'Return-Path': '<>' } }],
    ['a bounce by its kind', { headers: { 'Content-Type': 'multipart/report; report-type=delivery-status' } }],
    ['a bounce by who sends it', { emailId: 'MAILER-DAEMON@example.test' }],
    ['an answering machine of old', { headers: { 'X-Autoreply': 'yes' } }],
  ])('is told from mail of people: %s', (_, change) => {
    expect(mailOf(change).mail.automatic).toBe(true)
  })

  test.each<[what: string, change: object]>([
    ['one that says so', { headers: { 'Auto-Submitted': 'no' } }],
    ['one that only asks for no answer', { headers: { 'X-Auto-Response-Suppress': 'All' } }],
    ['one without headers', { headers: '' }],
    ['one with a priority', { headers: { Precedence: 'first-class' } }],
  ])('mail of people is not: %s', (_, change) => {
    expect(mailOf(change).mail.automatic).toBe(false)
  })

  test('a mailbox that writes to itself is ignored, as the platform does', () => {
    expect(heard(emailDoor, sample('inbound/email-mo-self-loop.json'))).toMatchObject({ kind: 'ignored' })
  })
})

describe('what a mail is about', () => {
  test.each([
    ['Claim 4471', 'claim 4471'],
    ['Re: Claim 4471', 'claim 4471'],
    ['RE: Fwd: re[2]:  Claim   4471 ', 'claim 4471'],
    ['AW: WG: Claim 4471', 'claim 4471'],
    ['Automatic reply: Claim 4471', 'claim 4471'],
    ['Ref: Claim 4471', 'ref: claim 4471'],
    ['Resolved: Claim 4471', 'resolved: claim 4471'],
    ['', ''],
    ['Re:', ''],
  ])('%j is about %j', (subject, topic) => {
    expect(topicOf(subject)).toBe(topic)
  })

  test('T7: card data in a subject is not what it is about, so that no actor id is made of it', () => {
    expect(mailOf({ subject: 'card 4111111111111111' }).address.topic).toBe('card ************1111')
  })
})
