/**
 * The adapter of Engage, which keeps the conversations agents see (G2: all conversation operations go here).
 * One call of `perform` is one POST to the node of the effect's name; the same effect makes the same bytes every time.
 */
import type { Effect } from '../../machines/effects.ts'
import { type Adapter, type Call, EffectError } from '../adapter.ts'
import { type FarSide, post } from '../http.ts'
import { type EngageCall, engageBodies, engageCalls } from './engage-codec.ts'
import { engageOutput } from './outcome.ts'

const destination = 'engage'

/** Performs the conversation effects, `engageCalls`, against `farSide`. */
export function engage(farSide: FarSide): Adapter {
  return { destination, performs: engageCalls, perform: (effect, call) => perform(farSide, effect, call) }
}

async function perform(farSide: FarSide, effect: Effect, call: Call): Promise<object> {
  if (!isEngageEffect(effect)) {
    const message = `${destination}: expected a conversation effect, found ${effect.type}; bind it to another adapter`
    throw new EffectError('terminal', 'refused', message)
  }
  const answer = await post(destination, farSide, `/engage/v1/${effect.type}`, bodyOf(effect), call)
  return engageOutput(effect.type, answer)
}

const isEngageEffect = (effect: Effect): effect is Effect<EngageCall> =>
  (engageCalls as readonly string[]).includes(effect.type)

/** The table is typed entry by entry; that type and payload belong together is the union's promise. */
function bodyOf(effect: Effect<EngageCall>): string {
  const body = engageBodies[effect.type] as (payload: Effect<EngageCall>['payload']) => object
  return JSON.stringify(body(effect.payload))
}
