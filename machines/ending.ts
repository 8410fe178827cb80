/**
 * The customer ends it (SM9-SM11): End Task, then CLOSED closes (A5). Shared by `inQueue` and `active`; the disposition
 * says whether an agent was there. Until the end nothing is told twice, no agent is added any more (E49), and what the
 * customer writes waits for a new conversation (E54).
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
      'message.received': [{ guard: 'beginsNothing' }, { actions: 'keepWaiting' }],
      'task.created': { guard: 'mine', actions: 'learnTask' },
      'task.queued': { guard: 'mine', actions: 'learnTask' },
      'task.routed': { guard: 'mine', actions: 'learnTask' },
      'task.transferred': { guard: 'mine', actions: 'learnTask' },
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
      askingEnd: {
        id: `${id}.askingEnd`,
        invoke: {
          id: 'endTask',
          src: 'endTask',
          onDone: 'awaitingClosed',
          onError: [{ guard: 'taskGone', ...closeWithoutWebhook }, { target: 'awaitingClosed' }],
        },
        after: { askTimeout: 'awaitingClosed' },
      },
      awaitingClosed: { id: `${id}.awaitingClosed`, after: { closedWait: closeWithoutWebhook } },
    },
  })
