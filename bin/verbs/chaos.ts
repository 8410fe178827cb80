/** `parley chaos`: kills, pauses and cut-offs under load, and a verdict from the records alone. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { getNatsServer } from '../../runtime/nats-server/get-nats-server.ts'
import { runChaos } from '../../scenarios/chaos/chaos.ts'
import { ownNetwork } from '../../scenarios/chaos/namespaces.ts'
import { summary } from '../../scenarios/chaos/report.ts'
import { VerbError } from '../cli.ts'
import { exitWhenTold } from '../exit-when-told.ts'
import { natsServerCache } from '../nats-server-cache.ts'

interface Options {
  json?: boolean
  seed: string
  minutes?: string
  conversations?: string
  nodes: string
  brokers: string
  relays?: boolean
  upgrade?: boolean
  encrypted?: boolean
  apart?: boolean
}

const seed_max = 2 ** 32 - 1
const minutes_max = 120
const conversations_max = 90_000
const nodes_max = 5
/** How long customers come when it is not said; with conversations to get through at most so long, and longer for many. */
const minutes_usual = 1
const minutes_for_conversations = 15
const conversations_per_minute = 60
/** Set for the run that was started in a network of its own. */
const inside_name = 'PARLEY_CHAOS_NETWORK'

/** Fails when a rule was broken. */
export async function chaos(options: Options): Promise<void> {
  const { json, seed, minutes, conversations, nodes, brokers, relays, upgrade, encrypted, apart } = options
  const customers =
    conversations === undefined ? undefined : within('--conversations', conversations, 1, conversations_max, true)
  const run = {
    seed: within('--seed', seed, 0, seed_max, true),
    minutes: minutes === undefined ? minutesFor(customers) : within('--minutes', minutes, 0.05, minutes_max, false),
    customers,
    nodes: within('--nodes', nodes, 1, nodes_max, true),
    brokers: within('--brokers', brokers, 1, 3, true),
    upgrade: upgrade === true,
    encrypted: encrypted === true,
    apart: apart === true,
  }
  if (run.brokers === 2)
    throw new VerbError('--brokers: expected 1 or 3, found 2; two have no majority when one is down')
  const progress = (line: string) => void process.stderr.write(`${line}\n`)
  exitWhenTold()
  const { bin } = await getNatsServer({ cacheDir: natsServerCache, progress })
  const isInside = process.env[inside_name] === 'own'
  const way = relays || isInside ? undefined : ownNetwork()
  if (way) return again(way, bin)
  if (!isInside && !relays) progress('no network namespaces here (unshare, iproute2): cutting off by relays instead')
  const report = await runChaos({
    ...run,
    customers: run.customers || undefined,
    network: isInside ? 'namespaces' : 'relays',
    natsServerBin: bin,
    progress,
  })
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : `${summary(report)}\n`)
  if (report.ok) return
  throw new VerbError(
    `${report.violations.length} violations with seed ${run.seed}; logs and data are in ${report.dir}`,
  )
}

const minutesFor = (customers: number | undefined): number =>
  customers === undefined
    ? minutes_usual
    : Math.min(minutes_max, minutes_for_conversations + customers / conversations_per_minute)

/** The same once more, in a network of its own, which has no way to the outside. */
async function again([command, ...args]: string[], natsServerBin: string): Promise<void> {
  const child = spawn(command!, [...args, process.execPath, ...process.execArgv, ...process.argv.slice(1)], {
    env: { ...process.env, [inside_name]: 'own', NATS_SERVER_BIN: natsServerBin },
    stdio: 'inherit',
  })
  process.once('exit', () => child.kill('SIGTERM'))
  const [code] = await once(child, 'exit')
  process.exitCode = code ?? 1
}

function within(name: string, text: string, low: number, high: number, whole: boolean): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (value >= low && value <= high && !(whole && !Number.isInteger(value))) return value
  throw new VerbError(`${name}: expected a ${whole ? 'whole ' : ''}number from ${low} to ${high}, found ${text}`)
}
