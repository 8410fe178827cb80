/**
 * TRANSFERRED_Flow: an agent hands over, does not answer, or logs out (TR1). The agent leaves the conversation first
 * (TR2), then the task goes back in under its own id with the event's selector and variables (TR3, TR6), then the
 * customer is told (TR4). On any failure, or after 14 of the 15 s that Digital Routing allows, the customer is told that
 * the conversation will be closed, and the task is ended (TR5, A21).
 * Hears task.transferred; asks to remove the participant, create the task, end the task.
 */
import { conversation } from '../setup.ts'

/** One transfer an event: the same one again, or one older than the last, changes nothing (E65). */
export const onTaskTransferred = [
  { guard: 'mineNewTransfer', target: '#transferring', actions: ['learnTask', 'beginTransfer'] },
] as const

const failedTransfer = { type: 'notify', params: { text: 'FailedTransferMessage' } } as const
const finished = ['learnTask', 'finishTransfer', { type: 'notify', params: { text: 'TransferredMessage' } }] as const

/** The CREATED that proves it is also the one that may be told (A17). */
const createdAgain = ['tellCreatedAgain', 'markCreatedTold'] as const

export const transferring = conversation.createStateConfig({
  id: 'transferring',
  initial: 'deciding',
  after: { transferDeadline: '#transferFailed' },
  on: {
    'task.created': { guard: 'mine', actions: 'learnTask' },
    'task.queued': { guard: 'mine', actions: 'learnTask' },
    'task.routed': { guard: 'mine', actions: 'learnTask' },
    'task.transferred': { guard: 'mine', actions: 'learnTask' },
    'task.closed': { guard: 'mine', target: '#closed', actions: ['learnTask', failedTransfer] },
  },
  states: {
    deciding: { always: [{ guard: 'agentLeaves', target: 'removingAgent' }, { target: 'recreatingTask' }] },
    removingAgent: {
      id: 'removingAgent',
      invoke: {
        id: 'removeParticipant',
        src: 'removeParticipant',
        onDone: 'recreatingTask',
        onError: '#transferFailed',
      },
    },
    recreatingTask: {
      id: 'recreatingTask',
      invoke: {
        id: 'recreateTask',
        src: 'createTask',
        onDone: {
          target: '#created',
          actions: ['finishTransfer', { type: 'notify', params: { text: 'TransferredMessage' } }],
        },
        onError: '#transferFailed',
      },
      /** The answer may be overtaken by what it answers: a fresh webhook proves that the task is back in (E36). */
      on: {
        'task.created': [
          { guard: 'mineNotOlder', target: '#created', actions: [...finished, ...createdAgain] },
          { guard: 'mine', actions: 'learnTask' },
        ],
        'task.queued': [
          { guard: 'mineNotOlder', target: '#queued', actions: finished },
          { guard: 'mine', actions: 'learnTask' },
        ],
        'task.routed': [
          { guard: 'minePresentAgent', target: '#addingAgent', actions: [...finished, 'meetAgent'] },
          { guard: 'mine', actions: 'learnTask' },
        ],
      },
    },
  },
})

export const transferFailed = conversation.createStateConfig({
  id: 'transferFailed',
  entry: failedTransfer,
  initial: 'askingEnd',
  on: {
    'message.received': [{ guard: 'beginsNothing' }, { actions: 'keepWaiting' }],
    'task.created': { guard: 'mine', actions: 'learnTask' },
    'task.queued': { guard: 'mine', actions: 'learnTask' },
    'task.routed': { guard: 'mine', actions: 'learnTask' },
    'task.transferred': { guard: 'mine', actions: 'learnTask' },
    /** The customer has heard that the conversation closes; nothing more is said (A21, E64). */
    'task.closed': { guard: 'mine', target: '#closed', actions: 'learnTask' },
  },
  states: {
    askingEnd: {
      id: 'endingAfterFailedTransfer',
      invoke: {
        id: 'endTask',
        src: 'endTask',
        onDone: 'awaitingClosed',
        onError: [{ guard: 'taskGone', target: '#closed' }, { target: 'awaitingClosed' }],
      },
      after: { askTimeout: 'awaitingClosed' },
    },
    awaitingClosed: { id: 'closingAfterFailedTransfer', after: { closedWait: '#closed' } },
  },
})
