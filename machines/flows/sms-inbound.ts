/**
 * SMS_Inbound_Flow: from the first text to a task in the queue (SM1-SM18). Searches Engage when the actor has no record
 * of its own, honours all five outcomes, creates the conversation, offers the menu, creates the task, and writes the
 * task's id into the conversation. "End Conversation" ends it in every state (A7).
 * Hears message.received and, early, webhooks; asks to search, create, reopen, create the task.
 */
import { conversation } from '../setup.ts'

const say = (text: 'ClosedMessage' | 'errorTechnicalIssue' | 'errorServiceNotAvailable') =>
  ({ type: 'sendText', params: { text } }) as const
const appendAll = [{ type: 'relayWaiting', params: { first: 'append' } }, 'forgetWaiting'] as const
const appendRest = [{ type: 'relayWaiting', params: { first: 'alreadyThere' } }, 'forgetWaiting'] as const
const technicalIssue = { target: '#closed', actions: ['forgetWaiting', say('errorTechnicalIssue')] } as const
const taskFailed = { target: '#closed', actions: ['giveUpTask', say('errorTechnicalIssue')] } as const
const taskNotNeeded = { target: '#closed', actions: ['giveUpTask', say('ClosedMessage')] } as const
/** Nothing is known of the customer then, so the next text is searched for again (SM1-SM3). */
const searchFailed = { ...technicalIssue, target: '#archived' } as const

/** A webhook proves that the task exists before the answer to create task says so (E36, A45). */
const proven = ['learnTask', 'updateConversation'] as const

export const smsInbound = conversation.createStateConfig({
  id: 'noConversation',
  initial: 'idle',
  /** Whatever comes before there is a conversation waits for it, in order (E1, E24). */
  on: { 'message.received': { actions: 'keepWaiting' } },
  states: {
    idle: { id: 'idle', on: { 'message.received': { target: 'searching', actions: 'keepWaiting' } } },

    searching: {
      id: 'searching',
      invoke: {
        id: 'searchConversation',
        src: 'searchConversation',
        onDone: [
          { guard: 'foundActiveToEnd', target: '#endingActive', actions: ['adoptFound', ...appendAll] },
          { guard: 'foundInQueueToEnd', target: '#endingInQueue', actions: ['adoptFound', ...appendAll] },
          { guard: 'foundActive', target: '#talking', actions: ['adoptFound', ...appendAll] },
          { guard: 'foundOnHold', target: '#onHold', actions: ['adoptFound', ...appendAll] },
          { guard: 'foundInQueue', target: '#queued', actions: ['adoptFound', ...appendAll] },
          { guard: 'endPhraseWaiting', target: '#closed', actions: ['forgetWaiting', say('ClosedMessage')] },
          { guard: 'foundClosedToReopen', target: 'reopening', actions: 'adoptFound' },
          { target: 'creatingConversation' },
        ],
        onError: searchFailed,
      },
      after: { askTimeout: searchFailed },
    },

    /** A1: the history stays with the conversation; when Engage will not, a new one is as good. */
    reopening: {
      id: 'reopening',
      invoke: {
        id: 'reopenConversation',
        src: 'reopenConversation',
        onDone: [
          {
            guard: 'endPhraseWaiting',
            target: '#closed',
            actions: ['beginReopened', ...appendAll, say('ClosedMessage')],
          },
          { target: 'menu', actions: ['beginReopened', ...appendAll] },
        ],
        onError: { target: 'creatingConversation', actions: 'beginSession' },
      },
      after: { askTimeout: { target: 'creatingConversation', actions: 'beginSession' } },
    },

    creatingConversation: {
      id: 'creatingConversation',
      invoke: {
        id: 'createConversation',
        src: 'createConversation',
        onDone: [
          {
            guard: 'endPhraseWaiting',
            target: '#closed',
            actions: ['adoptCreated', ...appendRest, say('ClosedMessage')],
          },
          { target: 'menu', actions: ['adoptCreated', ...appendRest] },
        ],
        onError: technicalIssue,
      },
      after: { askTimeout: technicalIssue },
    },

    menu: {
      id: 'menu',
      entry: 'sendWelcome',
      on: {
        'message.received': [
          { guard: 'endPhrase', target: '#closed', actions: ['relayMessage', say('ClosedMessage')] },
          { guard: 'notReadable', actions: ['relayMessage', 'repeatMenu'] },
          { guard: 'menuChoice', target: 'creatingTask', actions: ['relayMessage', 'chooseOption'] },
          { guard: 'lastWrongAnswer', target: '#closed', actions: ['relayMessage', say('ClosedMessage')] },
          { actions: ['relayMessage', 'countWrongAnswer', 'sendMenuAgain'] },
        ],
      },
      /** A10: silently, with a note for whoever reads the transcript. */
      after: {
        menuTimeout: {
          target: '#closed',
          actions: { type: 'announce', params: { text: 'The customer did not choose a service in time.' } },
        },
      },
    },

    creatingTask: {
      id: 'creatingTask',
      initial: 'wanted',
      invoke: {
        id: 'createTask',
        src: 'createTask',
        onDone: { target: '#created', actions: 'updateConversation' },
        onError: [
          {
            guard: 'serviceNotAvailable',
            target: '#closed',
            actions: ['giveUpTask', say('errorServiceNotAvailable')],
          },
          taskFailed,
        ],
      },
      after: { askTimeout: taskFailed },
      on: {
        'message.received': [
          { guard: 'endPhrase', target: '.unwanted', actions: 'relayMessage' },
          { actions: 'relayMessage' },
        ],
        'task.created': {
          guard: 'mine',
          target: '#created',
          actions: [...proven, { type: 'notify', params: { text: 'CreatedMessage' } }, 'markCreatedTold'],
        },
        'task.queued': [
          { guard: 'estimateToTell', target: '#queued', actions: [...proven, 'notifyWait', 'rememberEstimate'] },
          { guard: 'mine', target: '#queued', actions: proven },
        ],
        'task.routed': { guard: 'mine', target: '#addingAgent', actions: [...proven, 'meetAgent'] },
        'task.transferred': { guard: 'mine', target: '#transferring', actions: [...proven, 'beginTransfer'] },
        'task.closed': {
          guard: 'mine',
          target: '#closed',
          actions: [...proven, { type: 'notify', params: { text: 'ClosedMessage' } }],
        },
      },
      states: {
        wanted: {},
        /** E33: the customer ended it while the task was being created; it is ended as soon as it exists. */
        unwanted: {
          on: {
            'xstate.done.actor.createTask': '#endingInQueue',
            'xstate.error.actor.createTask': taskNotNeeded,
            'xstate.after.askTimeout.creatingTask': taskNotNeeded,
            'task.created': { guard: 'mine', target: '#endingInQueue', actions: 'learnTask' },
            'task.queued': { guard: 'mine', target: '#endingInQueue', actions: 'learnTask' },
            'task.routed': { guard: 'mine', target: '#endingActive', actions: ['learnTask', 'meetAgent'] },
            'task.transferred': { guard: 'mine', target: '#endingInQueue', actions: 'learnTask' },
            'message.received': [{ guard: 'endPhrase' }, { actions: 'keepWaiting' }],
          },
        },
      },
    },
  },
})
