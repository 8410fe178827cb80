/**
 * Names made from what a thing says, for things that bring no name: a hash over parts that tell two of them apart.
 */
import { createHash } from 'node:crypto'

/** SHA-256 over the parts, 64 hex characters. The parts are kept apart: ('ab', 'c') is not ('a', 'bc'). */
export function fingerprint(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

/** A UUID (version 8, RFC 9562) that is the same for the same text. */
export function uuidOf(text: string): string {
  const hex = fingerprint(text)
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  )
}
