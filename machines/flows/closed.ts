/**
 * CLOSED_Flow: the task has ended, by the agent, by the customer or by the system (CL3). The customer is told once (CL2,
 * A6), the conversation in Engage is closed (CL1), and the actor rests until the customer writes again or its retention
 * is over. Hears task.closed; asks to close the conversation. Every disposition ends here, unknown ones too (CL4, E70);
 * an asset may have words of its own for a time-out, a failure and a customer who gave up (A22).
 */
import { conversation } from '../setup.ts'
import { onThreadClosedAfterwards } from './live-chat-customer-abandon-close.ts'

export const onTaskClosed = [{ guard: 'mine', target: '#closed', actions: ['learnTask', 'notifyClosed'] }] as const

/** CLOSED never came, or there was nothing to wait for: the same end without the webhook (A5). */
export const closeWithoutWebhook = {
  target: '#closed',
  actions: { type: 'notify', params: { text: 'ClosedMessage' } },
} as const

const endGivenUp = { guard: 'givenUp', actions: 'endGivenUpTask' } as const
/** A task we gave up on turned up after all: ended in whatever state the conversation, or the next one, is by then. */
export const onGivenUpTask = {
  'task.created': endGivenUp,
  'task.queued': endGivenUp,
  'task.routed': endGivenUp,
} as const

const searchAgain = { guard: 'someoneWaits', target: '#searching', actions: 'beginSession' } as const
const beginAnew = { guard: 'someoneWaits', target: '#creatingConversation', actions: 'beginSession' } as const

export const closed = conversation.createStateConfig({
  id: 'closed',
  initial: 'deciding',
  on: {
    /** "End Conversation" when there is none changes nothing, and a machine's mail neither (E12); anything else waits for its new conversation (SM4, E54). */
    'message.received': [{ guard: 'beginsNothing' }, { actions: 'keepWaiting' }],
  },
  states: {
    deciding: { always: [{ guard: 'conversationOpen', target: 'closingConversation' }, { target: 'resting' }] },
    closingConversation: {
      id: 'closingConversation',
      invoke: {
        id: 'closeConversation',
        src: 'closeConversation',
        onDone: 'resting',
        onError: { target: 'resting', actions: notClosed() },
      },
      after: { askTimeout: { target: 'resting', actions: notClosed() } },
    },
    resting: {
      id: 'resting',
      always: [{ guard: 'someoneWaitsToReopen', target: '#reopening' }, beginAnew],
      after: { retention: 'archived' },
    },
    /** Nothing is known of the customer: the next text is searched for again (SM1-SM3). Kept as long as any other. */
    searchFailed: {
      id: 'searchFailed',
      always: searchAgain,
      after: { retention: 'archived' },
    },
    /** Kept no longer: the runtime may delete the record. A late message starts from the search again. */
    archived: {
      id: 'archived',
      always: searchAgain,
    },
  },
})

/** A8: who ended it in words may be welcomed again at once. */
export const closedSms = conversation.createStateConfig({
  ...closed,
  states: {
    ...closed.states,
    resting: {
      ...closed.states.resting,
      always: [
        ...closed.states.resting.always,
        { guard: 'welcomeAtOnce', target: '#openingConversation', actions: 'beginSession' },
      ],
    },
  },
})

/** A1: a chat is never reopened. A window may be closed after the chat was (LX5): then nothing is said there any more. */
export const closedChat = conversation.createStateConfig({
  ...closed,
  on: { ...closed.on, 'thread.closed': onThreadClosedAfterwards },
  states: { ...closed.states, resting: { ...closed.states.resting, always: beginAnew } },
})

function notClosed() {
  return { type: 'alert', params: { code: 'conversation-not-closed' } } as const
}
