/**
 * The doors from Connect over the samples: what each body becomes, what is tolerated (E9), and what is refused.
 */
import { describe, expect, test } from 'vitest'
import { emailDoor } from '../adapters/connect/email-door.ts'
import { liveChatDoor } from '../adapters/connect/live-chat-door.ts'
import { receiptsDoor } from '../adapters/connect/receipts-door.ts'
import { smsDoor } from '../adapters/connect/sms-door.ts'
import { webhookDoor } from '../adapters/digital-routing/webhook-door.ts'
import { type Body, errorsOf, eventOf, heard, malformed, receivedAt } from './heard.ts'
import { sample } from './samples.ts'

describe('the SMS door', () => {
  const base = () => sample<Body>('inbound/sms-mo-first-contact.json')

  test.each([
    { name: 'first-contact', text: 'Hi, I need help with my bill', scan: 'clean' },
    { name: 'menu-choice', text: '1', scan: 'clean' },
    { name: 'menu-invalid', text: 'pizza', scan: 'clean' },
    { name: 'keyword-empty-message', text: 'BILLING', scan: 'clean' },
    { name: 'end-conversation', text: 'please END  conversation now', scan: 'clean' },
    { name: 'pci-already-masked', text: 'my card is ************1111 exp **/** cvv ***', scan: 'masked' },
    { name: 'pci-raw', text: 'my card is 4111 1111 1111 1111 exp 12/27 cvv 123', scan: 'clean' },
    { name: 'scan-service-failed', text: '', scan: 'failed' },
  ])('SM1, G4: sms-mo-$name is a message, scan $scan', ({ name, text, scan }) => {
    const body = sample<{ tid: string; ts: string }>(`inbound/sms-mo-${name}.json`)
    expect(heard(smsDoor, body)).toEqual({
      kind: 'customer',
      address: { channel: 'sms', asset: '14155550100', customer: '+14155550123' },
      event: { type: 'message.received', id: body.tid, at: body.ts, text, scan },
    })
  })

  test.each<{ title: string; change: Body; expected: object }>([
    {
      title: 'E4: a keyword in front',
      change: { keyword: 'HELP', message: 'me now' },
      expected: { text: 'HELP me now' },
    },
    { title: 'E5: a blank message', change: { message: '   ' }, expected: { text: '' } },
    { title: 'a null message', change: { message: null }, expected: { text: '' } },
    { title: 'a number for a message', change: { message: 1 }, expected: { text: '1' } },
    { title: 'no keyword', change: { keyword: undefined }, expected: { text: 'Hi, I need help with my bill' } },
    { title: 'no tid', change: { tid: undefined }, expected: { id: '22dd0a09-66fb-4279-89cc-4158d55a57e5' } },
    { title: 'a number for a tid', change: { tid: 42 }, expected: { id: '42' } },
    { title: 'no time', change: { ts: undefined }, expected: { at: receivedAt } },
    { title: 'an unreadable time', change: { ts: 'NA' }, expected: { at: receivedAt } },
    { title: 'milliseconds for a time', change: { ts: '1772460311099' }, expected: { at: '2026-03-02T14:05:11.099Z' } },
    { title: 'fields nobody knows', change: { novelty: { a: [1] } }, expected: { scan: 'clean' } },
  ])('reads $title', ({ change, expected }) => {
    expect(eventOf(smsDoor, { ...base(), ...change })).toMatchObject(expected)
  })

  test('E3, DE5: numbers for numbers and a plus more or less reach the same customer and asset', () => {
    const address = { channel: 'sms', asset: '14155550100', customer: '+14155550123' }
    for (const change of [
      { oa: 14155550123, da: 14155550100 },
      { oa: '14155550123', da: '+14155550100' },
    ]) {
      expect(heard(smsDoor, { ...base(), ...change })).toMatchObject({ address })
    }
  })

  test('with neither tid nor transid the same message gets the same id, and another another', () => {
    const anonymous = { ...base(), tid: '', transid: undefined }
    const { id } = eventOf(smsDoor, anonymous)
    expect(id).toMatch(/^[0-9a-f]{64}$/)
    expect(eventOf(smsDoor, { ...anonymous }).id).toBe(id)
    expect(eventOf(smsDoor, { ...anonymous, message: 'other' }).id).not.toBe(id)
  })

  const scan = (done: unknown, compliant: unknown) =>
    JSON.stringify({ isPCIValidationDone: done, isPCICompliance: compliant })
  const security = (text: string) =>
    JSON.stringify({ isSecurityValidationDone: true, isSecurityCompliance: false, securityFailedReason: { text } })

  test.each<{ pciInfo: unknown; securityscaninfo?: unknown; expected: string }>([
    { pciInfo: '', expected: 'clean' },
    { pciInfo: 'NA', expected: 'clean' },
    { pciInfo: '{"isPCICompliance":fal', expected: 'clean' },
    { pciInfo: undefined, expected: 'clean' },
    { pciInfo: null, expected: 'clean' },
    { pciInfo: '[]', expected: 'clean' },
    { pciInfo: scan('NA', 'NA'), expected: 'clean' },
    { pciInfo: scan('True', 'False'), expected: 'masked' },
    { pciInfo: scan('false', 'FALSE'), expected: 'failed' },
    { pciInfo: { isPCIValidationDone: true, isPCICompliance: false }, expected: 'masked' },
    { pciInfo: scan(false, true), expected: 'clean' },
    { pciInfo: 'NA', securityscaninfo: security('PCI: Failed: x'), expected: 'masked' },
    { pciInfo: 'NA', securityscaninfo: security('Malware: Failed: x'), expected: 'clean' },
    { pciInfo: scan(true, true), securityscaninfo: security('PCI: Failed: x'), expected: 'clean' },
  ])('E9: pciInfo $pciInfo with $securityscaninfo is $expected, never an error', ({ expected, ...change }) => {
    expect(eventOf(smsDoor, { ...base(), securityscaninfo: '', ...change })).toMatchObject({ scan: expected })
  })

  test.each<{ title: string; change: Body; errors: object[] }>([
    { title: 'no sender', change: { oa: undefined }, errors: malformed('oa', 'nothing') },
    { title: 'an empty sender', change: { oa: ' ' }, errors: malformed('oa', 'an empty string') },
    { title: 'no service number', change: { da: null }, errors: malformed('da', 'null') },
    { title: 'no message', change: { message: undefined }, errors: malformed('message', 'nothing') },
    { title: 'an object', change: { message: { card: '4111 1111' } }, errors: malformed('message', 'an object') },
    { title: 'a list', change: { keyword: ['4111'] }, errors: malformed('keyword', 'an array') },
    { title: 'a yes', change: { message: true }, errors: malformed('message', 'a boolean') },
  ])('refuses $title, naming the place and not the content', ({ change, errors }) => {
    expect(errorsOf(smsDoor, { ...base(), ...change })).toEqual(errors)
  })
})

