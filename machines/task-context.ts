/**
 * Task context variables (seed l.33-55): which kind a name is, how many bytes it may carry, and the ones every task gets.
 * Call variables `cv_1`-`cv_10`, 40 bytes; ECC variables `user_…`, 210 bytes, 2000 in all; anything else is an extension
 * variable, kept by Digital Routing and given back in webhooks. Bytes are Latin-1 (A34).
 */
import type { Variable } from './effects.ts'

export const call_variable_bytes_max = 40
export const ecc_variable_bytes_max = 210
export const ecc_name_chars_max = 32
export const ecc_payload_bytes_max = 2_000

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

/** A value as it may travel: Latin-1, cut at the byte limit of its kind (A33: customer-derived values are cut). */
export function fitVariable({ key, value }: Variable): { variable: Variable; cut: boolean } {
  const found = kindOfVariable(key)
  const latin1 = toLatin1(value)
  const limit = 'refused' in found || found.kind === 'extension' ? Infinity : bytesMax[found.kind]
  const fitted = latin1.length > limit ? latin1.slice(0, limit) : latin1
  return { variable: { key, value: fitted }, cut: latin1.length > limit }
}

const bytesMax = { call: call_variable_bytes_max, ecc: ecc_variable_bytes_max }

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
    if (found.kind === 'extension') return
    if (bytes > bytesMax[found.kind]) refuse(`at most ${bytesMax[found.kind]} bytes (Latin-1)`, `${bytes} bytes`)
    if (found.kind !== 'ecc') return
    eccBytes += bytes
    if (eccBytes > ecc_payload_bytes_max && eccBytes - bytes <= ecc_payload_bytes_max) {
      refuse(`at most ${ecc_payload_bytes_max} bytes of ECC values`, `${eccBytes} bytes`)
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

/**
 * The variables of a task: what the asset's configuration says, what came back from the routing service (TR6), and what
 * the Create Task node fills in by itself (seed l.38-41 for SMS). Later ones win over earlier ones of the same name.
 */
export function taskVariables(from: {
  actor: string
  conversationId: string
  customerName: string
  configured: Variable[]
  learned: Record<string, string>
  /** What the channel adds. */
  own?: Variable[]
}): Variable[] {
  const byKey = new Map<string, string>()
  for (const { key, value } of from.configured) byKey.set(key, value)
  for (const [key, value] of Object.entries(from.learned)) if (!setByRouting.has(key)) byKey.set(key, value)
  for (const { key, value } of from.own ?? []) byKey.set(key, value)
  byKey.set('user_DR_MediaResourceID', from.conversationId)
  byKey.set('user_DR_CustomerName', from.customerName)
  byKey.set(actorVariable, from.actor)
  return [...byKey].map(([key, value]) => fitVariable({ key, value }).variable)
}

/** Digital Routing fills these itself and sends them back; a new task must not carry an old pair (flows.md 2.1). */
const setByRouting = new Set(['user_DR_Primary', 'user_DR_Backup'])
