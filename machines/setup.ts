/**
 * The one vocabulary of all machines: XState's `setup()` with every action, guard, ask and delay by name. Charts are
 * JSON over these names; the rules they keep are linted in `test/statechart-lint.test.ts`. Nothing here runs an effect:
 * tells return data, asks are inert (T2).
 */
import { assign, type DoneActorEvent, type ErrorActorEvent, fromPromise, type PromiseActorLogic, setup } from 'xstate'
import { transfer_ms_max } from './asks.ts'
import type { Context, Input } from './context.ts'
import { type Asks, type AskType, askTypes } from './effects.ts'
import type { ConversationEvent } from './events.ts'
import { add_agent_retry_ms, guards } from './guards.ts'
import { memory } from './memory.ts'
import type { Policy } from './policy.ts'
import { tells } from './tells.ts'

type AskEnded = {
  [Type in AskType]: DoneActorEvent<Asks[Type]['output'], Type> | ErrorActorEvent<unknown, Type>
}[AskType]

/** A margin over the longest an ask may take, so that the runtime's answer comes first and this is only the net under it. */
const ask_margin_ms = 5_000
/** How long an ending conversation waits for CLOSED before it closes by itself (A5). */
const closed_wait_ms = 120_000
/** How long "End Conversation" waits to learn the task id of an adopted conversation (A45). */
const task_id_wait_ms = 30_000

const policyOf = ({ context }: { context: Context }): Policy => context.turn.asset.policy
/** A delay that never ends: the runtime arms no timer for it. */
const never = Number.POSITIVE_INFINITY

/** An ask is carried out by the runtime; its actor exists so that XState knows when it was started and left. */
const inertAsks = Object.fromEntries(askTypes.map((type) => [type, fromPromise(() => new Promise(() => {}))])) as {
  [Type in AskType]: PromiseActorLogic<Asks[Type]['output']>
}

/** Each `memory` entry as an XState assign; the cast keeps only what charts need of the type: the name. */
const remembering = Object.fromEntries(
  Object.entries(memory).map(([name, change]) => [name, assign(change as never)]),
) as unknown as Record<keyof typeof memory, () => void>

export const conversation = setup({
  types: {
    context: {} as Context,
    input: {} as Input,
    events: {} as ConversationEvent | AskEnded,
  },
  actors: inertAsks,
  actions: { ...tells, ...remembering },
  guards,
  delays: {
    askTimeout: (scene) => policyOf(scene).retry.askDeadlineMs + ask_margin_ms,
    formTimeout: (scene) => policyOf(scene).formTimeoutSeconds * 1_000 || never,
    callbackThreshold: (scene) => policyOf(scene).callbackThresholdSeconds * 1_000 || never,
    menuTimeout: (scene) => policyOf(scene).menuTimeoutSeconds * 1_000 || never,
    idleTimeout: (scene) => policyOf(scene).idleTimeoutSeconds * 1_000 || never,
    reconcileAfter: (scene) => policyOf(scene).reconcileAfterSeconds * 1_000 || never,
    transferDeadline: transfer_ms_max,
    closedWait: closed_wait_ms,
    taskIdWait: task_id_wait_ms,
    addAgentAgain: ({ context }) => add_agent_retry_ms[context.addAttempts - 1] ?? 0,
    retention: (scene) => policyOf(scene).retentionDays * 86_400_000 || never,
  },
})
