/**
 * The live chat door over its samples: what each body becomes, what is tolerated (E9), what is dropped (LC11), and what
 * is refused.
 */
import { describe, expect, test } from 'vitest'
import type { Heard } from '../adapters/adapter.ts'
import { liveChatDoor } from '../adapters/connect/live-chat-door.ts'
import { attachments_max } from '../adapters/connect/provider-drops.ts'
import { scanVerdict } from '../adapters/connect/scan-verdict.ts'
import { file_bytes_max } from '../adapters/inbound-file.ts'
import type { Attachment, EventOf } from '../machines/events.ts'
import { type Body, errorsOf, eventOf, heard, malformed, receivedAt } from './heard.ts'
import { sample, samplesIn } from './samples.ts'

const thread = '4b092634-a8eb-4c6e-996b-29ebaded4970'
const inbound = (name: string, change: Body = {}): Body => ({ ...sample(`inbound/livechat-${name}.json`), ...change })
const hear = (name: string, change?: Body) => heard(liveChatDoor, inbound(name, change))
const attachmentsOf = (change: Body): Attachment[] =>
  (eventOf(liveChatDoor, inbound('mo-text', change)) as EventOf<'message.received'>).attachments ?? []

const dropped = (reason: Attachment['dropped'], name = '', contentType = '') => ({
  name,
  contentType,
  url: '',
  dropped: reason,
})
const notes = {
  name: 'notes.txt',
  contentType: 'text/plain',
  url: 'https://files.example.test/m/abc123/notes.txt',
}

describe('the samples', () => {
  test.each([
    { name: 'first', text: 'Hello', says: {} },
    { name: 'text', text: 'Is anybody there?', says: {} },
    { name: 'blank', text: '', says: {} },
    {
      name: 'special-chars',
      text: 'He said "ok" \\ back/slash\n\ttabbed \u00fcn\u00ef \ud83d\ude00',
      says: {},
    },
    { name: 'pci-text', text: 'card ************1111', says: { scan: 'masked' } },
    { name: 'pci-scan-failed', text: '', says: { scan: 'failed' } },
    { name: 'attachment-ok', text: 'see file', says: { attachments: [notes] } },
    {
      name: 'attachment-pci-dropped',
      text: 'here is my statement',
      says: { attachments: [dropped('sensitive', 'statement.pdf', 'application/pdf')] },
    },
    { name: 'attachment-malware', text: 'invoice', says: { attachments: [dropped('malicious')] } },
    { name: 'attachment-too-large', text: 'video', says: { attachments: [dropped('unprocessable')] } },
  ])('LC1, LC8, E14: livechat-mo-$name is a message', ({ name, text, says }) => {
    const body = inbound(`mo-${name}`)
    const { files: _, ...heard } = hear(`mo-${name}`) as Extract<Heard, { kind: 'customer' }>
    expect(heard).toEqual({
      kind: 'customer',
      address: { channel: 'live-chat', asset: 'SD12345650', customer: 'chat-user-97a190' },
      event: { type: 'message.received', id: body.tid, at: body.ts, thread, text, scan: 'clean', ...says },
    })
  })

  test.each([
    { name: 'form-response', phone: '+14155550123', query: 'Insurance' },
    { name: 'form-response-invalid', phone: 'not-a-number', query: 'Something else' },
  ])('LC5: livechat-$name is the answer to a form, field by field', ({ name, phone, query }) => {
    const body = inbound(name)
    expect(hear(name)).toMatchObject({
      kind: 'customer',
      event: {
        type: 'form.submitted',
        id: body.tid,
        at: body.ts,
        thread,
        title: 'Before we start',
        scan: 'clean',
        fields: [
          { name: 'Name', label: 'Name', type: 'text', value: 'Ana Ruiz', mandatory: true },
          { name: 'Email', label: 'Email', type: 'email', value: 'ana.ruiz@example.test', mandatory: true },
          { name: 'Phone', label: 'Phone', type: 'text', value: phone, mandatory: false },
          { name: 'Query', label: 'How can we help?', type: 'dropdown', value: query, mandatory: true },
        ],
      },
    })
  })

  test.each(['yes', 'no'])('CB3: livechat-postback-callback-%s is a pressed button', (answer) => {
    const body = inbound(`postback-callback-${answer}`)
    expect(hear(`postback-callback-${answer}`)).toMatchObject({
      event: {
        type: 'postback.received',
        id: body.tid,
        thread,
        reference: 'callback-offer:1a2b3c4d-0001-4ca9-8260-d0283bfb5fa4',
        identifier: `callback-${answer}`,
      },
    })
  })

  test.each(['thread-closed', 'legacy-closechat'])(
    'LX1, LX4, E7: livechat-%s closes the thread, of its asset',
    (name) => {
      const { tid: id, ts: at } = inbound(name)
      expect(hear(name)).toEqual({
        kind: 'customer',
        address: { channel: 'live-chat', asset: 'SD12345650', customer: 'chat-user-97a190' },
        event: { type: 'thread.closed', id, at, thread },
      })
    },
  )

  test.each(samplesIn('inbound', 'livechat-typing-').map((path) => ({ path })))('E6: $path is ignored', ({ path }) => {
    const body = sample(path)
    expect(heard(liveChatDoor, body)).toMatchObject({ kind: 'ignored', eventId: body.tid })
  })

  test('LC8, LC11: a message with several files keeps the good one and drops the rest, each with its reason', () => {
    const attachments = [
      { file: notes.url, size: 2048, id: 'att-1', contentType: 'text/plain' },
      { file: 'https://files.example.test/m/photo.png', size: 10, id: 'att-2', contentType: 'image/png' },
    ]
    const { pciInfo, securityscaninfo } = inbound('mo-attachment-pci-dropped')
    expect(attachmentsOf({ attachments: JSON.stringify(attachments), pciInfo, securityscaninfo })).toEqual([
      notes,
      dropped('unprocessable', 'photo.png', 'image/png'),
      dropped('sensitive', 'statement.pdf', 'application/pdf'),
    ])
  })
})

