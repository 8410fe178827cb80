/**
 * Certificates are renewed while a node runs: files are looked at once a minute, and what is new in them is put to use. What
 * cannot be used yet, such as a certificate whose key is not there so far, is logged and looked at again; until then the
 * old one holds. Speaks to the file system alone.
 */
import { stat } from 'node:fs/promises'
import type { Clock } from '../adapters/clock.ts'
import type { Log } from './log.ts'

export const look_every_ms = 60_000

export interface FollowMeans {
  clock: Clock
  log: Pick<Log, 'info' | 'warn'>
  /** Reads them anew and puts them to use. Rejects, and changes nothing, when they are of no use. */
  renew: () => Promise<void>
}

/** Of files that were just read. Without any it does nothing. */
export function followFiles(paths: readonly string[], { clock, log, renew }: FollowMeans): { stop(): void } {
  const over = new AbortController()
  const follow = async () => {
    let used = await versionOf(paths)
    while (!over.signal.aborted) {
      await clock.sleep(look_every_ms, over.signal)
      const found = await versionOf(paths)
      if (over.signal.aborted || found === used) continue
      try {
        await renew()
        used = found
        log.info({ code: 'certificate-renewed', paths }, 'a renewed certificate is in use')
      } catch (error) {
        const { message: why } = error as Error
        log.warn({ code: 'certificate-not-renewed', why }, 'a renewed certificate cannot be used; the old one holds')
      }
    }
  }
  if (paths.length > 0) void follow()
  return { stop: () => over.abort() }
}

/** Differs when a file does; one that is missing has a version, too. */
async function versionOf(paths: readonly string[]): Promise<string> {
  const all = paths.map((path) =>
    stat(path).then(
      ({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`,
      () => 'missing',
    ),
  )
  return (await Promise.all(all)).join(', ')
}
