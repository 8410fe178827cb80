/**
 * The top-level state `inQueue`: a task exists and no agent has taken it. Composed from the CREATED, QUEUED and
 * TRANSFERRED flows. Webhooks are heard here, on the parent, so that any of them may overtake another (E34, E35).
 */
import { endingState } from './ending.ts'
import { onTaskClosed } from './flows/closed.ts'
import { created, onTaskCreated } from './flows/created.ts'
import { onFirstQueued, onTaskQueued, queued } from './flows/queued.ts'
import { onTaskRouted } from './flows/routed.ts'
import { onTaskTransferred, transferFailed, transferring } from './flows/transferred.ts'
import { conversation } from './setup.ts'

export const inQueue = conversation.createStateConfig({
  id: 'inQueue',
  initial: 'created',
  on: {
    'message.received': [
      { guard: 'endPhrase', target: '#endingInQueue', actions: 'relayMessage' },
      { actions: 'relayMessage' },
    ],
    'task.created': onTaskCreated,
    'task.queued': onTaskQueued,
    'task.routed': onTaskRouted,
    'task.transferred': onTaskTransferred,
    'task.closed': onTaskClosed,
  },
  states: {
    created: { ...created, on: { 'task.queued': onFirstQueued } },
    queued,
    transferring,
    transferFailed,
    ending: endingState('endingInQueue'),
  },
})
