/**
 * Reads fields of bodies that other people's systems write: numbers come as strings, strings as numbers, nulls for
 * blanks, objects as JSON inside strings (E9). Tolerates all that, and says where something could not be meant.
 * Errors name the place and the kind of what was found, never its content.
 */
import { MalformedBody } from './adapter.ts'

export type Fields = Record<string, unknown>

/** The body, or the object at `path` in it. Throws `MalformedBody` when it is anything but a JSON object. */
export function objectAt(value: unknown, path = ''): Fields {
  if (isObject(value)) return value
  throw new MalformedBody([{ path, expected: 'a JSON object', found: kindOf(value) }])
}

/** The text of a field; a number counts, absent and null are `undefined`. Throws `MalformedBody` for any other kind. */
export function textAt(fields: Fields, name: string, path = name): string | undefined {
  const value = fields[name]
  if (value === undefined || value === null) return undefined
  const text = scalarText(value)
  if (text !== undefined && typeof value !== 'boolean') return text
  throw new MalformedBody([{ path, expected: 'a string', found: kindOf(value) }])
}

/** Like `textAt`, trimmed; throws when there is nothing. */
export function requiredTextAt(fields: Fields, name: string, path = name): string {
  const text = textAt(fields, name, path)?.trim()
  if (text) return text
  const found = text === '' ? 'an empty string' : kindOf(fields[name])
  throw new MalformedBody([{ path, expected: 'a string', found }])
}

/** Trimmed text where another kind means the same as nothing: for fields that only help. */
export function textOr(value: unknown, otherwise: string): string {
  const text = scalarText(value)?.trim()
  return text === undefined || text === '' ? otherwise : text
}

/** The text of a string, number or boolean; undefined for everything else. */
export function scalarText(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined
}

/** An object that may have been written as JSON inside a string. Anything else, `""` and `"NA"` too, is empty. */
export function nestedObject(value: unknown): Fields {
  if (isObject(value)) return value
  if (typeof value !== 'string') return {}
  try {
    const parsed: unknown = JSON.parse(value)
    return isObject(parsed) ? parsed : {}
  } catch {
    return {}
  }
}

/**
 * A list that may have been written as JSON inside a string; a single object is a list of one. Absent, null, `""` and
 * `"NA"` are an empty list. Undefined when it is anything else: the caller decides what an unreadable one means.
 */
export function nestedList(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) return value
  if (value === undefined || value === null) return []
  if (isObject(value)) return [value]
  if (typeof value !== 'string') return undefined
  if (/^\s*(NA)?\s*$/i.test(value)) return []
  try {
    const parsed: unknown = JSON.parse(value)
    return typeof parsed === 'string' ? undefined : nestedList(parsed)
  } catch {
    return undefined
  }
}

/** The fields under lower-cased names; of two spellings of one name the first counts. */
export function caseless(fields: Fields): Fields {
  const entries = Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value] as const)
  return Object.fromEntries(entries.reverse())
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  return Array.isArray(value) ? 'an array' : `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`
}
