/**
 * A nats-server from the project's own release archive, checked against the release's list of SHA-256 sums.
 * Speaks to the release page over HTTPS and to `tar`. The last way: it alone must name a host.
 */
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand } from './run-command.ts'
import { version_fetched } from './version.ts'
import type { Way } from './way.ts'

const releases_url = 'https://github.com/nats-io/nats-server/releases/download'

/** One archive is about 7 MB. */
const fetch_ms_max = 120_000

/** Names of Node's platforms and processors in the archives' names. */
const platforms: Record<string, string> = { linux: 'linux', darwin: 'darwin' }
const processors: Record<string, string> = { x64: 'amd64', arm64: 'arm64' }

export const fromRelease: Way = (request) => releaseAt(releases_url)(request)

/** The way for releases kept at another address, laid out alike: `<base>/v<version>/<archive>` beside `SHA256SUMS`. */
export function releaseAt(base: string): Way {
  return async (request) => {
    const [platform, processor] = [platforms[process.platform], processors[process.arch]]
    if (!platform || !processor) return { refused: `no release archive for ${process.platform} on ${process.arch}` }
    const name = `nats-server-v${version_fetched}-${platform}-${processor}`
    const archive = join(request.workDir, 'release.tar.gz')
    request.progress(`fetching nats-server ${version_fetched} from its release page…`)
    try {
      const sums = (await download(`${base}/v${version_fetched}/SHA256SUMS`)).toString('utf8')
      const bytes = await download(`${base}/v${version_fetched}/${name}.tar.gz`)
      const [expected, found] = [sumOf(sums, `${name}.tar.gz`), createHash('sha256').update(bytes).digest('hex')]
      if (!expected) return { refused: `SHA256SUMS of ${version_fetched} does not list ${name}.tar.gz` }
      if (expected !== found) return { refused: `${name}.tar.gz has SHA-256 ${found}, SHA256SUMS says ${expected}` }
      await writeFile(archive, bytes)
    } catch (error) {
      return { refused: reasonOf(error) }
    }
    const unpacked = await runCommand('tar', ['-xzf', archive, '-C', request.workDir], request)
    return unpacked.ok ? join(request.workDir, name, 'nats-server') : { refused: unpacked.problem }
  }
}

async function download(url: string): Promise<Buffer> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(fetch_ms_max) })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`)
  return Buffer.from(await answer.arrayBuffer())
}

/** Lines of sha256sum(1): the sum, two separators (the second may be `*`), the name. */
function sumOf(sums: string, name: string): string | undefined {
  return sums
    .split('\n')
    .map((line) => /^([0-9a-f]{64}) [ *](.+?)\s*$/i.exec(line))
    .find((line) => line?.[2] === name)?.[1]
    ?.toLowerCase()
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message || error.cause.name}` : error.message
}
