/**
 * The network of a chaos run: the brokers and nodes as places, each linked to the brokers by something that can be cut. Made
 * of network namespaces where the machine allows them (`namespaces.ts`), else of relays on loopback (`relays.ts`). Types only.
 */
import type { Program } from './child-process.ts'

/** What one place has to say to the brokers (of a broker: to the others). Each trouble resolves when it is over. */
export interface Link {
  /** Nothing passes, and whoever tries is told so. */
  cut(for_ms: number): Promise<void>
  /** Nothing passes, in either direction, and nobody is told. */
  stall(for_ms: number): Promise<void>
  /** What the place sends is lost; what is sent to it arrives. */
  mute(for_ms: number): Promise<void>
}

export interface Place {
  /** Where its programs listen. */
  host: string
  link: Link
  /** A program as it has to be started to be at this place. */
  inside(program: Program): Program
}

export interface BrokerPlace extends Place {
  /** For clients. */
  port: number
  routePort: number
  /** Where it reaches each of the others. */
  routes: string[]
}

export interface NodePlace extends Place {
  /** Comma-separated: where it reaches the brokers. */
  natsUrl: string
}

export interface Network {
  how: 'namespaces' | 'relays'
  /** Where the harness listens, for nodes to reach it. */
  home: string
  brokers: BrokerPlace[]
  nodes: NodePlace[]
  close(): Promise<void>
}

export interface NetworkSize {
  brokers: number
  nodes: number
}
