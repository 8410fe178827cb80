/** A network on loopback, for machines without network namespaces: TCP relays (`line.ts`) between nodes and brokers, and between brokers. */
import type { Clock } from '../../adapters/clock.ts'
import { freePorts } from '../../runtime/nats-server/free-ports.ts'
import { type Line, openLine } from './line.ts'
import type { BrokerPlace, Link, Network, NetworkSize, NodePlace } from './network.ts'

const host = '127.0.0.1'
const inside: NodePlace['inside'] = (program) => program

/** The line of each broker to each other one goes through a relay of its own. */
export async function relayNetwork(clock: Clock, { brokers: count, nodes: many }: NetworkSize): Promise<Network> {
  const [ports, routePorts] = [await freePorts(count), await freePorts(count)]
  const lines: Line[] = []
  const open = async (to: readonly number[], first: number) => {
    const line = await openLine(clock, to, first)
    lines.push(line)
    return line
  }
  const between = new Map<string, Line>()
  for (const [from] of ports.entries())
    for (const [to, port] of routePorts.entries()) if (to !== from) between.set(`${from} ${to}`, await open([port], 0))

  const brokers = ports.map((port, index): BrokerPlace => {
    const others = ports.flatMap((_, other) => (other === index ? [] : [other]))
    const out = others.map((other) => between.get(`${index} ${other}`)!)
    const into = others.map((other) => between.get(`${other} ${index}`)!)
    const routes = out.map(({ url }) => url)
    return { host, port, routePort: routePorts[index]!, routes, link: linkOver(out, into), inside }
  })
  const nodes: NodePlace[] = []
  for (let index = 0; index < many; index++) {
    const line = await open(ports, index)
    nodes.push({ host, natsUrl: line.url, link: linkOver([line], []), inside })
  }
  const close = async () => void (await Promise.all(lines.map((line) => line.close())))
  return { how: 'relays', home: host, brokers, nodes, close }
}

/** All lines that a place opens, and all that are opened to it. */
function linkOver(out: Line[], into: Line[]): Link {
  const all = [...out, ...into]
  const each = async (over: Promise<void>[]) => void (await Promise.all(over))
  return {
    cut: (for_ms) => each(all.map((line) => line.cut(for_ms))),
    stall: (for_ms) => each(all.map((line) => line.stall(for_ms, 'both'))),
    mute: (for_ms) =>
      each([...out.map((line) => line.stall(for_ms, 'there')), ...into.map((line) => line.stall(for_ms, 'back'))]),
  }
}
