/** docs/errors.md names every code there is, and says of each what to do. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { effectAdvice, letterAdvice, problemAdvice, startAdvice } from '../runtime/error-guide.ts'
import { type ProblemCode, problemCodes } from '../runtime/problem.ts'

const root = join(import.meta.dirname, '..')
const textOf = (path: string) => readFileSync(join(root, path), 'utf8')

test('every code that a start can end with has its advice, and no other', () => {
  const files = ['runtime', 'bin'].flatMap((folder) =>
    (readdirSync(join(root, folder), { recursive: true }) as string[]).map((name) => `${folder}/${name}`),
  )
  const sources = files.filter((path) => path.endsWith('.ts') && !path.endsWith('error-guide.ts'))
  const codes = sources.flatMap((path) => textOf(path).match(/(?<=')E_[A-Z_]+(?=')/g) ?? [])
  expect(Object.keys(startAdvice).sort()).toEqual([...new Set(codes)].sort())
})

test('docs/errors.md is what the code says (UPDATE_EXPECT=1 rewrites it)', () => {
  const problems = Object.entries(problemCodes).map(([code, [status, title]]) => {
    return `| \`${code}\` | ${status} | ${title} | ${problemAdvice[code as ProblemCode]} |`
  })
  const rows = (advice: Record<string, [string, string]>) =>
    Object.entries(advice).map(([code, [meaning, todo]]) => `| \`${code}\` | ${meaning} | ${todo} |`)
  const section = (title: string, about: string, advice: Record<string, [string, string]>) => [
    `## ${title}\n\n${about}\n`,
    '| code | what it means | what to do |\n|---|---|---|',
    ...rows(advice),
    '',
  ]
  const page = [
    '# Errors\n\nMade from the code.\n\n## At the doors\n',
    'A refusal is a problem document (RFC 9457), its `type` is `urn:parley:problem:` and the code.\n',
    '| code | status | what it means | what to do |\n|---|---|---|---|',
    ...problems,
    '',
    ...section('At the start', 'The process ends with the code, and a sentence that says what was found.', startAdvice),
    ...section(
      'Of effects',
      'An effect that was given up has one of these codes, in turns, dead letters and the log.',
      effectAdvice,
    ),
    ...section('Dead letters', '`parley dead-letters ls` lists them, `show ID` has the reason.', letterAdvice),
  ].join('\n')
  if (process.env.UPDATE_EXPECT === '1') writeFileSync(join(root, 'docs/errors.md'), page)
  expect(textOf('docs/errors.md')).toBe(page)
})
