/**
 * Parley beside what users would choose instead: runs peers of a harness of theirs and Parley in turn, round after round,
 * so that a drifting machine is unfair to nobody, and gives medians with their ratios. The harness drives the workload,
 * judges final states and effects by its own verifier, and measures; nothing of that is ours.
 * Speaks to the harness's `bench.mjs` only, one run of one peer a process.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { StartError } from '../../errors.ts'
import { median, roundedTo } from '../costs.ts'
import { inThrowAwayFolder } from '../throw-away-broker.ts'

/** `always`: nothing is said to be stored before the disk has it. `interval`: the server's default. */
export const parleyPeers = ['parley-always', 'parley-interval'] as const

export interface CompareOptions {
  /** The harness, with its packages installed. */
  folder: string
  /** The nats-server binary and its version. */
  bin: string
  version: string
  peers: string[]
  rounds: number
  conversations: number
  concurrency: number
  effects: 'http' | 'noop'
  progress?: (line: string) => void
}

export interface Comparison {
  machine: { cpus: number; model: string }
  node: string
  workload: { conversations: number; concurrency: number; effects: 'http' | 'noop'; rounds: number }
  peers: PeerFigures[]
}

/** Medians over the rounds. CPU is that of the peer's servers and service, without the driver. */
export interface PeerFigures {
  peer: string
  version: string
  turnsPerS: { median: number; min: number; max: number }
  doneP50Ms: number
  doneP99Ms: number
  cpuMsPerTurn: number
  flushesPerTurn: number
  diskKbPerTurn: number
  memoryMb: number
  /** Highest share of the machine that others used meanwhile. */
  otherLoadPct: number
  /** Median over the rounds of this round's turns a second of each Parley to this peer's: 2 is twice as fast. */
  ratio: Record<string, number>
  /** What the verifier found wrong, over all rounds. */
  faults: number
}

/** What the harness prints of one run, as far as it is read here. */
interface Row {
  peer: string
  version: string
  turnsPerS: number
  doneP50: number
  doneP99: number
  cpuMsPerTurn: { server: number; service: number }
  peakPssMB: { server: number; service: number }
  diskWrittenKBPerTurn: number
  flushesPerTurn: number
  otherCpuPct: number
  expired: boolean
  verify: Record<'wrongState' | 'wrongApplied' | 'effectsMissing' | 'effectsDuplicated' | 'effectsUnexpected', number>
}

const run_ms_max = 480_000
const output_bytes_max = 16 * 2 ** 20

/** A peer takes about a quarter of a minute a round. Throws `StartError` when the harness or a peer cannot be run. */
export async function comparePeers(options: CompareOptions): Promise<Comparison> {
  const { peers, rounds, conversations, concurrency, effects, progress = () => {} } = options
  const folder = resolve(options.folder)
  checkHarness(folder, peers)
  return inThrowAwayFolder(async (dataDir) => {
    await chmod(dataDir, 0o755) // PostgreSQL runs as a user of its own
    const all: Row[][] = []
    for (let round = 1; round <= rounds; round++) {
      const rows: Row[] = []
      for (const peer of peers) {
        progress(`round ${round} of ${rounds}: ${peer}…`)
        rows.push(await runPeer({ ...options, folder }, peer, dataDir))
      }
      all.push(rows)
    }
    const figures = peers.map((_, place) => figuresOf(all, place))
    const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? 'unknown' }
    const workload = { conversations, concurrency, effects, rounds }
    return { machine, node: process.version, workload, peers: figures }
  })
}

function checkHarness(folder: string, peers: string[]): void {
  const missing = (file: string) => !existsSync(join(folder, file))
  if (missing('bench.mjs') || missing('adapters/_http.mjs')) {
    throw new StartError('E_PEERS', `--peers: ${folder} holds no peers harness (bench.mjs, adapters/)`)
  }
  if (missing('node_modules')) {
    const how = 'run npm install --ignore-scripts there, or in a copy of it'
    throw new StartError('E_PEERS', `--peers: ${folder} has no packages: ${how}`)
  }
  const unknown = peers.find((peer) => !isParley(peer) && missing(`adapters/${peer}.mjs`))
  if (unknown) throw new StartError('E_PEERS', `--with: the harness has no peer ${unknown}`)
}

