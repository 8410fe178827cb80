/**
 * The traces of a machine beside the ones that somebody has approved: `machines/<id>.traces.txt`, of the usual seed. A change of a
 * flow is there as the turns that go otherwise; `UPDATE_EXPECT=1 npx vitest run test/paths.test.ts` approves them.
 */
import { existsSync, readFileSync } from 'node:fs'
import { isWhole } from './cover-in-ids.ts'
import { type Suite, usual_seed } from './suite.ts'
import { tracesOf } from './traces.ts'

export interface Traces {
  /** Null where nothing is approved to compare with: for another seed or some criteria there are other paths. */
  asApproved: boolean | null
  /** Turns that were approved and go otherwise now (`-`), and turns that nobody has approved (`+`). */
  differ: string[]
}

export const approvedFile = (machine: string): URL =>
  new URL(`../../machines/${encodeURIComponent(machine)}.traces.txt`, import.meta.url)

export function besideApproved(suite: Pick<Suite, 'machine' | 'paths' | 'seed' | 'cover'>): Traces {
  const file = approvedFile(suite.machine)
  if (suite.seed !== usual_seed || !isWhole(suite.cover) || !existsSync(file)) return { asApproved: null, differ: [] }
  const approved = readFileSync(file, 'utf8')
  const found = tracesOf(suite)
  return { asApproved: found === approved, differ: differenceOf(approved, found) }
}

/** Line by line, each with the state under which it stands. */
export function differenceOf(approved: string, found: string): string[] {
  const [before, after] = [turnsOf(approved), turnsOf(found)]
  const lacking = (some: Set<string>, other: Set<string>, sign: string) =>
    [...some].filter((turn) => !other.has(turn)).map((turn) => `${sign} ${turn}`)
  return [...lacking(before, after, '-'), ...lacking(after, before, '+')]
}

function turnsOf(text: string): Set<string> {
  let state = ''
  const turns = new Set<string>()
  for (const line of text.split('\n')) {
    if (line.startsWith('  ')) turns.add(`${state}: ${line.trim()}`)
    else state = line
  }
  return turns
}
