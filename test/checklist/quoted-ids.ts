/**
 * The ids that a title quotes: one by one, in lists, in ranges (`LC1-LC4`). An id that nobody defined is still read, so
 * that it can be complained of. Pure.
 */

/** What an id may begin with; a number follows. `T1` to `T10` are the invariants of ARCHITECTURE.md, held elsewhere. */
const kinds = ['G', 'EM', 'LC', 'LX', 'SM', 'CB', 'CR', 'QU', 'RO', 'CL', 'CC', 'TR', 'CX', 'DE', 'PC', 'A', 'E']
const one = `(${kinds.join('|')})(\\d+)`
const oneOrRange = new RegExp(`(?<![\\w+.-])${one}(?:-\\1(\\d+))?(?![\\w.-]*\\w)`, 'g')

/** Each id once, in the order of the title. */
export function quotedIds(title: string): string[] {
  const found = [...title.matchAll(oneOrRange)].flatMap(([, kind, first, last]) =>
    numbers(Number(first), Number(last ?? first)).map((number) => `${kind}${number}`),
  )
  return [...new Set(found)]
}

const numbers = (first: number, last: number): number[] =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index)
