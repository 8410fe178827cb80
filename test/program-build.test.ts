/** The build that `parley` runs from: of the sources as they are, made once, and found by its modules as if it were they. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { programBuild } from '../bin/program-build.mjs'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A program of two modules and a thread, with the packages of this checkout. */
function program(): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'parley-program-')))
  folders.push(root)
  write(root, 'package.json', JSON.stringify({ devDependencies: {} }))
  write(
    root,
    'bin/cli.ts',
    `import { said } from '../machines/said.ts'
     export const main = (): string[] => [said, import.meta.dirname]
     export const later = async () => (await import('../test/paths/absent.ts')) as object`,
  )
  write(
    root,
    'machines/said.ts',
    `export const said: string = new URL('./words.json', import.meta.url).pathname
     export const thread = () => new URL('./layout-thread.mjs', import.meta.url)`,
  )
  write(root, 'runtime/chart/layout-thread.mjs', `import { register } from 'tsx/esm/api'\nregister()`)
  symlinkSync(join(import.meta.dirname, '../node_modules'), join(root, 'node_modules'))
  return root
}

function write(root: string, file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), text)
}

const silent = () => {}
const mainOf = async (address: string | undefined): Promise<string[]> =>
  (await import(/* @vite-ignore */ address!)).main()

test('a module of the build finds what lies beside its source', async () => {
  const root = program()
  expect(await mainOf(await programBuild(silent, root))).toEqual([join(root, 'machines/words.json'), join(root, 'bin')])
})

test('a build is made once for the same sources, also by several at once, and said when it is made', async () => {
  const root = program()
  const said: string[] = []
  const say = (line: string) => void said.push(line)
  const [first, second] = await Promise.all([programBuild(say, root), programBuild(say, root)])
  expect(second).toBe(first)
  said.length = 0
  expect(await programBuild(say, root)).toBe(first)
  expect(said).toEqual([])
  expect(readdirSync(join(root, '.parley/build'))).toHaveLength(1)
})

test('changed sources have a build of their own, and the one before stays for those who run from it', async () => {
  const root = program()
  const before = await programBuild(silent, root)
  write(root, 'machines/said.ts', `export const said = 'something else'`)
  const after = await programBuild(silent, root)
  expect((await mainOf(after))[0]).toBe('something else')
  expect((await mainOf(before))[0]).toBe(join(root, 'machines/words.json'))
})

test('of many builds the newest are kept', async () => {
  const root = program()
  const made: string[] = []
  for (let version = 1; version <= 7; version++) {
    write(root, 'machines/said.ts', `export const said = 'version ${version}'`)
    const folder = dirname(fileURLToPath((await programBuild(silent, root))!))
    utimesSync(folder, version, version)
    made.push(folder)
  }
  const kept = readdirSync(join(root, '.parley/build')).map((name) => join(root, '.parley/build', name))
  expect(kept.sort()).toEqual(made.slice(-5).sort())
})

test('where there is no room for a build there is none, and no error', async () => {
  const root = program()
  write(root, '.parley', 'a file, so that no folder can be made here')
  expect(await programBuild(silent, root)).toBeUndefined()
})

test('sources that cannot be read are said, and leave nothing behind', async () => {
  const root = program()
  write(root, 'machines/said.ts', 'export const said = {')
  await expect(programBuild(silent, root)).rejects.toThrow(/machines\/said\.ts/)
  expect(readdirSync(join(root, '.parley/build'))).toEqual([])
})
