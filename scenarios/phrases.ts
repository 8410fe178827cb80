/**
 * The words that scenario files are checked with: each rule's message is a phrase that follows "expected". Owned here; used
 * by the steps' schemas.
 */
import { z } from 'zod'

export const phrase = (expected: string) => ({ error: expected })
export const text = z.string(phrase('a text; put numbers in quotes'))
export const words = text.regex(/\S/, phrase('a text that is not blank'))
export const count = z.int(phrase('a whole number')).min(0, phrase('0 or more'))
export const mapping = (expected: string) => phrase(`a mapping with ${expected}`)

/** Of these keys exactly one says what is meant. */
export function oneOf<Schema extends z.ZodType<object>>(schema: Schema, keys: readonly string[]): Schema {
  return schema.superRefine((value, context) => {
    const found = keys.filter((key) => key in value)
    if (found.length === 1) return
    const message = `exactly one of ${keys.join(', ')}`
    context.addIssue({ code: 'custom', message, params: { found: found.join(' and ') || 'none' } })
  }) as Schema
}
