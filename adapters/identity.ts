/**
 * Who a conversation is with: the written forms of customers and assets brought to one form each, and the actor they make.
 * Used by the doors, by queries and by privacy requests, so that all of them find the same conversation (E3).
 */
import { hash } from 'node:crypto'
import { parsePhoneNumberFromString } from 'libphonenumber-js'
import type { Address, Channel } from '../machines/events.ts'

/** Fewer digits than this are a short code, which has no country and no plus. */
const phone_digits_min = 7

/** The actor of a conversation: 16 hex characters, the same for the same channel, asset, normalised customer and topic. */
export function actorIdOf({ channel, asset, customer, topic }: Address): string {
  const parts = [channel, asset, normaliseCustomer(channel, customer), ...(topic === undefined ? [] : [topic])]
  return hash('sha256', parts.join('\u0000')).slice(0, 16)
}

/**
 * The one form of a customer: E.164 for SMS, lower case for email, as it is for live chat. Normalising twice changes
 * nothing. Short codes and alphanumeric senders stay as they are; a number of no known country keeps its digits and a plus.
 */
export function normaliseCustomer(channel: Channel, raw: string): string {
  if (channel === 'email') return raw.trim().toLowerCase()
  return channel === 'sms' ? normalisePhone(raw.trim()) : raw
}

/** The one form of an asset: an SMS number without its plus (DE5), everything else as it is. */
export function normaliseAsset(channel: Channel | undefined, raw: string): string {
  const asset = raw.trim()
  return channel === 'sms' ? asset.replace(/^\+/, '') : asset
}

function normalisePhone(raw: string): string {
  if (!/^[+\d\s().\-/\u00a0]+$/.test(raw)) return raw
  const digits = raw.replace(/\D/g, '')
  if (digits.length < phone_digits_min) return raw.startsWith('+') ? `+${digits}` : digits
  const international = raw.startsWith('+') ? raw : `+${digits.replace(/^00/, '')}`
  const parsed = parsePhoneNumberFromString(international, { extract: false })
  return parsed?.number ?? `+${international.replace(/\D/g, '')}`
}
