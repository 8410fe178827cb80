/**
 * Before there is a conversation: search Engage, reopen or create. Shared by the inbound flows; what differs is where a
 * new conversation goes on, and that a chat is never reopened (A1). All five outcomes of the search are honoured: a
 * conversation that exists elsewhere is adopted (SM2, LC2-LC4).
 */
import { conversation } from './setup.ts'

const closedMessage = { type: 'sendText', params: { text: 'ClosedMessage' } } as const
const appendAll = [{ type: 'relayWaiting', params: { first: 'append' } }, 'forgetWaiting'] as const
const appendRest = [{ type: 'relayWaiting', params: { first: 'alreadyThere' } }, 'forgetWaiting'] as const
const sayTechnicalIssue = ['forgetWaiting', { type: 'sendText', params: { text: 'errorTechnicalIssue' } }] as const
const technicalIssue = { target: '#closed', actions: sayTechnicalIssue } as const
/** Nothing is known of the customer then, so the next text is searched for again (SM1-SM3). */
const searchFailed = { target: '#archived', actions: sayTechnicalIssue } as const

type Next = '#menu' | '#preChatForm'

/** `next` is where a conversation without a task goes on. */
export const findingConversation = <To extends Next>(next: To) =>
  ({
    searching: searching('may be reopened'),

    /** A1: the history stays with the conversation; when Engage will not, a new one is as good. */
    reopening: conversation.createStateConfig({
      id: 'reopening',
      invoke: {
        id: 'reopenConversation',
        src: 'reopenConversation',
        onDone: [
          { guard: 'endWaiting', target: '#closed', actions: ['beginReopened', ...appendAll, closedMessage] },
          { target: next, actions: ['beginReopened', ...appendAll] },
        ],
        onError: { target: '#creatingConversation', actions: 'beginSession' },
      },
      after: { askTimeout: { target: '#creatingConversation', actions: 'beginSession' } },
    }),

    creatingConversation: creatingConversation(next),
  }) as const

/** A1: a closed chat is begun anew. A customer who left an agent during the search has left them all the same (LX2). */
export const findingChat = () =>
  ({
    searching: searching('may be left'),
    creatingConversation: creatingConversation('#preChatForm'),
  }) as const

const reopened = { guard: 'foundClosedToReopen', target: '#reopening', actions: 'adoptFound' } as const
const left = {
  guard: 'foundWithAgentAndLeft',
  target: '#customerLeft',
  actions: ['adoptFound', ...appendAll, { type: 'announceText', params: { text: 'customerLeft' } }],
} as const

function searching(found: 'may be reopened' | 'may be left') {
  return conversation.createStateConfig({
    id: 'searching',
    invoke: {
      id: 'searchConversation',
      src: 'searchConversation',
      onDone: [
        { guard: 'foundActiveToEnd', target: '#endingActive', actions: ['adoptFound', ...appendAll] },
        { guard: 'foundInQueueToEnd', target: '#endingInQueue', actions: ['adoptFound', ...appendAll] },
        ...(found === 'may be left' ? [left] : []),
        { guard: 'foundActive', target: '#talking', actions: ['adoptFound', ...appendAll] },
        { guard: 'foundOnHold', target: '#onHold', actions: ['adoptFound', ...appendAll] },
        { guard: 'foundInQueue', target: '#queued', actions: ['adoptFound', ...appendAll] },
        { guard: 'endWaiting', target: '#closed', actions: ['forgetWaiting', closedMessage] },
        ...(found === 'may be reopened' ? [reopened] : []),
        { target: '#creatingConversation' },
      ],
      onError: searchFailed,
    },
    after: { askTimeout: searchFailed },
  })
}

function creatingConversation<To extends Next>(next: To) {
  return conversation.createStateConfig({
    id: 'creatingConversation',
    invoke: {
      id: 'createConversation',
      src: 'createConversation',
      onDone: [
        { guard: 'endWaiting', target: '#closed', actions: ['adoptCreated', ...appendRest, closedMessage] },
        { target: next, actions: ['adoptCreated', ...appendRest] },
      ],
      onError: technicalIssue,
    },
    after: { askTimeout: technicalIssue },
  })
}