describe('events', () => {
  test.each(['OnProfileCreate', 'OnProfileUpdate', 'UpdateThreadACK', 'TypingIndicator', 'typingindicator'])(
    'E6: %s is ignored, with as little as it may bring',
    (event) => {
      expect(heard(liveChatDoor, { event, tid: 't-1' })).toMatchObject({ kind: 'ignored', eventId: 't-1' })
    },
  )

  test.each<{ title: string; name: string; change: Body; reason: string }>([
    { title: 'E8: an unknown event', name: 'mo-text', change: { event: 'OnMoonrise' }, reason: 'unknown' },
    {
      title: 'A42: an event of Facebook',
      name: 'mo-text',
      change: { event: 'FBM Inbound Message' },
      reason: 'unknown',
    },
    { title: 'a closed window of nobody', name: 'thread-closed', change: { userId: undefined }, reason: 'its user' },
    { title: 'E9: a broken form', name: 'form-response', change: { attachments: '[{"templ' }, reason: 'be read' },
    { title: 'a form that is a word', name: 'form-response', change: { attachments: 'form' }, reason: 'be read' },
    {
      title: 'a form with a broken payload',
      name: 'form-response',
      change: { attachments: [{ payload: '{"title":' }] },
      reason: 'be read',
    },
    {
      title: 'a form whose fields are a word',
      name: 'form-response',
      change: { attachments: [{ payload: { fields: 'Name' } }] },
      reason: 'be read',
    },
    {
      title: 'E9: a broken button',
      name: 'postback-callback-yes',
      change: { interactiveData: '{"ref' },
      reason: 'identifier',
    },
    {
      title: 'NA for a button',
      name: 'postback-callback-yes',
      change: { interactiveData: 'NA' },
      reason: 'identifier',
    },
  ])('$title is set aside with its reason', ({ name, change, reason }) => {
    const body = inbound(name, change)
    expect(heard(liveChatDoor, body)).toEqual({
      kind: 'unhandled',
      eventId: body.tid,
      reason: expect.stringContaining(reason),
    })
  })

  test.each<{ title: string; name: string; change: Body; expected: object }>([
    { title: 'E7: closechat in capitals', name: 'mo-text', change: { message: ' CLOSECHAT ' }, expected: { thread } },
    { title: 'E5: blanks', name: 'mo-text', change: { message: '  \n ' }, expected: { text: '' } },
    { title: 'null', name: 'mo-text', change: { message: null }, expected: { text: '' } },
    { title: 'a number', name: 'mo-text', change: { message: 7 }, expected: { text: '7' } },
    { title: 'spaces around words', name: 'mo-text', change: { message: ' a ' }, expected: { text: ' a ' } },
    { title: 'no time', name: 'mo-text', change: { ts: 'NA' }, expected: { at: receivedAt } },
    { title: 'transid', name: 'mo-text', change: { tid: '', transid: 't-9' }, expected: { id: 't-9' } },
    {
      title: 'a button of an object',
      name: 'postback-callback-yes',
      change: { interactiveData: { identifier: 'x' } },
      expected: { identifier: 'x', reference: '' },
    },
    {
      title: 'a form without fields',
      name: 'form-response',
      change: { attachments: [{ payload: { title: 'T' } }] },
      expected: { title: 'T', fields: [] },
    },
    {
      title: 'a form without anything',
      name: 'form-response',
      change: { attachments: 'NA' },
      expected: { title: '', fields: [] },
    },
  ])('reads $title', ({ name, change, expected }) => {
    expect(eventOf(liveChatDoor, inbound(name, change))).toMatchObject(expected)
  })

  test('form fields of careless windows are read as they are meant', () => {
    const fields = [
      { name: 'Age', value: 42, mandatory: 'TRUE', placeholder: 'x' },
      { label: 'Topics', type: 'checkbox', value: ['a', 'b'] },
      { name: 'Empty', value: null },
      { value: 'nobody asked' },
      'words',
    ]
    const attachments = JSON.stringify({ payload: JSON.stringify({ title: 3, fields: JSON.stringify(fields) }) })
    expect(eventOf(liveChatDoor, inbound('form-response', { attachments }))).toMatchObject({
      title: '3',
      fields: [
        { name: 'Age', label: '', type: '', value: '42', mandatory: true },
        { name: 'Topics', label: 'Topics', type: 'checkbox', value: 'a, b', mandatory: false },
        { name: 'Empty', label: '', type: '', value: '', mandatory: false },
      ],
    })
  })

  test('E109: a form that could not be scanned comes without its values', () => {
    const { pciInfo } = inbound('mo-pci-scan-failed')
    const event = eventOf(liveChatDoor, inbound('form-response', { pciInfo })) as EventOf<'form.submitted'>
    expect(event.scan).toBe('masked')
    expect(event.fields.map(({ name, value }) => [name, value])).toEqual([
      ['Name', ''],
      ['Email', ''],
      ['Phone', ''],
      ['Query', ''],
    ])
  })

  test('a message without a thread has none, and the user is taken as written', () => {
    const result = hear('mo-text', { thread_id: undefined, userId: 'Chat User/7 ' })
    expect(result).toMatchObject({ address: { customer: 'Chat User/7 ' } })
    expect('event' in result && result.event).not.toHaveProperty('thread')
  })

  test('with neither tid nor transid the same event gets the same id, and another another', () => {
    const idOf = (change: Body) => eventOf(liveChatDoor, inbound('mo-text', { tid: undefined, ...change })).id
    expect(idOf({})).toMatch(/^[0-9a-f]{64}$/)
    expect(idOf({})).toBe(idOf({}))
    expect(idOf({ message: 'other' })).not.toBe(idOf({}))
  })

  test.each<{ title: string; change: Body; errors: object[] }>([
    { title: 'no event', change: { event: undefined }, errors: malformed('event', 'nothing') },
    { title: 'no user', change: { userId: null }, errors: malformed('userId', 'null') },
    { title: 'a blank user', change: { userId: ' ' }, errors: malformed('userId', 'an empty string') },
    { title: 'no application', change: { appId: undefined }, errors: malformed('appId', 'nothing') },
    { title: 'neither text nor files', change: { message: undefined }, errors: malformed('message', 'nothing') },
    { title: 'an object for a text', change: { message: { card: '4111' } }, errors: malformed('message', 'an object') },
  ])('refuses $title, naming the place and not the content', ({ change, errors }) => {
    expect(errorsOf(liveChatDoor, inbound('mo-text', change))).toEqual(errors)
  })

  test('a file needs no words', () => {
    const change = { message: undefined, attachments: [{ file: notes.url, contentType: 'text/plain' }] }
    expect(eventOf(liveChatDoor, inbound('mo-text', change))).toMatchObject({ text: '', attachments: [notes] })
  })
})

