/**
 * A mail of mail servers read like one of Connect's: MIME of every kind (RFC 5322, 2045), and what people wrote themselves.
 */
import { expect, test } from 'vitest'
import { MalformedBody } from '../adapters/adapter.ts'
import { emailDoor } from '../adapters/connect/email-door.ts'
import { mailBodies } from '../adapters/smtp/mail-as-body.ts'
import { writtenPart } from '../adapters/smtp/written-part.ts'
import type { MessageReceived } from '../machines/events.ts'
import { receivedAt } from './heard.ts'

const app = 'a_637512345678901234'

async function heardMail(lines: string[] | Buffer, from = 'ana@example.test') {
  const raw = Buffer.isBuffer(lines) ? lines : Buffer.from(lines.join('\r\n'))
  const [body] = await mailBodies(raw, [{ app, from }])
  const heard = emailDoor.parse(JSON.parse(JSON.stringify(body)), receivedAt)
  if (heard.kind !== 'customer') throw new Error(`expected a customer, heard ${heard.kind}`)
  return { ...heard, event: heard.event as MessageReceived }
}

const head = [
  'From: =?utf-8?q?Ana_Ru=C3=ADz?= <Ana@Example.test>',
  'To: support@corp.example',
  'Message-ID: <1@x.test>',
]

test('E12: of a mail out of a mailbox the Return-Path says who sent it; one with an empty one is a bounce', async () => {
  const handedBy = async (line: string[]) => {
    const [body] = await mailBodies(Buffer.from([...line, ...head, '', 'Hello'].join('\r\n')), [
      { app, from: undefined },
    ])
    return (body as { headers: Record<string, string> }).headers['return-path']
  }
  expect(await handedBy(['Return-Path: <bounce+1@list.test>'])).toBe('<bounce+1@list.test>')
  expect(await handedBy(['Return-Path: <>'])).toBe('<>')
  expect(await handedBy([])).toBe('<Ana@Example.test>')
})

test('EM1: sender, subject, copies, thread and text come out of headers and charsets', async () => {
  const { address, event } = await heardMail([
    ...head,
    'Cc: "Ruiz, Bo" <bo@example.test>, Team: cy@example.test;',
    'Subject: =?iso-8859-1?q?F=FCr_Sie?=',
    'In-Reply-To: <0@x.test>',
    'References: <a@x.test>',
    ' <0@x.test>',
    'Content-Type: text/plain; charset=iso-8859-1',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    'Gr=FC=DFe',
  ])
  expect(address).toMatchObject({ asset: app, customer: 'ana@example.test', topic: 'für sie' })
  expect(event.id).toBe('<1@x.test>')
  expect(event.text).toBe('Grüße')
  expect(event.mail).toMatchObject({
    fromName: 'Ana Ruíz',
    to: ['support@corp.example'],
    cc: ['bo@example.test', 'cy@example.test'],
    inReplyTo: '<0@x.test>',
    references: ['<a@x.test>', '<0@x.test>'],
    automatic: false,
  })
})

test('EM2: a mail of HTML alone has its words as text', async () => {
  const html =
    '<style>p{}</style><p>Hello<br>you &amp; <b>me</b></p><a href="https://x.test/">site</a><img src="cid:1">'
  const { event } = await heardMail([...head, 'Content-Type: text/html; charset=utf-8', '', html])
  expect(event.text).toBe('Hello\nyou & me\n\nsite')
  expect(event.mail?.html).toContain('<p>Hello')
})

const part = (type: string, more: string[], content: string) => ['--b', `Content-Type: ${type}`, ...more, '', content]

test('EM4: files come along with their bytes; small pictures that HTML is set with are no files', async () => {
  const base64 = 'Content-Transfer-Encoding: base64'
  const { event, files } = await heardMail([
    ...head,
    'Subject: Files',
    'Content-Type: multipart/related; boundary=b',
    '',
    ...part('text/html', [], '<p>See</p><img src="cid:logo"><img src="cid:shot">'),
    ...part('image/png', ['Content-ID: <logo>', base64], Buffer.alloc(600).toString('base64')),
    ...part('image/png', ['Content-ID: <shot>', base64], Buffer.alloc(60_000).toString('base64')),
    ...part("text/plain; name*=utf-8''b%C3%BCrge.txt", ['Content-Disposition: attachment', base64], 'SGVsbG8='),
    ...part('message/rfc822', ['Content-Disposition: attachment'], ['Subject: inner', '', 'text'].join('\r\n')),
    '--b--',
  ])
  expect(event.attachments?.map(({ name }) => name)).toEqual(['attachment', 'bürge.txt', 'mail.eml'])
  expect(Buffer.from(files?.bytes[1] ?? []).toString()).toBe('Hello')
  expect(Buffer.from(files?.bytes[2] ?? []).toString()).toContain('Subject: inner')
})