const isParley = (peer: string): boolean => (parleyPeers as readonly string[]).includes(peer)

/** As `parley serve` runs: built, where this is. */
const service = fileURLToPath(new URL('./hosted-peer.mjs', import.meta.url))

function runPeer(options: CompareOptions, peer: string, dataDir: string): Promise<Row> {
  const { folder, bin, version, conversations, concurrency, effects } = options
  const ours = isParley(peer) ? ['--adapter', join(import.meta.dirname, 'peer.mjs')] : ['--peer', peer]
  const sync = peer === 'parley-always' ? 'always' : 'interval'
  const load = ['--n', String(conversations), '--concurrency', String(concurrency), '--effects', effects]
  const where = ['--data', dataDir, '--out', join(dataDir, 'rows.jsonl')]
  const env = { ...process.env, PARLEY_PEER: JSON.stringify({ harness: folder, service, bin, version, sync }) }
  const how = { cwd: folder, env, timeout: run_ms_max, maxBuffer: output_bytes_max }
  return new Promise((done, failed) => {
    const harness = execFile(
      process.execPath,
      ['bench.mjs', ...ours, ...load, ...where],
      how,
      (error, stdout, stderr) => {
        process.off('exit', end)
        const last = stdout.trimEnd().split('\n').at(-1) ?? ''
        // It exits 1 on a wrong result, too, and prints it: that is a figure, and shown as one.
        if (last.startsWith('{')) return done(JSON.parse(last))
        const said = stderr.trim().split('\n').slice(-stderr_lines_shown).join('\n')
        failed(new StartError('E_PEERS', `${peer} could not be run: ${error?.message.split('\n')[0]}\n${said}`))
      },
    )
    const end = () => void harness.kill()
    process.on('exit', end)
  })
}

const stderr_lines_shown = 8

function figuresOf(rounds: Row[][], place: number): PeerFigures {
  const rows = rounds.map((round) => round[place]!)
  const over = (of: (row: Row) => number) => rows.map(of).toSorted((a, b) => a - b)
  const speeds = over(({ turnsPerS }) => turnsPerS)
  const ratioTo = (parley: string) =>
    median(
      rounds.map((round) => {
        const own = round.find(({ peer }) => peer === parley)
        return own ? roundedTo(2, own.turnsPerS / round[place]!.turnsPerS) : Number.NaN
      }),
    )
  return {
    peer: rows[0]!.peer,
    version: rows[0]!.version,
    turnsPerS: { median: median(speeds), min: speeds.at(0)!, max: speeds.at(-1)! },
    doneP50Ms: median(over(({ doneP50 }) => doneP50)),
    doneP99Ms: median(over(({ doneP99 }) => doneP99)),
    cpuMsPerTurn: roundedTo(2, median(over(({ cpuMsPerTurn: { server, service } }) => server + service))),
    flushesPerTurn: median(over(({ flushesPerTurn }) => flushesPerTurn)),
    diskKbPerTurn: median(over(({ diskWrittenKBPerTurn }) => diskWrittenKBPerTurn)),
    memoryMb: median(over(({ peakPssMB: { server, service } }) => server + service)),
    otherLoadPct: Math.max(...over(({ otherCpuPct }) => otherCpuPct)),
    ratio: Object.fromEntries(
      parleyPeers.map((parley) => [parley, ratioTo(parley)]).filter(([, ratio]) => !Number.isNaN(ratio)),
    ),
    faults: rows.reduce((sum, row) => sum + faultsIn(row), 0),
  }
}

function faultsIn({ verify, expired }: Row): number {
  const { wrongState, wrongApplied, effectsMissing, effectsDuplicated, effectsUnexpected } = verify
  return wrongState + wrongApplied + effectsMissing + effectsDuplicated + effectsUnexpected + (expired ? 1 : 0)
}
