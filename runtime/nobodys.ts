/** The adapter of effects that no adapter here knows: refuses them for good, so that they are set aside with their reason. */
import { type Adapter, EffectError } from '../adapters/adapter.ts'
import type { AnyEffect } from '../machines/effects.ts'

/** An effect of a record that a newer or older build wrote: set aside, for the build that knows it. */
export const nobodys: Adapter<AnyEffect> = {
  destination: 'nobody',
  performs: [],
  async perform({ type }) {
    throw new EffectError('terminal', 'refused', `this build has no adapter for ${type}; retry it with one that has`)
  },
}
