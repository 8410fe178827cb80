/**
 * Finds a nats-server that is new enough, or fetches one into the cache. Speaks to the ways beside it.
 *
 * Invariants:
 *   1. What the user named in NATS_SERVER_BIN is used or refused aloud, never silently passed over.
 *   2. No binary is given back that has not just said its version, at or above the floor.
 *   3. The cached file appears complete or not at all (rename), so processes that fetch at the same time do not meet.
 */
import { existsSync } from 'node:fs'
import { chmod, copyFile, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { fromBrew } from './from-brew.ts'
import { fromDebian } from './from-debian.ts'
import { fromDocker } from './from-docker.ts'
import { fromRelease } from './from-release.ts'
import { probe } from './probe.ts'
import { version_floor } from './version.ts'
import type { Refusal, Way } from './way.ts'

export interface NatsServer {
  /** Absolute path. */
  bin: string
  version: string
  /** Where it came from: `NATS_SERVER_BIN`, `PATH`, `cache`, or the name of a way. */
  from: string
}

export interface GetNatsServerOptions {
  cacheDir?: string
  env?: NodeJS.ProcessEnv
  /** Called with one line whenever something is fetched, never otherwise. */
  progress?: (line: string) => void
  /** Tried in order when nothing is there yet. */
  ways?: readonly (readonly [name: string, way: Way])[]
}

const all_ways = [
  ['the Debian archive', fromDebian],
  ['Homebrew', fromBrew],
  ['docker', fromDocker],
  ['the release page', fromRelease],
] as const

/**
 * Order: NATS_SERVER_BIN, then PATH, then `<cacheDir>/nats-server`, then each way; the first that is 2.14.0 or newer.
 * Throws one sentence that says what to install, and a line for each reason.
 */
export async function getNatsServer(options: GetNatsServerOptions = {}): Promise<NatsServer> {
  const { cacheDir = '.parley', env = process.env, progress = () => {}, ways = all_ways } = options
  const reasons: string[] = []
  const cached = resolve(cacheDir, 'nats-server')

  if (env.NATS_SERVER_BIN) return named(resolve(env.NATS_SERVER_BIN), env)
  const present = [...onPath(env).map((bin) => ({ from: 'PATH', bin })), { from: 'cache', bin: cached }]
  for (const { from, bin } of present.filter((one) => existsSync(one.bin))) {
    const answer = await probe(bin, env)
    if ('version' in answer) return { bin, version: answer.version, from }
    reasons.push(`${from}: ${answer.refused}`)
  }
  for (const [name, way] of ways) {
    const got = await fetchInto(cached, way, env, progress)
    if ('version' in got) return { bin: cached, version: got.version, from: name }
    reasons.push(`${name}: ${got.refused}`)
  }
  throw new Error(
    `No nats-server ${version_floor} or newer is here or could be fetched: install one and put it on PATH, or name its file in NATS_SERVER_BIN.\n${reasons.map((reason) => `  ${reason}`).join('\n')}`,
  )
}

async function named(bin: string, env: NodeJS.ProcessEnv): Promise<NatsServer> {
  const answer = await probe(bin, env)
  if ('version' in answer) return { bin, version: answer.version, from: 'NATS_SERVER_BIN' }
  throw new Error(
    `NATS_SERVER_BIN must name a nats-server ${version_floor} or newer, but ${answer.refused}; correct it or unset it.`,
  )
}

function onPath(env: NodeJS.ProcessEnv): string[] {
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean)
  return [...new Set(folders.map((folder) => resolve(folder, 'nats-server')))]
}

async function fetchInto(
  cached: string,
  way: Way,
  env: NodeJS.ProcessEnv,
  progress: (line: string) => void,
): Promise<{ version: string } | Refusal> {
  await mkdir(resolve(cached, '..'), { recursive: true })
  const workDir = await mkdtemp(join(tmpdir(), 'parley-nats-server-'))
  const incoming = `${cached}.${process.pid}-${workDir.slice(-6)}`
  try {
    const got = await way({ env, workDir, progress })
    if (typeof got !== 'string') return got
    await copyFile(got, incoming)
    await chmod(incoming, 0o755)
    const answer = await probe(incoming, env)
    if ('version' in answer) await rename(incoming, cached)
    return answer
  } catch (error) {
    return { refused: error instanceof Error ? error.message : String(error) }
  } finally {
    await rm(incoming, { force: true })
    await rm(workDir, { recursive: true, force: true })
  }
}
