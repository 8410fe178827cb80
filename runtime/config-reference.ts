/**
 * Every setting as its reference shows it (docs/configuration.md), read off the schema: where it stands in the file, the
 * variable that sets it, what it takes, its default and its unit. What it takes is what a start with a wrong value says
 * was expected, so that the two cannot differ. Pure.
 */
import { overridden } from './config-overrides.ts'
import { findingsOf } from './config-problems.ts'
import { ConfigFile } from './config-schema.ts'
import { expectedAt, type Path, type SchemaNode, schemasAt } from './config-schema-at.ts'
import { isSecret, namedVariables } from './config-variables.ts'
import { defaultConfig } from './default-config.ts'

export interface SettingReference {
  path: Path
  /** As a person writes the place: `nats.tls.ca`; `[]` is any place in a list, a free key stands in angle brackets. */
  setting: string
  /** The variable that sets it: `0` is the first place in a list, the last word of a free key is an example. */
  variable: string
  /** A phrase that follows "expected". */
  takes: string
  /** Undefined where there is none: `does` says what holds then. */
  usual: unknown
  /** Empty for what has none. */
  unit: string
  does: string
  isSecret: boolean
}

/** The settings at and below a place in the order of the schema. A place in a list is that of the default configuration. */
export function settingsAt(path: Path): SettingReference[] {
  return schemasAt(defaultConfig, path).flatMap((node) => below(node, path))
}

function below(node: SchemaNode, path: Path): SettingReference[] {
  if (node.properties) {
    const settings = Object.entries(node.properties).filter(([key]) => !isForEditors(key))
    return settings.flatMap(([key, child]) => below(child, [...path, key]))
  }
  const { items, additionalProperties: values } = node
  const free = freeKeys[String(path.at(-1))]
  return [
    reference(node, path),
    ...(items?.properties ? below(items, [...path, 0]) : []),
    ...(typeof values === 'object' && free ? below(values, [...path, free.example]) : []),
  ]
}

const isForEditors = (key: string): boolean => key.startsWith('$')

/** Objects whose keys the user chooses. */
const freeKeys: Record<string, { example: string; meaning: string }> = {
  texts: { example: 'en', meaning: '<language>' },
  scriptSelectors: { example: 'Other', meaning: '<answer>' },
}

function reference(node: SchemaNode, path: Path): SettingReference {
  const variable = variableOf(path)
  return {
    path,
    setting: settingOf(path),
    variable,
    takes: takenBy(variable, path),
    usual: node.default,
    unit: unitOf(path),
    does: node.description ?? '',
    isSecret: isSecret(path),
  }
}

function settingOf(path: Path): string {
  const words = path.map((key, depth) => {
    if (typeof key === 'number') return '[]'
    return `.${freeKeys[String(path[depth - 1])]?.meaning ?? key}`
  })
  return words.join('').slice(1)
}

function variableOf(path: Path): string {
  const named = [...namedVariables].find(([, place]) => place.join('.') === path.join('.'))
  const words = path.map((key) =>
    String(key)
      .replace(/(?<=[a-z])(?=[A-Z])/g, '_')
      .toUpperCase(),
  )
  return named?.[0] ?? `PARLEY_${words.join('__')}`
}

/** Breaks every rule that a text can break. */
const wrong = ' \n'

function takenBy(variable: string, path: Path): string {
  const { document } = overridden(defaultConfig, { [variable]: wrong }, () => '')
  const place = path.join('.')
  const findings = findingsOf(ConfigFile.safeParse(document).error?.issues ?? [], document)
  const found = findings.find((one) => `${one.path.join('.')}.`.startsWith(`${place}.`))
  if (found === undefined) return expectedAt(document, path)
  return found.path.length > path.length ? `a list, each ${found.expected}` : found.expected
}

/** Names end with their unit, but for what is counted over a time. */
const units: [pattern: RegExp, unit: string][] = [
  [/Seconds$/, 's'],
  [/Ms$/, 'ms'],
  [/Days$/, 'days'],
  [/[pP]erSecond$/, 'a second'],
  [/^ratePerCustomer$/, 'a minute'],
]
const unitOf = (path: Path): string => units.find(([pattern]) => pattern.test(String(path.at(-1))))?.[1] ?? ''