describe('the receipts door', () => {
  interface Receipt {
    deliveryInfoNotification: Body & { deliveryInfo: Body }
  }
  const receipt = (change: Body = {}, info: Body = {}) => {
    const { deliveryInfoNotification } = sample<Receipt>('outbound/receipt-delivered.json')
    const deliveryInfo = { ...deliveryInfoNotification.deliveryInfo, ...info }
    return { deliveryInfoNotification: { ...deliveryInfoNotification, deliveryInfo, ...change } }
  }

  test.each([
    { name: 'submitted', status: 'Submitted', code: '7501' },
    { name: 'delivered', status: 'Delivered', code: '7500' },
    { name: 'read', status: 'Read', code: '7502' },
    { name: 'failed-invalid-thread', status: 'Failed', code: '7312' },
  ])('receipt-$name says $status', ({ name, status, code }) => {
    expect(heard(receiptsDoor, sample(`outbound/receipt-${name}.json`))).toEqual({
      kind: 'receipt',
      actor: undefined,
      event: {
        type: 'receipt.updated',
        id: expect.stringMatching(/^[0-9a-f]{64}$/),
        at: '2026-03-02T14:06:46.939Z',
        correlationId: 'conv:65F2C0A91B7E4D02:created',
        status,
        code,
      },
    })
  })

  test.each<{ title: string; callbackData: unknown; actor: string | undefined }>([
    {
      title: 'ours',
      callbackData: '{"conversationId":"c","purpose":"CREATED","actor":"00112233aabbccdd"}',
      actor: '00112233aabbccdd',
    },
    { title: 'none', callbackData: '', actor: undefined },
    { title: 'broken', callbackData: '{"actor":', actor: undefined },
    { title: 'of others', callbackData: '{"conversationId":"c"}', actor: undefined },
  ])('call-back data that are $title lead to $actor', ({ callbackData, actor }) => {
    expect(heard(receiptsDoor, receipt({ callbackData }))).toMatchObject({ actor })
  })

  test('the same receipt has the same id; another part, message or code has another', () => {
    const idOf = (body: unknown) => eventOf(receiptsDoor, body).id
    const id = idOf(receipt())
    expect(idOf(receipt({ callbackData: '{}' }, { Description: 'again' }))).toBe(id)
    for (const other of [receipt({ subtid: 'x' }), receipt({ transid: 'x' }), receipt({}, { code: 7502 })]) {
      expect(idOf(other)).not.toBe(id)
    }
    const anonymous = { transid: '', subtid: null }
    expect(idOf(receipt(anonymous))).not.toBe(idOf(receipt({ ...anonymous, correlationid: 'conv:x:menu' })))
  })

  test('refuses a body without its delivery information', () => {
    const path = 'deliveryInfoNotification'
    expect(errorsOf(receiptsDoor, {})).toEqual(malformed(path, 'nothing', 'a JSON object'))
    expect(errorsOf(receiptsDoor, { [path]: { deliveryInfo: 'x' } })).toEqual(
      malformed(`${path}.deliveryInfo`, 'a string', 'a JSON object'),
    )
  })
})

test.each([smsDoor, webhookDoor, receiptsDoor, liveChatDoor, emailDoor])(
  'the $name door refuses what is no JSON object, and has a limit',
  (door) => {
    for (const body of [null, undefined, 'words', 7, true, []]) {
      expect(errorsOf(door, body)).toMatchObject([{ path: '', expected: 'a JSON object' }])
    }
    expect(door.body_bytes_max).toBe(door.name === 'email' ? 26 * 1_048_576 : 1_048_576)
  },
)
