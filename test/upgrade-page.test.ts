/**
 * docs/upgrade.md says what happens at every crash point, in its order, and names no crash point, metric, log or error code,
 * kind of dead letter, effect, command or test that is not there.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../adapters/clock.ts'
import { crashPoints } from '../runtime/crash-points.ts'
import { deadLetterKinds } from '../runtime/dead-letters.ts'
import { effectAdvice, startAdvice } from '../runtime/error-guide.ts'
import { metrics } from '../runtime/metrics.ts'
import { problemCodes } from '../runtime/problem.ts'

const root = join(import.meta.dirname, '..')
const textOf = (path: string) => readFileSync(join(root, path), 'utf8')
const page = textOf('docs/upgrade.md')

const logCodes = ['runtime', 'adapters'].flatMap((folder) =>
  (readdirSync(join(root, folder), { recursive: true }) as string[])
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => [...textOf(`${folder}/${name}`).matchAll(/\bcode: '([a-z-]+)'/g)].map(([, code]) => code!)),
)
/** An effect that is given up is logged under its own code. */
const loggedKinds = deadLetterKinds.filter((kind) => kind !== 'effect')
const known = {
  crashPoint: crashPoints as readonly string[],
  metric: metrics(systemClock())
    .described()
    .map(({ name }) => name),
  code: [...logCodes, ...Object.keys(problemCodes), ...loggedKinds.map((kind) => `dead-letter-${kind}`)],
  start: Object.keys(startAdvice),
  effectCode: Object.keys(effectAdvice),
  letter: deadLetterKinds as readonly string[],
  verb: [...textOf('bin/cli.ts').matchAll(/\.command\('([a-z-]+)/g)].map(([, verb]) => verb!),
}

/** How a page names each of them. */
const named: [what: keyof typeof known, pattern: RegExp][] = [
  ['crashPoint', /`([a-z]+\.[a-z-]+)`/g],
  ['metric', /`(parley_[a-z_]+)/g],
  ['code', /(?:log codes? |503 |and )`([a-z]+(?:-[a-z]+)+)`/g],
  ['start', /`(E_[A-Z_]+)`/g],
  ['effectCode', /effect codes? `(\w+)`/g],
  ['letter', /dead letter `(\w+)`/g],
  ['verb', /`(?:npx )?parley ([a-z-]+)/g],
]

const strangersIn = (text: string): string[] => [
  ...named.flatMap(([what, pattern]) =>
    [...text.matchAll(pattern)].map(([, name]) => name!).filter((name) => !known[what].includes(name)),
  ),
  ...[...text.matchAll(/`((?:test|machines|scenarios)\/[\w./-]+)`/g)]
    .map(([, path]) => path!)
    .filter((path) => !existsSync(join(root, path))),
]

test('every crash point has its row, in the order in which they are passed', () => {
  const rows = page.split('\n').flatMap((line) => /^\| `([a-z]+\.[a-z-]+)` \|/.exec(line)?.[1] ?? [])
  expect(rows).toEqual([...crashPoints])
})

test('every kind of dead letter has its row, with what the log says', () => {
  for (const kind of deadLetterKinds) expect(page).toContain(`dead letter \`${kind}\``)
  for (const kind of loggedKinds) expect(page).toContain(`\`dead-letter-${kind}\``)
})

test('nothing is named that is not there', () => {
  for (const [what, pattern] of named) expect([...page.matchAll(pattern)].length, what).toBeGreaterThan(0)
  expect(strangersIn(page)).toEqual([])
})

test('a name that is not there is found', () => {
  const wrong =
    '`stage.never` `parley_nothing` log code `no-such-code` `E_NOTHING` effect code `lazy` dead letter `lost` `parley mend` `test/none.test.ts`'
  expect(strangersIn(wrong)).toEqual([
    'stage.never',
    'parley_nothing',
    'no-such-code',
    'E_NOTHING',
    'lazy',
    'lost',
    'mend',
    'test/none.test.ts',
  ])
})
