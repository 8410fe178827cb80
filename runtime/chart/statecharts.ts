/** What is told of the machines of this build: themselves, their drawings, and who went which way on them. */
import type { JetStreamManager } from '@nats-io/jetstream'
import type { Definition } from '../../machines/definitions.ts'
import { type Drawings, drawings } from './drawings.ts'
import { type Traffic, traffic } from './traffic.ts'

export interface Statecharts {
  definitions: readonly Definition[]
  drawings: Drawings
  traffic: Traffic
}

export const statecharts = (jsm: JetStreamManager, definitions: readonly Definition[]): Statecharts => ({
  definitions,
  drawings: drawings(definitions),
  traffic: traffic(jsm, definitions),
})
