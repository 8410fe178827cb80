/**
 * The nodes of a chaos run: `parley serve` processes, each behind a line of its own. The first one is a gateway that has the
 * desk as well; the others call the desk over the wire. Addresses change with every start and are asked anew.
 */
import { join } from 'node:path'
import type { Clock } from '../../adapters/clock.ts'
import type { Brokers } from './brokers.ts'
import { type Child, keepRunning } from './child-process.ts'
import { type Line, openLine } from './line.ts'

export interface ChaosNode {
  name: string
  child: Child
  line: Line
  /** Of its gateway and of its desk; undefined while it is down, the second for ever on a node without one. */
  url(): string | undefined
  deskUrl(): string | undefined
  stop(): Promise<void>
}

export interface NodeMeans {
  clock: Clock
  brokers: Brokers
  /** The run's folder: configuration and logs. */
  dir: string
  env: Record<string, string>
}

const entry = join(import.meta.dirname, '../../bin/parley.mjs')

/** Starts it; `url` says when it is up. */
export async function startChaosNode(
  { clock, brokers, dir, env }: NodeMeans,
  index: number,
  own: { args: string[]; env: Record<string, string> },
): Promise<ChaosNode> {
  const name = `node-${index + 1}`
  const line = await openLine(clock, brokers.ports, index)
  let addresses: Record<string, string> = {}
  const child = keepRunning(clock, {
    command: process.execPath,
    args: [entry, 'serve', ...own.args],
    cwd: dir,
    env: { PATH: process.env.PATH ?? '', ...env, ...own.env, PARLEY_NATS_URL: line.url },
    logFile: join(dir, `${name}.log`),
    onLine(text) {
      const [what, url] = text.split(' ')
      if (what && url?.startsWith('http')) addresses = { ...addresses, [what]: url }
    },
    onEnd() {
      addresses = {}
    },
  })
  return {
    name,
    child,
    line,
    url: () => addresses.Gateway,
    deskUrl: () => addresses.Desk,
    async stop() {
      await child.stop()
      await line.close()
    },
  }
}
