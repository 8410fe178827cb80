/** docs/compare.md names only what is there, and says where everything it says of others is from. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, 'docs/compare.md'), 'utf8')

/** What a page names that is not there: `path/to/file.ts`, or `path/to/file.ts#name`. */
function missingIn(text: string): string[] {
  const named = [...text.matchAll(/`([\w.-]+(?:\/[\w.-]+)+\.\w+)(?:#([\w.]+))?`/g)]
  return named.flatMap(([, path, name]) => {
    if (!existsSync(join(root, path!))) return [`${path} is not there`]
    if (name === undefined) return []
    const source = readFileSync(join(root, path!), 'utf8')
    return new RegExp(`\\b${name}\\b`).test(source) ? [] : [`${path} has no ${name}`]
  })
}

test('every file and name in the comparison is there', () => {
  expect(page.match(/`machines\/[\w/.-]+#\w+`/g)!.length).toBeGreaterThan(20)
  expect(missingIn(page)).toEqual([])
  expect(missingIn('`machines/gone.ts` `machines/guards.ts#noSuchGuard`')).toEqual([
    'machines/gone.ts is not there',
    'machines/guards.ts has no noSuchGuard',
  ])
})

test('every mark has its source, and every source is used', () => {
  const [before, sources] = page.split('## Sources') as [string, string]
  const marksIn = (text: string) => [...new Set([...text.matchAll(/\[([A-Z]\d)\]/g)].map(([, mark]) => mark!))].sort()
  const listed = [...sources.matchAll(/^\| \[([A-Z]\d)\] \| .+ \| https:\/\/\S+ \|$/gm)].map(([, mark]) => mark!)
  expect(marksIn(before)).toEqual(listed.sort())
})
