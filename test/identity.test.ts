/**
 * One customer, one form, one actor: identities, moments and Retry-After read from what other systems write.
 */
import { describe, expect, test } from 'vitest'
import { actorIdOf, normaliseAsset, normaliseCustomer } from '../adapters/identity.ts'
import { utcMoment, utcSecond } from '../adapters/moment.ts'
import { retryAfterMs } from '../adapters/retry-after.ts'
import type { Channel } from '../machines/events.ts'

const customers: { channel: Channel; raw: string; normal: string }[] = [
  { channel: 'sms', raw: '+14155550123', normal: '+14155550123' },
  { channel: 'sms', raw: '14155550123', normal: '+14155550123' },
  { channel: 'sms', raw: ' 14155550123 ', normal: '+14155550123' },
  { channel: 'sms', raw: '+1 (415) 555-0123', normal: '+14155550123' },
  { channel: 'sms', raw: '0014155550123', normal: '+14155550123' },
  { channel: 'sms', raw: '+44 (0)20 7946 0000', normal: '+442079460000' },
  { channel: 'sms', raw: '+999123456789', normal: '+999123456789' },
  { channel: 'sms', raw: '72345', normal: '72345' },
  { channel: 'sms', raw: 'ACME Bank', normal: 'ACME Bank' },
  { channel: 'sms', raw: 'INFO24', normal: 'INFO24' },
  { channel: 'email', raw: ' Ana.Ruiz@Example.test ', normal: 'ana.ruiz@example.test' },
  { channel: 'live-chat', raw: 'Chat-User-97a190', normal: 'Chat-User-97a190' },
]

describe('identity', () => {
  test.each(customers)('a customer of $channel written "$raw" is $normal', ({ channel, raw, normal }) => {
    expect(normaliseCustomer(channel, raw)).toBe(normal)
    expect(normaliseCustomer(channel, normal)).toBe(normal)
  })

  test('the plus of a service number does not make another asset', () => {
    expect(normaliseAsset('sms', '+14155550100')).toBe('14155550100')
    expect(normaliseAsset('live-chat', 'SD12345650')).toBe('SD12345650')
  })

  test('an actor id is 16 hex characters, the same for every written form of the customer', () => {
    const address = { channel: 'sms', asset: '14155550100', customer: '+14155550123' } as const
    expect(actorIdOf(address)).toMatch(/^[0-9a-f]{16}$/)
    expect(actorIdOf({ ...address, customer: '14155550123' })).toBe(actorIdOf(address))
  })

  test('E3: channel, asset and customer each make another actor, and never run into each other', () => {
    const ids = [
      { channel: 'sms', asset: '14155550100', customer: '+14155550123' },
      { channel: 'sms', asset: '14155550101', customer: '+14155550123' },
      { channel: 'sms', asset: '14155550100', customer: '+14155550124' },
      { channel: 'live-chat', asset: '14155550100', customer: '+14155550123' },
      { channel: 'live-chat', asset: '14155550100+1', customer: '4155550123' },
    ] as const
    expect(new Set(ids.map(actorIdOf)).size).toBe(ids.length)
  })
})

describe('moments', () => {
  test.each([
    ['2026-03-02T14:05:11.099Z', '2026-03-02T14:05:11.099Z'],
    ['2026-03-02T14:05:11Z', '2026-03-02T14:05:11.000Z'],
    ['2026-03-02T15:05:11+01:00', '2026-03-02T14:05:11.000Z'],
    ['2026-03-02 14:05:11', '2026-03-02T14:05:11.000Z'],
    ['2026-03-02T14:05:11', '2026-03-02T14:05:11.000Z'],
    [1772460311099, '2026-03-02T14:05:11.099Z'],
    ['1772460311', '2026-03-02T14:05:11.000Z'],
    ['yesterday', undefined],
    ['2026-13-45T99:00:00Z', undefined],
    ['', undefined],
    [null, undefined],
    [{}, undefined],
  ])('%s is %s', (raw, moment) => {
    expect(utcMoment(raw)).toBe(moment)
  })

  test('to the second, as Engage takes them; what is no moment stays as it is', () => {
    expect(utcSecond('2026-03-02T14:05:55.987Z')).toBe('2026-03-02T14:05:55Z')
    expect(utcSecond('2026-03-02T14:05:55Z')).toBe('2026-03-02T14:05:55Z')
    expect(utcSecond('soon')).toBe('soon')
  })
})

describe('Retry-After', () => {
  const now_ms = Date.UTC(2026, 2, 2, 14, 0, 0)
  test.each([
    ['120', 120_000],
    ['0', 0],
    [' 1.5 ', 1_500],
    ['Mon, 02 Mar 2026 14:00:30 GMT', 30_000],
    ['Mon, 02 Mar 2026 13:00:00 GMT', 0],
    ['-5', undefined],
    ['soon', undefined],
    ['', undefined],
    [null, undefined],
  ])('%s is %s ms', (header, ms) => {
    expect(retryAfterMs(header, now_ms)).toBe(ms)
  })
})
