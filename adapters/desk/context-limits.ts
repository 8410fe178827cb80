/**
 * What Digital Routing accepts as task context (flows.md 2.9): names, counts and byte lengths of variables.
 * Pure; used by the create door. Says what is wrong in the provider's words, never with the value.
 */
import type { TaskVariable } from './entries.ts'

/** The first thing wrong with the variables of a task, or undefined. Bytes are Latin-1 (flows.md A34). */
export function contextProblem(variables: TaskVariable[]): string | undefined {
  const callVariables = variables.filter(({ key }) => /^cv_/i.test(key))
  if (callVariables.length > call_variables_max) return `more than ${call_variables_max} call variables`
  for (const { key, value } of variables) {
    if (/^cv_/i.test(key) && !/^cv_([1-9]|10)$/i.test(key)) return `${key} is not a call variable: use cv_1 to cv_10`
    const bytes_max = bytesMaxOf(key)
    if (bytesOf(value) > bytes_max) return `${key} exceeds ${bytes_max} bytes`
  }
  const eccBytes = variables.filter(({ key }) => /^user_/i.test(key)).map(({ value }) => bytesOf(value))
  if (eccBytes.reduce((sum, bytes) => sum + bytes, 0) > ecc_bytes_max) {
    return `the user_ variables exceed ${ecc_bytes_max} bytes together`
  }
  const conversationId = mediaResourceOf(variables)
  if (conversationId.length !== media_resource_chars)
    return `${media_resource} must have ${media_resource_chars} characters`
  return undefined
}

/** The conversation a task is about; empty when it does not say. */
export function mediaResourceOf(variables: TaskVariable[]): string {
  return variables.find(({ key }) => key === media_resource)?.value ?? ''
}

const bytesOf = (value: string): number => Buffer.from(value, 'latin1').length

function bytesMaxOf(key: string): number {
  if (/^cv_/i.test(key)) return call_variable_bytes_max
  return /^user_/i.test(key) ? ecc_variable_bytes_max : Number.POSITIVE_INFINITY
}

const media_resource = 'user_DR_MediaResourceID'
const media_resource_chars = 16
const call_variables_max = 10
const call_variable_bytes_max = 40
const ecc_variable_bytes_max = 210
const ecc_bytes_max = 2_000
