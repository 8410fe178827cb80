/**
 * A throw-away stack to play scenarios on: a real nats-server, one node with its desk, virtual time, all on loopback and
 * with its data in a temporary folder. Speaks to the node and to the desk over HTTP only, as any other program would.
 * Invariants: one asset has one policy; every play has a customer of its own; nothing is left behind after `stop`.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fingerprint } from '../adapters/fingerprint.ts'
import { actorIdOf } from '../adapters/identity.ts'
import type { Address, Channel } from '../machines/events.ts'
import { loadConfig } from '../runtime/config.ts'
import { defaultConfig } from '../runtime/default-config.ts'
import { StartError } from '../runtime/errors.ts'
import type { ConversationReading, TurnReading } from '../runtime/history.ts'
import { openLog } from '../runtime/log.ts'
import { startNode } from '../runtime/main.ts'
import { getNatsServer } from '../runtime/nats-server/get-nats-server.ts'
import { runNatsServer } from '../runtime/nats-server/run-nats-server.ts'
import type { Device } from './device.ts'
import { mailboxOf } from './mail-addresses.ts'
import { placeOf, type Scenario } from './scenario.ts'

export interface Stack {
  url: string
  deskUrl: string
  /** What customers have in hand instead of the desk's devices. */
  devices: Partial<Record<Channel, Device>>
  /** A number nobody else has on this stack, the same for the same name unless it is taken: +1415555xxxx. */
  customerFor(name: string): string
  /** Moves virtual time, and resolves when all that follows is over; 0 only waits until everything is quiet. */
  advance(ms: number): Promise<void>
  /** One request to the desk or the node; throws `StackError` unless it is answered 2xx. */
  desk<Answer>(method: string, path: string, body?: object): Promise<Answer>
  node<Answer>(method: string, path: string, body?: object): Promise<Answer>
  /** The conversation at an address as the node reads it, and its turns; undefined before the first. */
  conversationOf(who: Address): Promise<ConversationReading | undefined>
  turnsOf(id: string): Promise<TurnReading[]>
  stop(): Promise<void>
}

/** A door of the stack refused what a scenario asked for. */
export class StackError extends Error {
  override readonly name = 'StackError'
}

export interface StackOptions {
  /** What will be played: their assets are configured. */
  scenarios: readonly Scenario[]
  /** A nats-server that is known to be good; found or fetched when not given. */
  natsServerBin?: string
  /** Where the temporary folder is made. */
  under?: string
  progress?: (line: string) => void
  /** Other doors for customers, and the settings that open them. */
  devices?: Stack['devices']
  env?: Record<string, string>
}

/** Throws `StartError` when two scenarios want one asset to behave in two ways. Leaves nothing running when it throws. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { scenarios, natsServerBin, under, progress, devices = {}, env = {} } = options
  const assets = assetsFor(scenarios)
  const bin = natsServerBin ?? (await getNatsServer({ cacheDir, ...(progress ? { progress } : {}) })).bin
  const dir = await mkdtemp(join(under ?? tmpdir(), 'parley-scenarios-'))
  const ends: (() => Promise<void>)[] = [() => rm(dir, { recursive: true, force: true })]
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end()
  }
  try {
    const broker = await runNatsServer({ bin, dataDir: dir, syncAlways: false })
    ends.push(() => broker.stop())
    await writeFile(join(dir, 'parley.config.json'), JSON.stringify({ assets }))
    const config = loadConfig({ env: { ...settings, ...env, PARLEY_CONFIG: 'parley.config.json' }, cwd: dir })
    const log = openLog(config.logLevel, join(dir, 'parley.log'))
    const node = await startNode({ config, natsUrls: [broker.url], log, anyMailPort: true })
    ends.push(() => node.stop())
    return { ...doorsOf(node.url, node.deskUrl), devices, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

const cacheDir = join(import.meta.dirname, '../.parley')

/** Nothing of the user's environment, and no waiting for what other scenarios left behind: one plays the same everywhere. */
const settings = {
  PARLEY_CLOCK: 'virtual',
  PARLEY_PORT: '0',
  PARLEY_DESK_PORT: '0',
  PARLEY_DESK_AUTOMATIC: 'false',
  PARLEY_PARTITIONS: '4',
  PARLEY_RECONCILE_PER_SECOND: '0',
  PARLEY_LIMITS__DIGITAL_ROUTING__PER_SECOND: '0',
  PARLEY_LOG_LEVEL: 'warn',
}