const machines: [string, string, string[]][] = [
  ['a bounce, by its null sender', '', []],
  ['an absence note', 'bo@example.test', ['Auto-Submitted: auto-replied']],
  ['a mailing list', 'bo@example.test', ['List-Id: <news.example.test>']],
  ['a report', 'bo@example.test', ['Content-Type: multipart/report; boundary=b']],
]
test.each(machines)('E12: %s is a mail of a machine', async (_, from, headers) => {
  expect((await heardMail([...head, ...headers, 'Subject: x', '', 'text'], from)).event.mail?.automatic).toBe(true)
})

test('a mail that names no sender is from who handed it over; one without an id has one of what it says', async () => {
  const one = await heardMail(['Subject: x', 'Date: Mon, 2 Mar 2026 14:05:55 +0000', '', 'text'], 'Bo@example.test')
  const again = await heardMail(['Subject: x', 'Date: Mon, 2 Mar 2026 14:05:55 +0000', '', 'text'], 'Bo@example.test')
  const later = await heardMail(['Subject: x', 'Date: Mon, 2 Mar 2026 14:06:55 +0000', '', 'text'], 'Bo@example.test')
  expect(one.address.customer).toBe('bo@example.test')
  expect(again.event.id).toBe(one.event.id)
  expect(later.event.id).not.toBe(one.event.id)
})

const deep = 300
const broken: [string, string[]][] = [
  ['no header at all', ['just words, and then', 'more']],
  ['nothing', ['']],
  [
    'parts nested without end',
    Array.from({ length: deep }, (_, i) => [`Content-Type: multipart/mixed; boundary=b${i}`, '', `--b${i}`]).flat(),
  ],
]
test.each(broken)('%s is refused as malformed, without a word of it', async (_, lines) => {
  const refused = await mailBodies(Buffer.from(lines.join('\r\n')), [{ app, from: '' }]).catch((error) => error)
  expect(refused).toBeInstanceOf(MalformedBody)
  expect(refused.message).not.toContain('just words')
})

const sloppy: [string, string[]][] = [
  ['a boundary that never ends', ['Content-Type: multipart/mixed; boundary=b', '', '--b', '', 'words']],
  ['a boundary that never comes', ['Content-Type: multipart/mixed; boundary=b', '', 'words']],
  ['base64 with dirt in it', ['Content-Transfer-Encoding: base64', '', 'd29y*ZHM=']],
  ['a charset nobody knows', ['Content-Type: text/plain; charset=x-unknown', '', 'words']],
  ['bytes that are no UTF-8', ['Content-Type: text/plain; charset=utf-8', '', 'words \xff']],
]
test.each(sloppy)('%s is still a mail', async (_, lines) => {
  const { event } = await heardMail(Buffer.from([...head, 'Subject: x', ...lines].join('\r\n'), 'latin1'))
  expect(event.mail?.subject).toBe('x')
})

const written: [string, string, string][] = [
  ['Gmail', 'Thanks.\n\nOn Mon, 2 Mar 2026 at 10:00, Support <s@corp.example>\nwrote:\n\n> Hello\n> You\n', 'Thanks.'],
  ['German', 'Danke.\r\n\r\nAm Mo., 2. März 2026 um 10:00 schrieb S <s@x>:\r\n\r\n> Hallo\r\n', 'Danke.'],
  ['no sentence', 'Yes\n> Shall we?\n', 'Yes'],
  [
    'Outlook',
    'Yes\n\n________________________________\nFrom: S <s@x>\nSent: Monday\nTo: me\nSubject: y\n\nHello',
    'Yes',
  ],
  ['old Outlook', 'Ja\n\n-----Ursprüngliche Nachricht-----\nVon: S\nGesendet: x\nAn: me\nBetreff: y\n\nHallo', 'Ja'],
  ['answers between', '> One?\nyes\n> Two?\nno', '> One?\nyes\n> Two?\nno'],
  ['nothing but a quotation', '> Hello', '> Hello'],
  ['a forwarded mail alone', 'From: A\nTo: B\nSubject: c\n\ntext', 'From: A\nTo: B\nSubject: c\n\ntext'],
  ['a sentence with a colon', 'On Monday I wrote:\nyou did not answer', 'On Monday I wrote:\nyou did not answer'],
  ['a rule of dashes', 'Total\n--------\n5 EUR', 'Total\n--------\n5 EUR'],
]
test.each(written)('the repeated mail is left out, and nothing else: %s', (_, text, own) => {
  expect(writtenPart(text)).toBe(own)
})

test('no text makes that slow', () => {
  for (const piece of ['-', '> ', 'On ', '\n', ':\n', '_', 'From: a\n', 'a: ', '>\n:\n']) {
    expect(writtenPart(piece.repeat(400_000 / piece.length)).length).toBeLessThanOrEqual(400_000)
  }
})
