/**
 * Other people's servers out of Debian's archive: fetched once with apt-get, unpacked under .parley and not installed, with the
 * libraries that this machine lacks.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Whether there is Debian's archive to take them from. Where there is none, what is left out is said. */
export function hasDebian(leftOut: string): boolean {
  const isHere = spawnSync('apt-get', ['--version']).status === 0
  if (!isHere) process.stderr.write(`LEFT OUT, since there is no apt-get on this machine: ${leftOut}\n`)
  return isHere
}

/** Resolves to the folder with their files, kept as `name`. Throws with what to mend. */
export async function unpacked(name: string, packages: readonly string[]): Promise<string> {
  const cache = join(import.meta.dirname, '../.parley', name)
  const root = join(cache, 'root')
  if (existsSync(join(root, 'whole'))) return root
  await rm(cache, { recursive: true, force: true })
  await mkdir(root, { recursive: true })
  fetched(cache, packages)
  const needed = await Promise.all((await debsIn(cache)).map((deb) => librariesOf(join(cache, deb))))
  fetched(cache, [...new Set(needed.flat())].filter(isMissing))
  for (const deb of await debsIn(cache)) {
    const problem = ran('dpkg-deb', ['-x', join(cache, deb), root])
    if (problem) throw new Error(`${name} could not be unpacked: ${problem}`)
  }
  await writeFile(join(root, 'whole'), '')
  return root
}

/** Undefined when it went well, otherwise what it said. */
export function ran(command: string, args: readonly string[], cwd?: string): string | undefined {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8', ...(cwd ? { cwd } : {}) })
  return status === 0 ? undefined : `${command} ${args[0]}: ${error?.message ?? stderr}`
}

const debsIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.endsWith('.deb'))

function librariesOf(deb: string): string[] {
  const { stdout } = spawnSync('dpkg-deb', ['-f', deb, 'Depends'], { encoding: 'utf8' })
  return [...stdout.matchAll(/(?<=^|, )lib[a-z0-9.+-]+/g)].map(([name]) => name)
}

const isMissing = (name: string): boolean => spawnSync('dpkg-query', ['-W', name]).status !== 0

function fetched(folder: string, names: readonly string[]): void {
  if (names.length === 0) return
  const download = () => ran('apt-get', ['download', '-qq', ...names], folder)
  const failed = download() && ((process.getuid?.() === 0 && ran('apt-get', ['update', '-qq'])) || download())
  if (failed) {
    const what = `${names.join(' ')} could not be fetched from the Debian archive`
    throw new Error(`${what}; mend what apt-get says: ${failed}`)
  }
}
