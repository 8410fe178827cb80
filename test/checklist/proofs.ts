/**
 * What proves an id: the titles of tests and of stories that quote it, gathered from their files. Reads `test/` and
 * `scenarios/`.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { readScenario, scenarioFiles } from '../../scenarios/scenario-files.ts'
import { quotedIds } from './quoted-ids.ts'
import { titlesOf } from './titles.ts'

/** Its titles quote ids as examples of what to read. */
const own = 'checklist.test.ts'
const tests = join(import.meta.dirname, '..')
const root = join(tests, '..')

/** One title, and the file that it stands in as a path from the root with `/`. */
export interface Proof {
  file: string
  title: string
}

export type ProofsById = Map<string, Proof[]>

/** Every title of every story and every file in `test/`, stories first, in the order of their files. */
export async function allTitles(): Promise<Proof[]> {
  const stories = await Promise.all(
    (await scenarioFiles()).map(async (path) => ({ file: fromRoot(path), title: (await readScenario(path)).scenario })),
  )
  const files = readdirSync(tests)
    .filter((name) => name.endsWith('.ts') && name !== own)
    .sort()
  const cases = files.flatMap((name) =>
    titlesOf(readFileSync(join(tests, name), 'utf8')).map((title) => ({ file: `test/${name}`, title })),
  )
  return [...stories, ...cases]
}

/** The titles that quote an id, by id, whether it is one of the list or not. */
export function proofsById(titles: Proof[]): ProofsById {
  const byId: ProofsById = new Map()
  for (const proof of titles) {
    for (const id of quotedIds(proof.title)) byId.set(id, [...(byId.get(id) ?? []), proof])
  }
  return byId
}

const fromRoot = (path: string): string => relative(root, path).split(sep).join('/')
