/**
 * What zod found wrong, in the words of this project: place, expected, found, and what to do where that is known.
 * Pure. Invariants: every issue becomes at least one problem; no secret is quoted.
 */
import type { z } from 'zod'
import type { Problem } from './config-error.ts'
import { expectedAt, knownKeysAt, type Path, valueAt } from './config-schema-at.ts'
import { mayHoldSecret } from './config-variables.ts'
import { nearestName } from './nearest-name.ts'

/** A problem before its place is named: the path is in keys. */
export interface Finding extends Omit<Problem, 'path'> {
  path: Path
}

/** The findings of zod's issues in a document. */
export function findingsOf(issues: readonly z.core.$ZodIssue[], document: unknown): Finding[] {
  return issues.flatMap((issue) => {
    const path = issue.path as Path
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(document, path, key))
    return [{ path, ...expectation(issue, document, path) }]
  })
}

/**
 * The place as the user wrote it: `assets.0.id`; the variable that set it, with the rest of the path when the variable
 * set what is around it; or the place and the variables that set something in it.
 */
export function named({ path, ...problem }: Finding, sources: ReadonlyMap<string, string>): Problem {
  for (let length = path.length; length > 0; length--) {
    const variable = sources.get(path.slice(0, length).join('.'))
    if (variable === undefined) continue
    const hint = platformHint(problem.found)
    return { path: [variable, ...path.slice(length)].join('.'), ...problem, ...(hint === undefined ? {} : { hint }) }
  }
  const place = path.join('.') || 'the file'
  const inside = [...sources].flatMap(([at, variable]) => (at.startsWith(`${place}.`) ? [variable] : []))
  return { path: inside.length === 0 ? place : `${place} (${inside.join(', ')})`, ...problem }
}

function expectation(issue: z.core.$ZodIssue, document: unknown, path: Path): Omit<Finding, 'path'> {
  const found = foundAt(document, path)
  if (issue.code === 'custom') {
    const verdict = issue.params as { found?: string; hint?: string } | undefined
    return { expected: issue.message, found, ...verdict }
  }
  if (issue.code === 'invalid_format') return { expected: issue.message, found }
  if (issue.code === 'invalid_key') {
    return { expected: issue.issues[0]?.message ?? 'another key', found: JSON.stringify(path.at(-1)) }
  }
  const expected = expectedAt(document, path)
  const unquoted = expected === 'a text' && typeof valueAt(document, path) === 'number'
  return { expected, found, ...(unquoted ? { hint: 'put it in quotes' } : {}) }
}

function unknownKey(document: unknown, path: Path, key: string): Finding {
  const known = knownKeysAt(document, path)
  const meant = nearestName(key, known)
  return {
    path: [...path, key],
    expected: 'a known key',
    found: `unknown key \`${key}\``,
    hint: meant === undefined ? `known here: ${known.join(', ')}` : `did you mean \`${meant}\`?`,
  }
}

const found_chars_max = 60

/** A value as a message may show it. */
export function foundAt(document: unknown, path: Path): string {
  const value = valueAt(document, path)
  if (value === undefined) return 'nothing'
  if (typeof value === 'string') {
    if (mayHoldSecret(path)) return `a text of ${value.length} characters (not shown)`
    const shown = withoutCredentials(value)
    return JSON.stringify(shown.length > found_chars_max ? `${shown.slice(0, found_chars_max)}…` : shown)
  }
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  return mayHoldSecret(path) ? `a ${typeof value} (not shown)` : String(value)
}

/** An address without user and password. */
export const withoutCredentials = (text: string): string => text.replace(/\/\/[^/\s]*@/g, '//***@')

/** Kubernetes sets `PARLEY_PORT=tcp://…` in every pod beside a service that is called `parley`. */
function platformHint(found: string): string | undefined {
  return found.startsWith('"tcp://')
    ? 'this looks like a service link of Kubernetes: set `enableServiceLinks: false`, or set the variable yourself'
    : undefined
}
