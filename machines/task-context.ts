/**
 * Task context variables (seed l.33-37): which kind a name is, how many bytes it may carry, and what is wrong with
 * configured ones. Call variables `cv_1`-`cv_10`, 40 bytes; ECC variables `user_…`, 210 bytes, 2000 in all; anything else
 * is an extension variable, kept by Digital Routing and given back in webhooks. Bytes are Latin-1 (A34).
 * Which ones a task carries is in `task-variables.ts`. Pure.
 */
import type { Variable } from './effects.ts'

export const call_variable_bytes_max = 40
export const ecc_variable_bytes_max = 210
export const ecc_name_chars_max = 32
export const ecc_payload_bytes_max = 2_000

/** The one ECC variable that every task must carry: the conversation's id in Engage. */
export const mediaResource = 'user_DR_MediaResourceID'
export const media_resource_bytes = 16

/** What is left for configured ECC values, which are never cut. */
export const ecc_configured_bytes_max = ecc_payload_bytes_max - media_resource_bytes

/** The extension variable by which a webhook finds its conversation. */
export const actorVariable = 'ParleyActor'

export type VariableKind = 'call' | 'ecc' | 'extension'

/** The kind of a variable by its name, or why the name is refused (A32, A35). */
export function kindOfVariable(key: string): { kind: VariableKind } | { refused: { expected: string; found: string } } {
  if (/^cv_/i.test(key)) {
    return /^cv_([1-9]|10)$/.test(key)
      ? { kind: 'call' }
      : { refused: { expected: 'a call variable, cv_1 to cv_10', found: key } }
  }
  if (/^user_/i.test(key)) {
    return key.length <= ecc_name_chars_max
      ? { kind: 'ecc' }
      : { refused: { expected: `an ECC name of at most ${ecc_name_chars_max} characters`, found: `${key.length}` } }
  }
  if (/^user/i.test(key)) return { refused: { expected: 'an ECC name that begins with user_', found: key } }
  return { kind: 'extension' }
}

/** Text as Latin-1 bytes carry it: accents that Latin-1 lacks are dropped, what is left over becomes `?` (A34). */
export function toLatin1(text: string): string {
  return Array.from(text.normalize('NFC'), (char) => {
    if (char.codePointAt(0)! <= 0xff) return char
    const bare = char.normalize('NFKD').replace(/\p{M}/gu, '')
    return Array.from(bare).every((c) => c.codePointAt(0)! <= 0xff) ? bare : '?'
  }).join('')
}

/** One byte a character, once it is Latin-1. */
export const latin1Bytes = (text: string): number => toLatin1(text).length

/** By its prefix alone, in whatever case: what came back from the routing service is counted too, however it is named. */
export const isEcc = (key: string): boolean => /^user/i.test(key)

/** A value as it may travel: Latin-1, cut at the byte limit of its kind, and at the room that is left for it (A33). */
export function fitVariable({ key, value }: Variable, room_bytes = Infinity): { variable: Variable; cut: boolean } {
  const latin1 = toLatin1(value)
  const fitted = latin1.slice(0, Math.min(bytesMaxOf(key), room_bytes))
  return { variable: { key, value: fitted }, cut: fitted.length < latin1.length }
}

function bytesMaxOf(key: string): number {
  if (/^cv_/i.test(key)) return call_variable_bytes_max
  return isEcc(key) ? ecc_variable_bytes_max : Infinity
}

/**
 * What is wrong with configured variables, and in which field; empty when nothing is. Configured values over their limit
 * are refused at start, never cut (A33).
 */
export function problemsOf(variables: Variable[]): VariableProblem[] {
  const problems: VariableProblem[] = []
  let eccBytes = 0
  variables.forEach(({ key, value }, index) => {
    const found = kindOfVariable(key)
    if ('refused' in found) {
      problems.push({ index, field: 'key', ...found.refused })
      return
    }
    const bytes = latin1Bytes(value)
    const refuse = (expected: string, found: string) => problems.push({ index, field: 'value', expected, found })
    if (bytes > bytesMaxOf(key)) refuse(`at most ${bytesMaxOf(key)} bytes (Latin-1)`, `${bytes} bytes`)
    if (found.kind !== 'ecc') return
    eccBytes += bytes
    if (eccBytes > ecc_configured_bytes_max && eccBytes - bytes <= ecc_configured_bytes_max) {
      refuse(`at most ${ecc_configured_bytes_max} bytes of ECC values beside ${mediaResource}`, `${eccBytes} bytes`)
    }
  })
  return problems
}

export interface VariableProblem {
  index: number
  field: 'key' | 'value'
  expected: string
  found: string
}
