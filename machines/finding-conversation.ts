/**
 * Before there is a conversation: search Engage, reopen or create. Shared by the inbound flows; what differs is where a
 * new conversation goes on, that a chat is never reopened (A1), and that a mail never ends one (A7). All five outcomes of
 * the search are honoured: a conversation that exists elsewhere is adopted (SM2, LC2-LC4, EM7).
 */
import { conversation } from './setup.ts'

const closedMessage = { type: 'sendText', params: { text: 'ClosedMessage' } } as const
const appendAll = [{ type: 'relayWaiting', params: { first: 'append' } }, 'forgetWaiting'] as const
const appendRest = [{ type: 'relayWaiting', params: { first: 'alreadyThere' } }, 'forgetWaiting'] as const
const sayTechnicalIssue = ['forgetWaiting', { type: 'sendText', params: { text: 'errorTechnicalIssue' } }] as const
const technicalIssue = { target: '#closed', actions: sayTechnicalIssue } as const
/** Nothing is known of the customer then, so the next text is searched for again (SM1-SM3). */
const searchFailed = { target: '#searchFailed', actions: sayTechnicalIssue } as const

/** Goes on with the menu. */
export const findingConversation = () =>
  ({
    searching: searching([...toEnd, ...found, endedEarly, reopened]),
    reopening: reopening(endedReopened, { target: '#menu', actions: withReopened }),
    creatingConversation: creatingConversation(endedCreated, { target: '#menu', actions: withCreated }),
  }) as const

/** A1: a closed chat is begun anew. A customer who left an agent during the search has left them all the same (LX2). */
export const findingChat = () =>
  ({
    searching: searching([...toEnd, left, ...found, endedEarly]),
    creatingConversation: creatingConversation(endedCreated, { target: '#preChatForm', actions: withCreated }),
  }) as const

/** EM6: a mail asks nothing back; its task gets its id on the way. */
export const findingMail = () =>
  ({
    searching: searching([...found, reopened]),
    reopening: reopening({ target: '#creatingTask', actions: [...withReopened, 'nameMailTask'] }),
    creatingConversation: creatingConversation({
      target: '#creatingTask',
      actions: [...withCreated, 'nameMailTask'],
    }),
  }) as const

/** The customer ended it while it was being looked for. */
const toEnd = [
  { guard: 'foundActiveToEnd', target: '#endingActive', actions: ['adoptFound', 'rememberEarlyEnd', ...appendAll] },
  { guard: 'foundInQueueToEnd', target: '#endingInQueue', actions: ['adoptFound', 'rememberEarlyEnd', ...appendAll] },
] as const
const endedEarly = {
  guard: 'endWaiting',
  target: '#closed',
  actions: ['rememberEarlyEnd', 'forgetWaiting', closedMessage],
} as const
const found = [
  { guard: 'foundActive', target: '#talking', actions: ['adoptFound', ...appendAll] },
  { guard: 'foundOnHold', target: '#onHold', actions: ['adoptFound', ...appendAll] },
  { guard: 'foundInQueue', target: '#queued', actions: ['adoptFound', ...appendAll] },
] as const
const reopened = { guard: 'foundClosedToReopen', target: '#reopening', actions: 'adoptFound' } as const
const left = {
  guard: 'foundWithAgentAndLeft',
  target: '#customerLeft',
  actions: ['adoptFound', ...appendAll, { type: 'announceText', params: { text: 'customerLeft' } }],
} as const

type Outcome = (typeof toEnd)[number] | (typeof found)[number] | typeof endedEarly | typeof reopened | typeof left

/** What each outcome leads to; without one, a conversation is created. */
function searching(outcomes: readonly Outcome[]) {
  return conversation.createStateConfig({
    id: 'searching',
    invoke: {
      id: 'searchConversation',
      src: 'searchConversation',
      onDone: [...outcomes, { target: '#creatingConversation' }],
      onError: searchFailed,
    },
    after: { askTimeout: searchFailed },
  })
}

const withReopened = ['beginReopened', ...appendAll] as const
const withCreated = ['adoptCreated', ...appendRest] as const
const endedReopened = {
  guard: 'endWaiting',
  target: '#closed',
  actions: ['beginReopened', 'rememberEarlyEnd', ...appendAll, closedMessage],
} as const
const endedCreated = {
  guard: 'endWaiting',
  target: '#closed',
  actions: ['adoptCreated', 'rememberEarlyEnd', ...appendRest, closedMessage],
} as const

type Reopened =
  | typeof endedReopened
  | { target: '#menu'; actions: typeof withReopened }
  | { target: '#creatingTask'; actions: readonly [...typeof withReopened, 'nameMailTask'] }
type Created =
  | typeof endedCreated
  | { target: '#menu' | '#preChatForm'; actions: typeof withCreated }
  | { target: '#creatingTask'; actions: readonly [...typeof withCreated, 'nameMailTask'] }

/** A1: the history stays with the conversation; when Engage will not, a new one is as good. */
function reopening(...onDone: Reopened[]) {
  return conversation.createStateConfig({
    id: 'reopening',
    invoke: {
      id: 'reopenConversation',
      src: 'reopenConversation',
      onDone,
      onError: { target: '#creatingConversation', actions: 'beginSession' },
    },
    after: { askTimeout: { target: '#creatingConversation', actions: 'beginSession' } },
  })
}

function creatingConversation(...onDone: Created[]) {
  return conversation.createStateConfig({
    id: 'creatingConversation',
    invoke: { id: 'createConversation', src: 'createConversation', onDone, onError: technicalIssue },
    after: { askTimeout: technicalIssue },
  })
}
