/**
 * Webhooks get lost (E41). A conversation that has waited too long for one asks how its task stands, and asks again after
 * the same time, until the answer, heard as a webhook, moves it on. With `reconcileAfterSeconds` 0 it never asks.
 */
import type { AnyEffect } from './effects.ts'

/** What many conversations may want at the same time: the runtime lets only so many ask in a second. */
export const isCheck = ({ type }: AnyEffect): boolean => type === 'checkTask'

/** `target` is the waiting state itself: it begins its wait anew. */
export const checkAgain = <Target extends string>(target: Target) =>
  ({ reconcileAfter: { target, reenter: true, actions: 'checkTask' } }) as const

/** Beside an idle time-out, which must not be put off: then it asks once. */
export const checkWhileTalking = <Target extends string>(target: Target) =>
  ({
    reconcileAfter: [{ guard: 'neverIdle', target, reenter: true, actions: 'checkTask' }, { actions: 'checkTask' }],
  }) as const

/** Beside an offer that is still to come, which must not be put off either (A13): until then it asks once. */
export const checkBesideOffer = <Target extends string>(target: Target) =>
  ({
    reconcileAfter: [
      { guard: 'offerToCome', actions: 'checkTask' },
      { target, reenter: true, actions: 'checkTask' },
    ],
  }) as const
