/**
 * How often real conversations went each way of a machine's chart: committed turns, the newest that are kept and those since.
 * Counts a little further each time somebody asks, and nothing while nobody does. Speaks to TURNS; reads only.
 */
import type { JetStreamManager } from '@nats-io/jetstream'
import { type Chart, chartOf } from '../../machines/chart.ts'
import type { Definition } from '../../machines/definitions.ts'
import { turnReading } from '../history.ts'
import { readBatch } from '../read-batch.ts'
import type { TurnRecord } from '../record.ts'
import { stream } from '../streams.ts'
import { takenBy } from './taken.ts'

export interface TrafficReading {
  /** How many turns of this machine were counted, and when the first of them was. */
  turns: number
  since: string | null
  /** By state: the turns that ended there. By id of a transition: those that took it, or that may have where only a guard could tell. */
  states: Record<string, number>
  transitions: Record<string, number>
  /** Whether there are turns that were not counted yet: ask again. */
  isBehind: boolean
}

export interface Traffic {
  /** Rejects when the broker does not answer. */
  of(machine: string, version: string): Promise<TrafficReading>
}

/** How far back it begins. */
const turns_max = 20_000
const batch_turns = 100
/** In one answer. */
const batches_max = 20

interface Counted {
  chart: Chart
  turns: number
  since: string | null
  states: Map<string, number>
  transitions: Map<string, number>
}

export function traffic(jsm: JetStreamManager, definitions: readonly Definition[]): Traffic {
  const counted = new Map(definitions.map((one) => [keyOf(one), nothingYet(chartOf(one.machine))]))
  let next: number | undefined
  let isBehind = true
  let counting: Promise<void> | undefined

  const goOn = async () => {
    const { first_seq, last_seq } = (await jsm.streams.info(stream.turns)).state
    next ??= Math.max(first_seq, last_seq - turns_max + 1)
    for (let batches = 0; batches < batches_max && next <= last_seq; batches += 1) {
      const messages = await readBatch(jsm, stream.turns, 'parley.turns.>', batch_turns, next)
      for (const message of messages) note(message.json<TurnRecord>(), message.seq)
      next = (messages.at(-1)?.seq ?? last_seq) + 1
    }
    isBehind = next <= last_seq
  }
  const note = (record: TurnRecord, revision: number) => {
    const one = counted.get(keyOf(record.machine))
    if (!one) return
    one.turns += 1
    one.since ??= record.at
    add(one.states, record.state)
    for (const id of takenBy(one.chart, turnReading(record, revision, undefined))) add(one.transitions, id)
  }

  return {
    async of(id, version) {
      counting ??= goOn().finally(() => {
        counting = undefined
      })
      await counting
      const { turns, since, states, transitions } = counted.get(keyOf({ id, version })) ?? nothingYet({} as Chart)
      const [byState, byTransition] = [Object.fromEntries(states), Object.fromEntries(transitions)]
      return { turns, since, states: byState, transitions: byTransition, isBehind }
    },
  }
}

const keyOf = ({ id, version }: { id: string; version: string }): string => `${id} ${version}`
const nothingYet = (chart: Chart): Counted => ({
  chart,
  turns: 0,
  since: null,
  states: new Map(),
  transitions: new Map(),
})
const add = (counts: Map<string, number>, key: string) => void counts.set(key, (counts.get(key) ?? 0) + 1)
