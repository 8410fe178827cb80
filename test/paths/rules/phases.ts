/**
 * The phases of a conversation, as flows.md section 12 refines the five states; for each the state it belongs to, the
 * question that is asked on the way in, and what is waited for, with lengths by the policy. Pure data.
 */
import type { Asset } from '../../../machines/policy.ts'

export type State = 'noConversation' | 'inQueue' | 'active' | 'callback' | 'closed'

/** What may come to be due, by the name of its delay. */
export const waitOf = {
  /** A minute by policy, and a margin for the answer to come first. */
  askTimeout: ({ asset }) => asset.policy.retry.askDeadlineMs + 5_000,
  menuTimeout: ({ asset }) => asset.policy.menuTimeoutSeconds * 1_000,
  formTimeout: ({ asset }) => asset.policy.formTimeoutSeconds * 1_000,
  idleTimeout: ({ asset }) => asset.policy.idleTimeoutSeconds * 1_000,
  callbackThreshold: ({ asset }) => asset.policy.callbackThresholdSeconds * 1_000,
  /** E41: a webhook may have been lost. */
  reconcileAfter: ({ asset }) => asset.policy.reconcileAfterSeconds * 1_000,
  /** TR6: a second less than Digital Routing allows. */
  transferDeadline: () => 14_000,
  /** A5: CLOSED may never come. */
  closedWait: () => 120_000,
  /** A45: an adopted conversation's task is known to others only. */
  taskIdWait: () => 30_000,
  /** A19: agents are not synchronised at once. */
  addAgentAgain: ({ attempts }) => [5_000, 15_000, 45_000][attempts - 1] ?? 0,
  retention: ({ asset }) => asset.policy.retentionDays * 86_400_000,
} satisfies Record<string, (is: { asset: Asset; attempts: number }) => number>
export type Wait = keyof typeof waitOf

interface Row {
  state: State
  waits: Wait[]
  ask?: string
}

const asking = (state: State, ask: string): Row => ({ state, ask, waits: ['askTimeout'] })
const waiting = (state: State, ...waits: Wait[]): Row => ({ state, waits })

export const phases = {
  idle: waiting('noConversation'),
  searching: asking('noConversation', 'searchConversation'),
  reopening: asking('noConversation', 'reopenConversation'),
  creating: asking('noConversation', 'createConversation'),
  /** Created without a message: after the end (A8), or after a callback that failed (A31). */
  opening: asking('noConversation', 'createConversation'),
  menu: waiting('noConversation', 'menuTimeout'),
  form: waiting('noConversation', 'formTimeout'),
  creatingTask: asking('noConversation', 'createTask'),
  /** E33: nobody wants it any more. */
  taskUnwanted: { state: 'noConversation', waits: [] },

  created: waiting('inQueue', 'reconcileAfter'),
  queued: waiting('inQueue', 'reconcileAfter'),
  offering: waiting('inQueue', 'reconcileAfter'),
  removing: { state: 'inQueue', ask: 'removeParticipant', waits: ['transferDeadline'] },
  /** After `removing` the deadline runs on. */
  recreating: { state: 'inQueue', ask: 'createTask', waits: [] },
  transferFailed: asking('inQueue', 'endTask'),
  transferFailedEnding: waiting('inQueue', 'closedWait'),
  endingQueued: asking('inQueue', 'endTask'),
  endingQueuedUnknown: waiting('inQueue', 'taskIdWait'),
  endingQueuedClosed: waiting('inQueue', 'closedWait'),

  adding: asking('active', 'addParticipant'),
  pausing: waiting('active', 'addAgentAgain'),
  talking: waiting('active', 'idleTimeout', 'reconcileAfter'),
  onHold: waiting('active', 'reconcileAfter'),
  left: waiting('active', 'idleTimeout', 'reconcileAfter'),
  endingActive: asking('active', 'endTask'),
  endingActiveUnknown: waiting('active', 'taskIdWait'),
  endingActiveClosed: waiting('active', 'closedWait'),

  cancelling: asking('callback', 'endTask'),
  placing: asking('callback', 'createTask'),
  placingUnwanted: { state: 'callback', waits: [] },
  callbackWaiting: waiting('callback', 'reconcileAfter'),
  endingCallback: asking('callback', 'endTask'),
  endingCallbackClosed: waiting('callback', 'closedWait'),

  closing: asking('closed', 'closeConversation'),
  resting: waiting('closed', 'retention'),
  /** Nothing is known of the customer: the next text is searched for again. */
  searchFailed: waiting('closed', 'retention'),
  archived: waiting('closed'),
} as const satisfies Record<string, Row>
export type Phase = keyof typeof phases

/** By what they have in common. */
export const finding = ['searching', 'reopening', 'creating', 'opening'] as const
export const lining = ['created', 'queued', 'offering'] as const
export const transferring = ['removing', 'recreating'] as const
export const talkingTo = ['adding', 'pausing', 'talking', 'onHold', 'left'] as const
export const endingsWithAgent = ['endingActive', 'endingActiveUnknown', 'endingActiveClosed'] as const
export const endings = [
  ...(['endingQueued', 'endingQueuedUnknown', 'endingQueuedClosed'] as const),
  ...endingsWithAgent,
]
export const endingCallbacks = ['endingCallback', 'endingCallbackClosed'] as const
export const failedTransfers = ['transferFailed', 'transferFailedEnding'] as const
export const over = ['closing', 'resting', 'searchFailed', 'archived'] as const
