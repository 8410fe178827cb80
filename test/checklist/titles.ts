/**
 * The titles in a test file: what a reader of the test report gets to see. A string is a title where it is the first
 * argument of a test or of a group of tests, the `title` of a case, or the first cell of a row of cases. Comments, data
 * and tests that are left out are none. Pure.
 */
import { type Token, tokensOf } from './tokens.ts'

/** What runs tests by their first argument: vitest's own, and the runners of stories. */
const runners = ['test', 'describe', 'stories', 'chats', 'callbacks']
/** What may stand behind a runner's name; not so `skip` and `todo`. */
const ways = ['each', 'concurrent', 'runIf']

/** Titles as they are written, with the insertions of templates unread. */
export function titlesOf(source: string): string[] {
  const tokens = tokensOf(source)
  return tokens.flatMap(({ kind, text }, at) => (kind === 'string' && isTitle(tokens, at) ? [text] : []))
}

function isTitle(tokens: Token[], at: number): boolean {
  const [before, earlier] = [tokens[at - 1]?.text, tokens[at - 2]?.text]
  if (before === ':') return earlier === 'title'
  if (before === '(') return isRunner(tokens, at - 2)
  return before === '[' && isRow(tokens, at)
}

/** Whether a call's name ends at this token: `test`, `describe.concurrent`, `test.each(…)`, never `test.skip`. */
function isRunner(tokens: Token[], at: number): boolean {
  if (tokens[at]?.text === ')') return isRunner(tokens, openingOf(tokens, at) - 1)
  const name = tokens[at]?.text ?? ''
  if (tokens[at - 1]?.text !== '.') return runners.includes(name)
  return ways.includes(name) && isRunner(tokens, at - 2)
}

/** A list in a list, not a key that is looked up; a cell is followed by another. */
function isRow(tokens: Token[], at: number): boolean {
  return ['[', ',', '('].includes(tokens[at - 2]?.text ?? '') && tokens[at + 1]?.text === ','
}

function openingOf(tokens: Token[], closing: number): number {
  let depth = 0
  let at = closing
  for (; at >= 0; at--) {
    const { kind, text } = tokens[at]!
    if (kind !== 'sign') continue
    depth += text === ')' ? 1 : text === '(' ? -1 : 0
    if (depth === 0) break
  }
  return at
}
