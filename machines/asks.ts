/**
 * What each ask sends out, from the conversation that asks: pure builders, one an ask. The statecharts name the ask in
 * `invoke.src`; the runtime calls the builder when the state is entered and stores what it returns (T3).
 */
import type { Context, Scene } from './context.ts'
import type { AnyEffect, Asks, AskType, Effect, SearchedMail, WrittenMail } from './effects.ts'
import { liveChatVariables, taskRequest, threadOf } from './task-request.ts'
import { transcriptText, writtenMail } from './tells.ts'

/** Time for the first of a transfer's two calls; together they have `transfer_ms_max` (A20, TR6). */
const remove_participant_ms_max = 10_000
export const transfer_ms_max = 14_000

/** What the runtime asks about the asks of a machine; `ask` is the name in `invoke.src`. */
export interface AskRules {
  inputs: Readonly<Record<string, (scene: Scene) => object>>
  withinMs(ask: string, scene: Scene): number
  /**
   * For asks that leave something behind: what undoes a success that nobody waits for any more (T10), if anything must.
   * The answer to an ask that is named here carries what was asked.
   */
  undo: Readonly<Record<string, (input: never, output: never, scene: Scene) => AnyEffect | undefined>>
}

type AskBuilder<Type extends AskType> = (scene: Scene) => Asks[Type]['input']

export const askInputs: { [Type in AskType]: AskBuilder<Type> } = {
  searchConversation: ({ context }) => ({ address: context.address, ...threadOf(context), ...searchedMail(context) }),
  createConversation: ({ context }) => ({
    address: context.address,
    text: context.waiting[0] ? transcriptText(context.waiting[0]) : '',
    at: context.waiting[0]?.at ?? new Date(context.turn.at_ms).toISOString(),
    customerName: context.customerName,
    customerEmail: context.customerEmail,
    ...threadOf(context),
    ...firstMail(context),
    ...(context.address.channel === 'live-chat' ? { websiteDomain: context.turn.asset.liveChatDomain } : {}),
  }),
  reopenConversation: ({ context }) => ({ conversationId: context.conversationId }),
  closeConversation: ({ context }) => ({ conversationId: context.conversationId }),
  addParticipant: ({ context }) => ({ conversationId: context.conversationId, agentId: context.agentId }),
  removeParticipant: ({ context }) => ({
    conversationId: context.conversationId,
    agentId: context.transfer?.agentId ?? context.agentId,
  }),
  createTask: ({ context }) => taskRequest(context),
  endTask: ({ context, event }) => ({
    taskId: context.taskId,
    disposition: context.agentId === '' ? 'CD_TASK_CUSTOMER_ABANDON' : 'CD_NORMAL_END_TASK',
    variables: isForCallback(event)
      ? [{ key: 'IsWebCallbackRequested', value: 'true' }, ...liveChatVariables(context)]
      : [],
  }),
}

function searchedMail({ waiting, turn }: Context): { mail?: SearchedMail } {
  const mail = waiting[0]?.mail
  if (mail === undefined) return {}
  const { subject, to, cc, inReplyTo } = mail
  return { mail: { mailbox: turn.asset.address, subject, to, cc, inReplyTo } }
}

function firstMail({ waiting, turn }: Context): { mail?: { mailbox: string } & WrittenMail } {
  const mail = waiting[0]?.mail
  return mail === undefined ? {} : { mail: { mailbox: turn.asset.address, ...writtenMail(mail) } }
}
/** The only button that ends a task says that the customer wants to be called: its CLOSED must say so too (A27). */
const isForCallback = ({ type }: { type: string }): boolean => type === 'postback.received'

/** The time an ask has in all: what is left of a transfer's 14 s, else the policy's. */
export function withinMs(ask: AskType, { context }: Scene): number {
  if (context.transfer === null) return context.turn.asset.policy.retry.askDeadlineMs
  const left_ms = Math.max(0, context.transfer.started_at_ms + transfer_ms_max - context.turn.at_ms)
  if (ask === 'removeParticipant') return Math.min(remove_participant_ms_max, left_ms)
  if (ask === 'createTask') return left_ms
  return context.turn.asset.policy.retry.askDeadlineMs
}

type Undo<Type extends AskType> = (
  input: Asks[Type]['input'],
  output: Asks[Type]['output'],
  scene: Scene,
) => Effect | undefined

/** T10: a task that the conversation does not count as its own is ended. */
const endTask: Undo<'createTask'> = ({ taskId }, _output, { context }) =>
  taskId === context.taskId
    ? undefined
    : { type: 'endTask', payload: { taskId, disposition: 'CD_TASK_CUSTOMER_ABANDON', variables: [] } }

/** T10: a conversation in Engage that ours does not count as its own, new or reopened, is closed. */
const closeUnless = (conversationId: string, { context }: Scene): Effect | undefined =>
  conversationId === context.conversationId ? undefined : { type: 'closeConversation', payload: { conversationId } }

const closeCreated: Undo<'createConversation'> = (_input, output, scene) => closeUnless(output.conversationId, scene)
const closeReopened: Undo<'reopenConversation'> = (input, _output, scene) => closeUnless(input.conversationId, scene)

export const conversationAsks: AskRules = {
  inputs: askInputs,
  withinMs,
  undo: { createTask: endTask, createConversation: closeCreated, reopenConversation: closeReopened },
}
