/**
 * Masks card data in text and in JSON values: card numbers, security codes, expiry dates and track data.
 * Called at the edge before anything is stored, logged or sent on; pure, and depends on nothing but its own parts.
 * Invariants: of any card number at most four digits remain; separators and everything else stay as they were sent;
 * masking masked text changes nothing. Not found: numbers spelled in words or in pictures.
 */
import { findCardData } from './sensitive-data/card-data.ts'
import { issuerFit } from './sensitive-data/issuers.ts'
import { read } from './sensitive-data/reading.ts'
import { starsOver } from './sensitive-data/stars.ts'

export { type DigitTail, maskSplit, mayContinueNumber } from './sensitive-data/split-numbers.ts'

/**
 * What is hidden may have kept a neighbour from being seen for what it is, so the scan runs until it finds nothing more.
 * What people write takes one round and an empty one; text made to need this many loses all its digits.
 */
const rounds_max = 6

/**
 * Masks the card data of a text: digits become `*`, the last four of a card number stay (flows.md 7.2, PC1, SM12-SM14).
 * `found` tells whether this call hid anything; it is false for text that was masked before. Never throws.
 */
export function maskText(text: string): { text: string; found: boolean } {
  let masked = text
  for (let round = 0; round < rounds_max; round += 1) {
    const next = maskOnce(masked)
    if (next === masked) return { text: masked, found: masked !== text }
    masked = next
  }
  return { text: masked.replace(/[\p{Nd}\p{No}]/gu, '*'), found: true }
}

function maskOnce(text: string): string {
  const reading = read(text)
  return /\d/.test(reading.chars) ? starsOver(text, reading, findCardData(reading.chars).hidden) : text
}

/** Deeper values are dropped, not stored unseen; JSON that people and systems write stays far below. */
const depth_max = 200

/**
 * Masks every string and key of a JSON value, and numbers that are card numbers (which become masked strings). A key that
 * names a card, a code or an expiry speaks for its value ("cvv": 123). Returns a new value; used for dead letters (PC5).
 */
export function maskDeep(value: unknown): unknown {
  return maskValue(value, '', 0)
}

function maskValue(value: unknown, introduction: string, depth: number): unknown {
  if (depth > depth_max) return '[too deep]'
  if (typeof value === 'string') return maskIntroduced(value, introduction)
  if (typeof value === 'number' || typeof value === 'bigint') return maskNumber(value, introduction)
  if (Array.isArray(value)) return value.map((item) => maskValue(item, introduction, depth + 1))
  if (typeof value !== 'object' || value === null) return value
  const masked = new Map<string, unknown>()
  for (const [key, item] of Object.entries(value)) {
    let maskedKey = maskText(key).text
    // Two cards that end alike must not become one entry.
    while (masked.has(maskedKey)) maskedKey += '_'
    masked.set(maskedKey, maskValue(item, introductionOf(key), depth + 1))
  }
  return Object.fromEntries(masked)
}

/** The words a person would put before the value of this key, or none. */
function introductionOf(key: string): string {
  if (/cvv|cvc|security_?code|^csc$/i.test(key)) return 'cvv '
  if (/^(?:card_?)?exp(?:iry|iration)?(?:_?date)?$/i.test(key)) return 'exp '
  return /card|^pan$|^cc(?:_|$|n)/i.test(key) ? 'card ' : ''
}

function maskIntroduced(text: string, introduction: string): string {
  return maskText(introduction + text).text.slice(introduction.length)
}

function maskNumber(value: number | bigint, introduction: string): unknown {
  const digits = String(value)
  const masked = maskIntroduced(digits, introduction)
  if (masked !== digits) return masked
  // Beyond 2^53 the last digits of a JSON number are rounded off and no check digit can hold: issuer and length decide.
  const isRounded = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)
  const mayBeCard = /^\d{16,19}$/.test(digits) && issuerFit(Number(digits.slice(0, 4)), digits.length) === 'usual'
  return isRounded && mayBeCard ? digits.replace(/\d(?=\d{4})/g, '*') : value
}
