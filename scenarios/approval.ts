/**
 * The approved transcript beside each scenario (`x.yaml`, `x.md`): compared byte for byte, rewritten only on request, so
 * that every change of behaviour is a change somebody reads. Speaks to the file system.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { lineDiff } from './line-diff.ts'

export const transcriptOf = (scenarioFile: string): string => scenarioFile.replace(/\.yaml$/, '.md')

/** The differences to the approved transcript, as lines with `-` (approved), `+` (played) and ` `; empty when it holds. */
export async function differences(scenarioFile: string, played: string): Promise<string[]> {
  const approved = await readFile(transcriptOf(scenarioFile), 'utf8').catch((error: { code?: string }) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (approved === undefined) return ['there is no approved transcript yet']
  return approved === played ? [] : lineDiff(approved.split('\n'), played.split('\n'))
}

export async function approve(scenarioFile: string, played: string): Promise<void> {
  await writeFile(transcriptOf(scenarioFile), played)
}
