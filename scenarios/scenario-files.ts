/** Which scenarios there are, and reading them. Speaks to the file system. */
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { parseScenario } from './parse-scenario.ts'
import type { Scenario } from './scenario.ts'
import { ScenarioError } from './scenario-error.ts'

const folders = [import.meta.dirname, join(import.meta.dirname, 'stories')]

/** Absolute paths of every scenario: those of the flows first, then the stories, each by name. */
export const scenarioFiles = (): Promise<string[]> => filesEnding('.yaml')
/** Absolute paths of every approved transcript. */
export const transcriptFiles = (): Promise<string[]> => filesEnding('.md')

/** Throws `ScenarioError` when the file cannot be read or played. Its `file` is relative to `cwd` when it lies there. */
export async function readScenario(path: string, cwd: string = process.cwd()): Promise<Scenario> {
  const within = relative(cwd, path)
  const file = within.startsWith('..') ? path : within
  const yaml = await readFile(path, 'utf8').catch((error: { code?: string }) => {
    const found = `none (${error.code ?? 'no code'})`
    throw new ScenarioError(file, [{ line: 1, path: 'the file', expected: 'a scenario that can be read', found }])
  })
  return parseScenario(file, yaml)
}

async function filesEnding(ending: string): Promise<string[]> {
  const found = await Promise.all(
    folders.map(async (folder) => {
      const names = (await readdir(folder)).filter((name) => name.endsWith(ending))
      return names.sort().map((name) => join(folder, name))
    }),
  )
  return found.flat()
}
