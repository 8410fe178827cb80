/**
 * replay: the recorded turns of one conversation, decided again on some version of its machine; the first difference ends
 * it. Each turn hears what it heard then, at the moment it was decided then, with the asset's settings of today, since those
 * of the day are not kept (decisions/0004). Pure (T2); nothing is stored and nothing goes out.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Definition } from '../machines/definitions.ts'
import type { Address } from '../machines/events.ts'
import { causeOf, type Envelope } from './envelope.ts'
import type { TurnReading } from './history.ts'
import { type Loaded, record_format, type TurnRecord } from './record.ts'
import type { Binding } from './stages/activate.ts'
import { type Decision, decide } from './stages/decide.ts'

export interface Difference {
  revision: number
  turn: number
  at: string
  /** The type of the event that was heard. */
  event: string
  /** `machine`: it threw, and `replayed` is what it said. */
  what: 'state' | 'effects' | 'machine'
  recorded: unknown
  replayed: unknown
}

export interface Recorded {
  actor: string
  address: Address
  /** From the first one on, oldest first. */
  turns: readonly TurnReading[]
}

type Settings = Pick<Binding, 'asset' | 'say'>

/** Undefined when every state and every effect is as it was recorded. */
export function replay(definition: Definition, recorded: Recorded, settings: Settings): Difference | undefined {
  const replaying = replayingTurns(definition, recorded, settings)
  for (;;) {
    const { done, value } = replaying.next()
    if (done) return value
  }
}

/** The same, beside other work: after every few turns whatever waits for this thread goes first. */
export async function replayInSlices(
  definition: Definition,
  recorded: Recorded,
  settings: Settings,
): Promise<Difference | undefined> {
  const replaying = replayingTurns(definition, recorded, settings)
  for (let count = 1; ; count += 1) {
    const { done, value } = replaying.next()
    if (done) return value
    if (count % slice_turns === 0) await new Promise((resolve) => setImmediate(resolve))
  }
}

const slice_turns = 20

/** Pauses after each turn that is as it was. */
function* replayingTurns(
  definition: Definition,
  { actor, address, turns }: Recorded,
  { asset, say }: Settings,
): Generator<void, Difference | undefined, void> {
  let loaded: Loaded | undefined
  for (const turn of turns) {
    const { revision, at, event } = turn
    const differs = (what: Difference['what'], recorded: unknown, replayed: unknown): Difference => {
      return { revision, turn: turn.turn, at, event: event.type, what, recorded, replayed }
    }
    let decision: Decision
    try {
      const cause = causeOf({ ...event, ...address, specversion: '1.0' } as Envelope)
      decision = decide(definition, actor, address, loaded, cause, { at_ms: Date.parse(at), asset, say })
    } catch (error) {
      return differs('machine', turn.stateAfter, (error as Error).message)
    }
    if (decision.state !== turn.stateAfter) return differs('state', turn.stateAfter, decision.state)
    const [recorded, replayed] = [effectsOf(turn.effects), effectsOf(decision.effects)]
    if (!isDeepStrictEqual(recorded, replayed)) {
      const index = recorded.findIndex((one, place) => !isDeepStrictEqual(one, replayed[place]))
      const place = index === -1 ? recorded.length : index
      return differs('effects', recorded[place] ?? null, replayed[place] ?? null)
    }
    loaded = { record: recordOf(definition, turn, decision), revision }
    yield
  }
  return undefined
}

/** As they would be stored, without what only the day knows: key and outcome. */
const effectsOf = (effects: readonly { type: string; payload: object }[]): { type: string; payload: object }[] =>
  JSON.parse(JSON.stringify(effects.map(({ type, payload }) => ({ type, payload }))))

/** What the next turn needs of this one. */
function recordOf({ id, version, shape }: Definition, { turn, at }: TurnReading, decision: Decision): TurnRecord {
  const { snapshot, timers, pending } = JSON.parse(JSON.stringify(decision)) as Decision
  const known = { format: record_format, machine: { id, version, shape }, turn, at, state: decision.state }
  return { ...known, snapshot, timers, pending } as TurnRecord
}
