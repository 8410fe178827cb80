/**
 * A network of network namespaces: every broker and node has its own, joined by a bridge in the one that this process is
 * in, which must be a fresh one (`unshare --net`), so that nothing of the machine's own network is touched and all of it is
 * gone with its processes. What is cut off is so by routes of the kernel: real TCP, real packets that do not arrive, also in
 * one direction only. Speaks to iproute2, nsenter and unshare.
 */
import { execFile, spawn, spawnSync } from 'node:child_process'
import { readlink } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Clock } from '../../adapters/clock.ts'
import { StartError } from '../../runtime/errors.ts'
import { atExit } from './at-exit.ts'
import type { Program } from './child-process.ts'
import type { BrokerPlace, Link, Network, NetworkSize, NodePlace } from './network.ts'

const run = promisify(execFile)

const subnet = '10.77.0'
const home = `${subnet}.1`
const first_broker = 11
const first_node = 21
const port = 4222
const routePort = 6222
/** A place outlives this process by so long at most, when nobody could end it. */
const place_s_max = 4 * 3_600
const look_again_ms = 10
const look_ms_max = 5_000

/** How a program is started in a network of its own: as root, or as whoever may make user namespaces. Undefined where neither is so. */
export function ownNetwork(): string[] | undefined {
  const ways = [['--net'], ['--user', '--map-root-user', '--net']]
  const tries = ['sh', '-c', 'ip link set lo up && ip link add parley-try type bridge']
  return ways
    .map((way) => ['unshare', ...way])
    .find(([command, ...args]) => spawnSync(command!, [...args, ...tries], { stdio: 'ignore' }).status === 0)
}

export async function namespaceNetwork(clock: Clock, size: NetworkSize): Promise<Network> {
  await ip('link', 'set', 'lo', 'up')
  await ip('link', 'add', 'chaos', 'type', 'bridge')
  await ip('addr', 'add', `${home}/24`, 'dev', 'chaos')
  await ip('link', 'set', 'chaos', 'up')
  const places: Namespace[] = []
  const open = async (count: number, first: number) => {
    const opened: Namespace[] = []
    for (let index = 0; index < count; index++) opened.push(await openNamespace(clock, first + index))
    places.push(...opened)
    return opened
  }
  const brokersAt = await open(size.brokers, first_broker)
  const nodesAt = await open(size.nodes, first_node)
  const natsUrl = brokersAt.map(({ host }) => `nats://${host}:${port}`).join(',')
  const brokers = brokersAt.map((place): BrokerPlace => {
    const others = brokersAt.filter((other) => other !== place)
    const routes = others.map(({ host }) => `nats://${host}:${routePort}`)
    return { host: place.host, port, routePort, routes, link: linkOf(clock, place, others), inside: place.inside }
  })
  const nodes = nodesAt.map(
    (place): NodePlace => ({
      host: place.host,
      natsUrl,
      link: linkOf(clock, place, brokersAt),
      inside: place.inside,
    }),
  )
  const close = async () => {
    for (const place of places) place.close()
  }
  return { how: 'namespaces', home, brokers, nodes, close }
}

interface Namespace {
  host: string
  inside(program: Program): Program
  ip(...args: string[]): Promise<unknown>
  close(): void
}

const ip = (...args: string[]) => run('ip', args)

/** Held by a process that does nothing, so that it stays when its broker or node is killed. */
async function openNamespace(clock: Clock, number: number): Promise<Namespace> {
  const holder = spawn('unshare', ['--net', 'sleep', String(place_s_max)], { stdio: 'ignore' })
  const close = () => void holder.kill('SIGKILL')
  const outlived = atExit(close)
  const net = `/proc/${holder.pid}/ns/net`
  await untilOwn(clock, net)
  const host = `${subnet}.${number}`
  await ip('link', 'add', `place${number}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(holder.pid))
  await ip('link', 'set', `place${number}`, 'master', 'chaos', 'up')
  const enter = [`--net=${net}`]
  const within = (...args: string[]) => run('nsenter', [...enter, 'ip', ...args])
  await within('link', 'set', 'lo', 'up')
  await within('addr', 'add', `${host}/24`, 'dev', 'eth0')
  await within('link', 'set', 'eth0', 'up')
  return {
    host,
    ip: within,
    inside: (program) => ({ ...program, command: 'nsenter', args: [...enter, program.command, ...program.args] }),
    close() {
      outlived()
      close()
    },
  }
}

async function untilOwn(clock: Clock, net: string): Promise<void> {
  const give_up_ms = clock.now() + look_ms_max
  const ours = await readlink('/proc/self/ns/net')
  for (;;) {
    const theirs = await readlink(net).catch(() => undefined)
    if (theirs !== undefined && theirs !== ours) return
    if (clock.now() > give_up_ms) {
      const what = `a network namespace was not made in ${look_ms_max} ms`
      throw new StartError('E_CHAOS_NETWORK', `${what}; --relays does without`)
    }
    await clock.sleep(look_again_ms)
  }
}

type Route = 'blackhole' | 'unreachable'

function linkOf(clock: Clock, place: Namespace, others: Namespace[]): Link {
  /** What `from` sends to `to` does not leave. */
  const lose = async (route: Route, pairs: [from: Namespace, to: Namespace][], for_ms: number) => {
    const all = (act: 'add' | 'del') =>
      Promise.all(pairs.map(([from, to]) => from.ip('route', act, route, `${to.host}/32`)))
    await all('add')
    await clock.sleep(for_ms)
    await all('del')
  }
  const out = others.map((other): [Namespace, Namespace] => [place, other])
  const into = others.map((other): [Namespace, Namespace] => [other, place])
  return {
    cut: (for_ms) => lose('unreachable', [...out, ...into], for_ms),
    stall: (for_ms) => lose('blackhole', [...out, ...into], for_ms),
    mute: (for_ms) => lose('blackhole', out, for_ms),
  }
}