/** The assets that the scenarios name, each as the built-in one of its channel but for its id and what the scenario says. */
function assetsFor(scenarios: readonly Scenario[]) {
  const firstOf = new Map<string, Scenario>()
  for (const scenario of scenarios) {
    const first = firstOf.get(scenario.asset) ?? scenario
    firstOf.set(scenario.asset, first)
    if (JSON.stringify(settingsOf(first)) === JSON.stringify(settingsOf(scenario))) continue
    const { what, other } = sharedBy[placeOf(scenario.asset).channel]
    throw new StartError(
      'E_SCENARIO_ASSET',
      `${scenario.file}: expected the ${what} that ${first.file} gives ${scenario.asset}, found another; name another asset, such as ${other}`,
    )
  }
  return [...firstOf.values()].map((scenario) => {
    const { channel, id } = placeOf(scenario.asset)
    const builtIn = defaultConfig.assets.find((asset) => asset.channel === channel)
    const mailbox = channel === 'email' ? { address: mailboxOf(id) } : {}
    return { ...builtIn, id, ...mailbox, ...settingsOf(scenario) }
  })
}

/** What the scenarios of one asset have in common, and an asset nobody plays on. */
const sharedBy: Record<Channel, { what: string; other: string }> = {
  sms: { what: 'policy', other: 'sms/14155550109' },
  'live-chat': { what: 'policy, machine and form', other: 'live-chat/SD12345659' },
  email: { what: 'policy', other: 'email/a_637512345678901239' },
}

const settingsOf = ({ policy, machine, form }: Scenario) => ({
  policy,
  ...(machine === undefined ? {} : { machine }),
  ...(form === undefined ? {} : { form }),
})

function doorsOf(url: string, deskUrl: string): Omit<Stack, 'devices' | 'stop'> {
  const taken = new Set<string>()
  const desk: Stack['desk'] = (method, path, body) => request(deskUrl, method, path, body)
  const node: Stack['node'] = (method, path, body) => request(url, method, path, body)
  return {
    url,
    deskUrl,
    desk,
    node,
    customerFor(name) {
      let line = Number.parseInt(fingerprint(name).slice(0, 8), 16) % lines_max
      while (taken.has(numberOf(line))) line = (line + 1) % lines_max
      taken.add(numberOf(line))
      return numberOf(line)
    },
    async advance(ms) {
      await node('POST', '/v1/test/clock', { advanceMs: ms })
    },
    async conversationOf(who) {
      const { channel, asset, customer } = who
      // A customer may have several by mail; the topic, which is no word of the list, names one.
      if (channel === 'email') return requestFound(url, `/v1/conversations/${actorIdOf(who)}`)
      const query = new URLSearchParams({ channel, asset, customer })
      return (await node<{ items: ConversationReading[] }>('GET', `/v1/conversations?${query}`)).items[0]
    },
    turnsOf: (id) => node('GET', `/v1/conversations/${id}/turns`),
  }
}

/** Numbers of an exchange that is kept for stories; none of them is anybody's. */
const numberOf = (line: number): string => `+1415555${String(line).padStart(4, '0')}`
const lines_max = 10_000

async function request<Answer>(base: string, method: string, path: string, body?: object): Promise<Answer> {
  const response = await fetch(base + path, {
    method,
    ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
  })
  return answerIn(response, method, path)
}

/** Undefined for what is not there. */
async function requestFound<Answer>(base: string, path: string): Promise<Answer | undefined> {
  const response = await fetch(base + path)
  return response.status === 404 ? undefined : answerIn(response, 'GET', path)
}

async function answerIn<Answer>(response: Response, method: string, path: string): Promise<Answer> {
  const answer = await response.text()
  if (!response.ok) {
    const { error, detail } = JSON.parse(answer) as { error?: string; detail?: string }
    throw new StackError(`${method} ${path.split('?')[0]} answered ${response.status}: ${error ?? detail ?? ''}`)
  }
  return JSON.parse(answer) as Answer
}
