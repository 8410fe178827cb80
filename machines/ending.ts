/**
 * The customer ends it (SM9-SM11): End Task, then CLOSED closes (A5). Shared by `inQueue`, `active` and, in part, by
 * `callback`; the disposition says whether an agent was there. Until the end nothing is told twice, no agent is added any
 * more (E49), and what the customer writes waits for a new conversation (E54).
 */
import { closeWithoutWebhook, onTaskClosed } from './flows/closed.ts'
import { onThreadClosedWhileEnding } from './flows/live-chat-customer-abandon-close.ts'
import { conversation } from './setup.ts'

/** `id` names the state and prefixes its children's ids, which timers carry. */
export const endingState = (id: 'endingInQueue' | 'endingActive', channel: 'sms' | 'live-chat' = 'sms') =>
  conversation.createStateConfig({
    id,
    initial: 'deciding',
    on: {
      ...(channel === 'live-chat' ? { 'thread.closed': onThreadClosedWhileEnding } : {}),
      ...heardWhileEnding,
      'task.closed': onTaskClosed,
    },
    states: {
      deciding: { always: [{ guard: 'taskKnown', target: 'askingEnd' }, { target: 'awaitingTaskId' }] },
      /** An adopted conversation: its task is known to others only, until a webhook names it (A45). */
      awaitingTaskId: {
        id: `${id}.awaitingTaskId`,
        always: { guard: 'taskKnown', target: 'askingEnd' },
        after: { taskIdWait: closeWithoutWebhook },
      },
      ...endingTask(id),
    },
  })

/** Until the end: nothing is told of the task any more, and what is written waits (E54). */
export const heardWhileEnding = {
  'message.received': [{ guard: 'beginsNothing' }, { actions: 'keepWaiting' }],
  'task.created': { guard: 'mine', actions: 'learnTask' },
  'task.queued': { guard: 'mine', actions: 'learnTask' },
  'task.routed': { guard: 'mine', actions: 'learnTask' },
  'task.transferred': { guard: 'mine', actions: 'learnTask' },
} as const

/** End Task, and the wait for its CLOSED (A5). `id` prefixes the states' ids, which timers carry. */
export const endingTask = <Id extends string>(id: Id) => ({
  askingEnd: conversation.createStateConfig({
    id: `${id}.askingEnd`,
    invoke: {
      id: 'endTask',
      src: 'endTask',
      onDone: 'awaitingClosed',
      onError: [{ guard: 'taskGone', ...closeWithoutWebhook }, { target: 'awaitingClosed' }],
    },
    after: { askTimeout: 'awaitingClosed' },
  }),
  awaitingClosed: conversation.createStateConfig({
    id: `${id}.awaitingClosed`,
    after: { closedWait: closeWithoutWebhook },
  }),
})
