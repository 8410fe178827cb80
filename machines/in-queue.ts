/**
 * The top-level state `inQueue`: a task exists and no agent has taken it. Composed from the CREATED, QUEUED and
 * TRANSFERRED flows. Webhooks are heard here, on the parent, so that any of them may overtake another (E34, E35).
 */
import { endingState } from './ending.ts'
import { onTaskClosed } from './flows/closed.ts'
import { created, onTaskCreated } from './flows/created.ts'
import { onThreadClosedInQueue, onThreadClosedWhileEnding } from './flows/live-chat-customer-abandon-close.ts'
import { offerAfterThreshold, offeringCallback, onCallbackAnswer } from './flows/live-chat-inbound-with-web-callback.ts'
import { onFirstQueued, onTaskQueued, queued } from './flows/queued.ts'
import { onTaskRouted } from './flows/routed.ts'
import { onTaskTransferred, transferFailed, transferring } from './flows/transferred.ts'
import { checkBesideOffer } from './reconcile.ts'
import { conversation } from './setup.ts'

const heard = {
  'message.received': [
    { guard: 'endPhrase', target: '#endingInQueue', actions: ['learnThread', 'relayMessage', 'rememberEnd'] },
    { actions: ['learnThread', 'relayMessage'] },
  ],
  'task.created': onTaskCreated,
  'task.queued': onTaskQueued,
  'task.routed': onTaskRouted,
  'task.transferred': onTaskTransferred,
  'task.closed': onTaskClosed,
} as const

const waiting = {
  created: { ...created, on: { 'task.queued': onFirstQueued } },
  queued,
  transferring,
  transferFailed,
  ending: endingState('endingInQueue'),
}

export const inQueue = conversation.createStateConfig({
  id: 'inQueue',
  initial: 'created',
  on: heard,
  states: waiting,
})

/** A mail never ends it (A7); it is read by whoever takes the task. */
export const inQueueOfMail = conversation.createStateConfig({
  id: 'inQueue',
  initial: 'created',
  on: { ...heard, 'message.received': { actions: ['learnThread', 'relayMessage'] } },
  states: { created: waiting.created, queued, transferring, transferFailed },
})

const waitingOfChat = {
  ...waiting,
  transferFailed: { ...transferFailed, on: { ...transferFailed.on, 'thread.closed': onThreadClosedWhileEnding } },
  ending: endingState('endingInQueue', 'live-chat'),
}

/** With a window that can be closed. */
export const inQueueOfChat = conversation.createStateConfig({
  id: 'inQueue',
  initial: 'created',
  on: { ...heard, 'thread.closed': onThreadClosedInQueue },
  states: waitingOfChat,
})

/** And with the offer to be called instead, which EWT updates do not put off (A13). */
export const inQueueWithCallback = conversation.createStateConfig({
  id: 'inQueue',
  initial: 'created',
  on: { ...heard, 'thread.closed': onThreadClosedInQueue },
  states: {
    ...waitingOfChat,
    created: {
      ...created,
      on: { 'task.queued': onFirstQueued, 'postback.received': onCallbackAnswer },
      after: { ...checkBesideOffer('#created'), ...offerAfterThreshold },
    },
    queued: {
      ...queued,
      on: { 'postback.received': onCallbackAnswer },
      after: { ...checkBesideOffer('#queued'), ...offerAfterThreshold },
    },
    offeringCallback: { ...offeringCallback, on: { 'postback.received': onCallbackAnswer } },
  },
})
