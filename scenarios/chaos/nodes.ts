/**
 * The nodes of a chaos run: `parley serve` processes, each at a place of its own. The first one is a gateway that has the
 * desk as well; the others call the desk over the wire. Addresses change with every start and are asked anew.
 */
import { join } from 'node:path'
import type { Clock } from '../../adapters/clock.ts'
import { type Child, keepRunning, type Program } from './child-process.ts'
import type { Link, NodePlace } from './network.ts'

export interface ChaosNode {
  name: string
  child: Child
  link: Link
  /** Of its gateway and of its desk; undefined while it is down, the second for ever on a node without one. */
  url(): string | undefined
  deskUrl(): string | undefined
  /** Leaves in order, and comes again as a node of the newer build. Resolves when it has left. */
  upgrade(): Promise<void>
  stop(): Promise<void>
}

export interface NodeMeans {
  clock: Clock
  /** The run's folder: configuration and logs. */
  dir: string
  env: Record<string, string>
}

const ownBuild = [join(import.meta.dirname, '../../bin/parley.mjs'), 'serve']
/** The same program with the machines of `newer-build.ts`. */
const newerBuild = [...ownBuild, '--newer-machines']

/** Starts it; `url` says when it is up. */
export function startChaosNode(
  { clock, dir, env }: NodeMeans,
  name: string,
  place: NodePlace,
  own: { args: string[]; env: Record<string, string> },
): ChaosNode {
  let addresses: Record<string, string> = {}
  const settings = { PATH: process.env.PATH ?? '', PARLEY_HOST: place.host, PARLEY_NATS_URL: place.natsUrl }
  const programOf = (build: string[]): Program => ({
    command: process.execPath,
    args: [...build, ...own.args],
    cwd: dir,
    env: { ...settings, ...env, ...own.env },
    logFile: join(dir, `${name}.log`),
    onLine(text) {
      const [what, url] = text.split(' ')
      if (what && url?.startsWith('http')) addresses = { ...addresses, [what]: url }
    },
    onEnd() {
      addresses = {}
    },
  })
  const child = keepRunning(clock, place.inside(programOf(ownBuild)))
  return {
    name,
    child,
    link: place.link,
    url: () => addresses.Gateway,
    deskUrl: () => addresses.Desk,
    upgrade: () => child.replace(place.inside(programOf(newerBuild))),
    stop: () => child.stop(),
  }
}
