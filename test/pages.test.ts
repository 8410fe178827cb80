/** README, ARCHITECTURE and the guides: every link leads somewhere, also to a heading, and every test that they name is there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const pages = ['README.md', 'ARCHITECTURE.md', 'CHANGELOG.md', ...listed('docs'), ...listed('decisions')]
const textOf = (path: string) => readFileSync(join(root, path), 'utf8')

function listed(folder: string): string[] {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`)
}

/** As GitHub makes them of headings. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s-]/gu, '')
      .replaceAll(' ', '-'),
  )

/** What a page names that is not there. */
function faultsOf(page: string, text: string): string[] {
  const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].flatMap(([whole, path, anchor]) => {
    const target = path ? relative(root, join(root, dirname(page), path)) : page
    if (target !== page && !existsSync(join(root, target))) return [`${page}: ${whole.slice(1)} leads nowhere`]
    const isThere = anchor === undefined || anchorsOf(page === target ? text : textOf(target)).includes(anchor)
    return isThere ? [] : [`${page}: ${target} has no heading #${anchor}`]
  })
  const tests = [...text.matchAll(/`(test\/[\w./-]+\.ts)`/g)].map(([, path]) => path!)
  return [
    ...links,
    ...tests.filter((path) => !existsSync(join(root, path))).map((path) => `${page}: ${path} is not there`),
  ]
}

test('every link and every test that a page names is there', () => {
  expect(pages.length).toBeGreaterThan(20)
  expect(pages.flatMap((page) => faultsOf(page, textOf(page)))).toEqual([])
})

test('one that is not is told', () => {
  expect(faultsOf('docs/a.md', '[x](gone.md) [y](errors.md#none) [z](#here) `test/none.test.ts`\n## Here')).toEqual([
    'docs/a.md: (gone.md) leads nowhere',
    'docs/a.md: docs/errors.md has no heading #none',
    'docs/a.md: test/none.test.ts is not there',
  ])
})

test('README leads to every guide', () => {
  const readme = textOf('README.md')
  expect(listed('docs').filter((path) => !readme.includes(`](${path}`))).toEqual([])
})
