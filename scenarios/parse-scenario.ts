/**
 * From the words of a scenario file to a scenario, or to everything that is wrong with them: each problem with its file,
 * line and place, what was expected and what was found. Pure.
 */
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { foundAt } from '../runtime/config-problems.ts'
import { valueAt } from '../runtime/config-schema-at.ts'
import { nearestName } from '../runtime/nearest-name.ts'
import { knownKeys, type Scenario, ScenarioFile } from './scenario.ts'
import { ScenarioError } from './scenario-error.ts'

/** Reads the words of one file. Throws `ScenarioError` with every problem found. */
export function parseScenario(file: string, yaml: string): Scenario {
  const lines = new LineCounter()
  const document = parseDocument(yaml, { lineCounter: lines, prettyErrors: false })
  const unreadable = [...document.errors, ...document.warnings].map(({ code, pos }) => {
    const at = lines.linePos(pos[0])
    return { line: at.line, path: 'the file', expected: 'YAML', found: `${code} in column ${at.col}` }
  })
  if (unreadable.length > 0) throw new ScenarioError(file, unreadable)
  const written: unknown = document.toJS()
  const parsed = ScenarioFile.safeParse(written)
  if (parsed.success) return { ...parsed.data, file }
  const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue, parsed.error.issues, written))
  throw new ScenarioError(
    file,
    problems.map(({ place, ...problem }) => ({ line: lineOf(place), path: place.join('.') || 'the file', ...problem })),
  )

  function lineOf(path: Place): number {
    for (let length = path.length; length > 0; length--) {
      const parent = document.getIn(path.slice(0, length - 1), true)
      const key = path[length - 1]
      const pair = isMap(parent) ? parent.items.find((item) => isScalar(item.key) && item.key.value === key) : undefined
      const node = (pair?.key ?? document.getIn(path.slice(0, length), true)) as { range?: number[] } | undefined
      if (node?.range?.[0] !== undefined) return lines.linePos(node.range[0]).line
    }
    return 1
  }
}

type Place = (string | number)[]
type Issue = z.core.$ZodIssue

/** What zod found, in the words of this project. */
function problemsOf(issue: Issue, all: readonly Issue[], written: unknown) {
  const at = issue.path as Place
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(at, key))
  // A mistyped key is told as such, not also as the absence of the right one.
  const isToldAlready =
    issue.code === 'custom' && all.some((one) => one.code === 'unrecognized_keys' && isSame(one.path, at))
  if (isToldAlready) return []
  // Schemas of other homes (faults, policies) speak in zod's own words.
  const expected = /expected (.+?)(, received .*)?$/.exec(issue.message)?.[1] ?? issue.message
  const place = writtenPlace(written, at)
  const found = (issue.code === 'custom' && (issue.params?.found as string | undefined)) || foundAt(written, place)
  return [{ place, expected, found }]
}

const isSame = (a: readonly PropertyKey[], b: readonly PropertyKey[]): boolean => a.join('.') === b.join('.')

/** The place as the writer knows it: of `policy: hard`, which stands for `policy: {preset: hard}`, it is `policy`. */
function writtenPlace(written: unknown, place: Place): Place {
  const parent = valueAt(written, place.slice(0, -1))
  const isShort = place.length > 0 && (typeof parent !== 'object' || parent === null)
  return isShort ? writtenPlace(written, place.slice(0, -1)) : place
}

function unknownKey(at: Place, key: string) {
  const meant = nearestName(key, knownKeys)
  const expected = meant === undefined ? 'a known key' : `a known key such as ${meant}`
  return { place: [...at, key], expected, found: 'an unknown one' }
}
