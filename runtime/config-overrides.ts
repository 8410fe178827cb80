/**
 * Environment variables over the file: each one sets the value at its place, before anything is checked, so that the one
 * schema judges both. Named variables win over paths. Remembers which variable set which place, so that a problem names it.
 */
import type { Problem } from './config-error.ts'
import { knownKeysAt, type Path, schemasAt, valueAt } from './config-schema-at.ts'
import { isSecret, namedVariables } from './config-variables.ts'
import { nearestName } from './nearest-name.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface Overridden {
  document: unknown
  /** The variable that set a place, by the place's path joined with dots. */
  sources: ReadonlyMap<string, string>
  problems: Problem[]
}

/** One variable that is set: its name as the user knows it, its place, and its words. */
interface Setting {
  variable: string
  path: Path
  raw: string
}

/** A copy of `document` with everything that `env` says. `readFile` gives a secret's file or throws. */
export function overridden(document: unknown, env: Environment, readFile: (path: string) => string): Overridden {
  const problems: Problem[] = strangersIn(env)
  const sources = new Map<string, string>()
  const copy = structuredClone(document)
  const set = ({ variable, path, raw }: Setting) => {
    const problem = setAt(copy, path, meaningOf(raw, schemasAt(copy, path)))
    if (problem) problems.push({ path: variable, ...problem })
    else sources.set(path.join('.'), variable)
  }
  for (const variable of Object.keys(env).filter(isPathVariable).sort()) {
    const secret = secretFileOf(variable, copy)
    const path = pathOf(variable, copy)
    const setting = secret && settingOf(secret.name, secret.path, env, readFile)
    if (setting && 'found' in setting) problems.push(setting)
    else if (setting) set(setting)
    else if ('found' in path) problems.push({ path: variable, ...path })
    else set({ variable, path: path.keys, raw: env[variable] ?? '' })
  }
  for (const [name, path] of namedVariables) {
    const setting = settingOf(name, path, env, readFile)
    if (setting && 'found' in setting) problems.push(setting)
    else if (setting) set(setting)
  }
  return { document: copy, sources, problems }
}

/** The secret whose file a variable with a path names, `PARLEY_ASSETS__2__IMAP__PASSWORD_FILE`; undefined when it does not. */
function secretFileOf(variable: string, document: unknown): { name: string; path: Path } | undefined {
  const name = variable.replace(/_FILE$/, '')
  const path = pathOf(name, document)
  return name !== variable && 'keys' in path && isSecret(path.keys) ? { name, path: path.keys } : undefined
}

/** A named variable, or its `_FILE`; undefined when neither is set. An empty variable counts as not set. */
function settingOf(
  name: string,
  path: Path,
  env: Environment,
  readFile: (path: string) => string,
): Setting | Problem | undefined {
  const raw = env[name] || undefined
  const file = isSecret(path) ? env[`${name}_FILE`] || undefined : undefined
  if (file === undefined) return raw === undefined ? undefined : { variable: name, path, raw }
  const variable = `${name}_FILE`
  if (raw !== undefined) return { path: variable, expected: `only one of ${name} and ${variable}`, found: 'both' }
  try {
    const content = readFile(file).trimEnd()
    if (content !== '') return { variable, path, raw: content }
    return { path: variable, expected: 'a file with the secret', found: `an empty file at ${file}` }
  } catch (error) {
    const reason = (error as { code?: string }).code ?? 'no code'
    return { path: variable, expected: 'a file that can be read', found: `none at ${file} (${reason})` }
  }
}

const prefix = 'PARLEY_'
const isPathVariable = (name: string): boolean => name.startsWith(prefix) && name.includes('__')

/** `ASSETS__0__POLICY__MENU_TIMEOUT_SECONDS` as the keys it stands for; unknown ones are left for the schema to refuse. */
function pathOf(variable: string, document: unknown): { keys: Path } | Omit<Problem, 'path'> {
  const keys: (string | number)[] = []
  for (const segment of variable.slice(prefix.length).split('__')) {
    if (segment === '') return { expected: 'a name between two double underscores', found: 'none' }
    const here = valueAt(document, keys)
    const isList = Array.isArray(here) || schemasAt(document, keys).some(({ type }) => type === 'array')
    if (!isList) keys.push(keyNamed(segment, document, keys))
    else if (/^\d+$/.test(segment)) keys.push(Number(segment))
    else return { expected: 'the place of an entry, counted from 0', found: segment }
  }
  return { keys }
}

function keyNamed(segment: string, document: unknown, path: Path): string {
  const here = valueAt(document, path)
  const present = typeof here === 'object' && here !== null ? Object.keys(here) : []
  const known = [...knownKeysAt(document, path), ...present].find((key) => plain(key) === plain(segment))
  if (known !== undefined) return known
  const free = schemasAt(document, path).some(({ additionalProperties }) => typeof additionalProperties === 'object')
  return free ? segment.toLowerCase().replaceAll('_', '-') : camelCase(segment)
}

const plain = (key: string): string => key.toLowerCase().replace(/[^a-z0-9]/g, '')
const camelCase = (segment: string): string => segment.toLowerCase().replace(/_+(.)/g, (_, char) => char.toUpperCase())

/** The value that the words of a variable mean where a value of these schemas belongs. */
function meaningOf(raw: string, schemas: ReturnType<typeof schemasAt>): unknown {
  const takes = (type: string) => schemas.some((schema) => schema.type === type)
  const parsed = parsedJson(raw)
  if (takes('boolean') && /^[01]$/.test(raw)) return raw === '1'
  if (takes('array') && !Array.isArray(parsed)) {
    const words = schemas.some(({ items }) => items?.type === 'string')
    return words ? raw.split(',').map((word) => word.trim()) : (parsed ?? raw)
  }
  if (takes('string') && typeof parsed !== 'object') return raw
  return parsed ?? raw
}

function parsedJson(raw: string): unknown {
  try {
    return JSON.parse(raw)
  } catch {
    return undefined
  }
}

/** Sets a value, making the objects and lists on the way. Changes `document`; says why when the place cannot be. */
function setAt(document: unknown, path: Path, value: unknown): Omit<Problem, 'path'> | undefined {
  let here = document
  for (const [depth, key] of path.entries()) {
    if (typeof here !== 'object' || here === null) {
      return { expected: `an object at ${path.slice(0, depth).join('.') || 'the top'}`, found: 'something else' }
    }
    if (Array.isArray(here) && Number(key) > here.length) {
      return { expected: `the place of an entry, 0 to ${here.length}`, found: String(key) }
    }
    const next = path[depth + 1]
    const made = next === undefined ? value : (valueAt(here, [key]) ?? (typeof next === 'number' ? [] : {}))
    Object.defineProperty(here, key, { value: made, writable: true, enumerable: true, configurable: true })
    here = made
  }
  return undefined
}

/**
 * Variables that look like one of ours and are none. Only the nearest misses: a container platform may set others that
 * begin like ours.
 */
function strangersIn(env: Environment): Problem[] {
  const names = [...namedVariables].flatMap(([name, path]) => (isSecret(path) ? [name, `${name}_FILE`] : [name]))
  const known = [...names, 'PARLEY_CONFIG']
  return Object.keys(env)
    .filter((name) => name.startsWith(prefix) && !name.includes('__') && !known.includes(name))
    .flatMap((name) => {
      const meant = nearestName(name, known, 1)
      if (meant === undefined) return []
      return [{ path: name, expected: 'a known variable', found: 'an unknown one', hint: `did you mean \`${meant}\`?` }]
    })
}