describe('attachments', () => {
  const one = (entry: Body) => attachmentsOf({ attachments: JSON.stringify([entry]) })
  const file = (name: string) => `https://files.example.test/m/${name}`

  test.each(['', 'NA', 'na', ' ', '[]', '{}', 'null', '[{"file":', 'words', null, undefined, [], 7, true])(
    'E9: %j is none',
    (attachments) => {
      expect(eventOf(liveChatDoor, inbound('mo-text', { attachments }))).not.toHaveProperty('attachments')
    },
  )

  test.each<{ title: string; entry: Body; kept: Partial<Attachment> }>([
    { title: 'a name of its own', entry: { file: file('x1'), name: 'My notes.txt' }, kept: { name: 'My notes.txt' } },
    { title: 'an escaped name', entry: { file: file('%C3%BCn.pdf?sig=1#p') }, kept: { name: 'ün.pdf' } },
    { title: 'a name nobody can unescape', entry: { file: file('a%ZZ.pdf') }, kept: { name: 'a%ZZ.pdf' } },
    {
      title: 'no extension but a known type',
      entry: { file: file('get'), contentType: 'text/xml; a=b' },
      kept: { name: 'get' },
    },
    {
      title: 'no name at all',
      entry: { file: file(''), contentType: 'text/plain' },
      kept: { name: 'attachment' },
    },
    { title: 'Office by family', entry: { file: file('a.XLSM'), contentType: 'application/octet-stream' }, kept: {} },
    { title: 'exactly 25 MB', entry: { file: file('a.txt'), size: file_bytes_max }, kept: {} },
    { title: '25 MB as a string', entry: { file: file('a.txt'), size: String(file_bytes_max) }, kept: {} },
    { title: 'a size that is no number', entry: { file: file('a.txt'), size: 'NA' }, kept: {} },
  ])('E107: keeps $title', ({ entry, kept }) => {
    const [found] = one(entry)
    expect(found).toMatchObject(kept)
    expect(found).not.toHaveProperty('dropped')
    expect(found?.url).not.toBe('')
  })

  const listed =
    'html mhtml mht odt pdf pdfxml rtf shtml xps xml xhtml txt eml msg ods doc docx docm dotx potx ppsx ppt pptx pub xls xlsx xlsb xltx xlam'
  test.each(listed.split(' '))('E107: a .%s is handed on', (extension) => {
    expect(one({ file: file(`a.${extension}`) })[0]).not.toHaveProperty('dropped')
  })

  test.each<{ title: string; entry: Body }>([
    { title: 'a picture', entry: { file: file('a.png'), contentType: 'image/png' } },
    { title: 'a picture with the name of a text', entry: { file: file('a.txt'), contentType: 'image/png' } },
    { title: 'a film', entry: { file: file('a.mp4'), contentType: 'video/mp4' } },
    { title: 'a program', entry: { file: file('a.exe'), contentType: 'text/plain' } },
    { title: 'an archive', entry: { file: file('a.zip') } },
    { title: 'no extension and no known type', entry: { file: file('get') } },
    { title: 'one byte more than 25 MB', entry: { file: file('a.txt'), size: file_bytes_max + 1 } },
    { title: 'as much as a string', entry: { file: file('a.txt'), size: '99999999' } },
    { title: 'no address', entry: { name: 'a.txt', contentType: 'text/plain' } },
    { title: 'an address that runs', entry: { file: 'javascript:alert(1)//a.txt', contentType: 'text/plain' } },
    { title: 'an address on the disk', entry: { file: 'file:///etc/passwd.txt' } },
  ])('E107, LC11: drops $title as unprocessable, and nobody gets its address', ({ entry }) => {
    expect(one(entry)).toMatchObject([{ dropped: 'unprocessable', url: '' }])
  })

  test('PC2, PC5: a file whose name has card data in it is dropped, and the name is masked', () => {
    const [found] = one({ file: file('4111%201111%201111%201111.pdf') })
    expect(found).toEqual(dropped('sensitive', '**** **** **** 1111.pdf'))
    const pciInfo = { nonPCIComplianceReason: { attachments: [{ name: '4111111111111111.pdf' }] } }
    expect(attachmentsOf({ pciInfo })).toMatchObject([{ name: '************1111.pdf', dropped: 'sensitive' }])
  })

  test('E109: when the provider could not scan, nothing is handed on', () => {
    const attachments = JSON.stringify([{ file: notes.url, contentType: 'text/plain' }])
    const { pciInfo } = inbound('mo-pci-scan-failed')
    const securityscaninfo = { isSecurityValidationDone: false, isSecurityCompliance: false }
    const malwareinfo = { isMalwareValidationDone: 'False', isMalwareCompliance: 'False' }
    for (const verdict of [{ pciInfo }, { securityscaninfo }, { malwareinfo }]) {
      expect(attachmentsOf({ attachments, ...verdict })).toMatchObject([{ dropped: 'unprocessable', url: '' }])
    }
  })

  const filesOf = (change: Body) => (hear('mo-attachment-ok', change) as Extract<Heard, { kind: 'customer' }>).files
  const verdict = (done: unknown, compliant: unknown) => ({ isPCIValidationDone: done, isPCICompliance: compliant })
  const combined = { isSecurityValidationDone: true, isSecurityCompliance: true }

  test.each<{ title: string; change: Body; isCleared: boolean }>([
    { title: 'checked and clean', change: {}, isCleared: true },
    { title: 'checked, and what was found is taken out', change: { pciInfo: verdict(true, false) }, isCleared: true },
    { title: 'checked together', change: { pciInfo: 'NA', securityscaninfo: combined }, isCleared: true },
    { title: 'not looked for card data', change: { pciInfo: verdict(false, true) }, isCleared: false },
    { title: 'NA', change: { pciInfo: verdict('NA', 'NA'), securityscaninfo: '' }, isCleared: false },
    { title: 'no check at all', change: { pciInfo: '', securityscaninfo: undefined }, isCleared: false },
    { title: 'a check that failed', change: { pciInfo: verdict(false, false) }, isCleared: false },
  ])('A48: files are cleared by the provider: $title is $isCleared', ({ change, isCleared }) => {
    expect(filesOf(change)).toEqual({ bytes: [undefined], isCleared })
  })

  test('a file inside the body is handed on as bytes and stands in no address, whatever it calls itself', () => {
    const inside = { file: `data:image/png;base64,${Buffer.from('hello').toString('base64')}`, name: 'a.png' }
    const broken = { file: 'data:text/plain,%ZZ', name: 'b.txt' }
    const attachments = [{ file: notes.url }, inside, broken]
    expect(attachmentsOf({ attachments })).toMatchObject([
      { name: 'notes.txt' },
      { name: 'a.png', contentType: 'image/png', url: '' },
      { name: 'b.txt', url: '', dropped: 'unprocessable' },
    ])
    const bytes = filesOf({ attachments })?.bytes.map((one) => one && Buffer.from(one).toString())
    expect(bytes).toEqual([undefined, 'hello', undefined])
  })

  const pci = (count: unknown, reason: object = {}) =>
    JSON.stringify({ droppedAttachmentCount: count, nonPCIComplianceReason: reason })
  const malware = (count: unknown) => ({ droppedAttachmentCount: count, malwareFailedReason: 'NA' })
  const together = (count: unknown, text = '') => ({ droppedAttachmentCount: count, securityFailedReason: { text } })

  test.each<{ title: string; change: Body; reasons: string[] }>([
    { title: 'nothing', change: { pciInfo: 'NA', malwareinfo: '', securityscaninfo: null }, reasons: [] },
    {
      title: 'counts of words',
      change: { pciInfo: pci('NA'), malwareinfo: malware(-1), securityscaninfo: together(1.5) },
      reasons: [],
    },
    {
      title: 'card data only',
      change: { pciInfo: pci('2'), securityscaninfo: 'NA' },
      reasons: ['sensitive', 'sensitive'],
    },
    { title: 'malware only', change: { malwareinfo: malware(1), securityscaninfo: '' }, reasons: ['malicious'] },
    {
      title: 'both, counted together',
      change: { pciInfo: pci(1), malwareinfo: malware(1), securityscaninfo: together(2) },
      reasons: ['sensitive', 'malicious'],
    },
    {
      title: 'one more than both',
      change: { pciInfo: pci(1), malwareinfo: malware(1), securityscaninfo: together(3, 'System Alert: x') },
      reasons: ['sensitive', 'malicious', 'unprocessable'],
    },
    {
      title: 'the combined alone',
      change: { pciInfo: '', securityscaninfo: together(2, 'PCI: Failed: x') },
      reasons: ['sensitive', 'sensitive'],
    },
    { title: 'the combined without a reason', change: { securityscaninfo: together(1) }, reasons: ['unprocessable'] },
    {
      title: 'an alert of the card check',
      change: { pciInfo: pci(1, { text: 'System Alert: too large' }) },
      reasons: ['unprocessable'],
    },
    {
      title: 'reasons apart',
      change: {
        pciInfo: pci(1, { attachments: [{ name: 'a.pdf', reason: 'PCI: Failed' }, { reason: 'System Alert: x' }] }),
      },
      reasons: ['sensitive', 'unprocessable'],
    },
  ])('what the provider took out is told of: $title', ({ change, reasons }) => {
    expect(attachmentsOf(change).map(({ dropped }) => dropped)).toEqual(reasons)
  })

  test('a body that claims a million drops is told of in bounds', () => {
    expect(attachmentsOf({ securityscaninfo: together(1_000_000) })).toHaveLength(attachments_max)
    const attachments = Array.from({ length: 1_000 }, () => ({ file: notes.url }))
    expect(attachmentsOf({ attachments })).toHaveLength(attachments_max)
  })
})

describe('the verdict on the text', () => {
  const failed = (done: boolean, reason: object) => ({
    pciInfo: { isPCIValidationDone: done, isPCICompliance: false, nonPCIComplianceReason: reason },
  })
  const files = [{ name: 'statement.pdf', reason: 'PCI: Failed: card data' }]

  test.each([
    { done: true, reason: {}, verdict: 'masked' },
    { done: true, reason: { text: 'PCI: Failed: card data in the message text' }, verdict: 'masked' },
    { done: true, reason: { text: 'PCI: Failed: card data in text and attachment' }, verdict: 'masked' },
    { done: true, reason: { text: 'PCI: Failed: card data detected in attachment' }, verdict: 'clean' },
    { done: true, reason: { attachments: files }, verdict: 'clean' },
    { done: false, reason: { text: 'System Alert: attachments could not be scanned' }, verdict: 'clean' },
    { done: false, reason: { text: 'System Alert: message could not be received' }, verdict: 'failed' },
    { done: false, reason: {}, verdict: 'failed' },
  ])('A47: $reason is $verdict, so that one offence is told once', ({ done, reason, verdict }) => {
    expect(scanVerdict(failed(done, reason))).toBe(verdict)
  })
})
