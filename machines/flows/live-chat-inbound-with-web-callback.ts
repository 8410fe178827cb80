/**
 * Live_Chat_Inbound_With_Web_Callback_Flow: live chat (CB1), and once the task has waited for the threshold, the customer
 * is asked once whether to be called instead (CB2, CB3, A13, A14). On yes the chat task is ended, then the callback task
 * is created with the phone number of the form, its own selector and media type (CB4-CB8). No or no answer: keep waiting
 * (CB10). Both failures have their own text (CB9); after the second the policy may put the chat back in line (A31).
 * Hears postback.received, task.* of both tasks; asks to end the chat task and to create the callback task.
 */
import { endingTask, heardWhileEnding } from '../ending.ts'
import { checkAgain } from '../reconcile.ts'
import { conversation } from '../setup.ts'
import { chatOver, onTaskClosedOfCallback, onTaskClosedOfUnwantedCallback } from './closed-webhook-for-web-callback.ts'

const say = <Text extends string>(text: Text) => ({ type: 'sendText', params: { text } }) as const

/** While the task waits: the threshold is over, and there is a number to call (A30). */
export const offerAfterThreshold = {
  callbackThreshold: { guard: 'mayOfferCallback', target: '#offeringCallback' },
} as const

/** The customer pressed yes or no, now or later, on the buttons of this task (E78, E79). */
export const onCallbackAnswer = [
  { guard: 'callbackAccepted', target: '#cancellingChat' },
  { guard: 'callbackDeclined', target: '#queued' },
] as const

/** Too late: an agent has the chat, or it is over; the chat goes on as it is (E76, E77). */
export const onCallbackAnswerWhileActive = { guard: 'callbackAccepted', actions: say('RoutedMessage') } as const
export const onCallbackAnswerWhenClosed = {
  guard: 'callbackAccepted',
  actions: { type: 'sendTextAlone', params: { text: 'ClosedMessage' } },
} as const

/** A child of `inQueue`: everything the queue hears is still heard. */
export const offeringCallback = conversation.createStateConfig({
  id: 'offeringCallback',
  entry: ['offerCallback', 'rememberOffer'],
  after: { reconcileAfter: { target: '#queued', actions: 'checkTask' } },
})

const endFailed = say('errorEndTaskFailed')
/** The chat goes on as if nothing had been asked: in the queue (E81), with the agent found meanwhile, or to its end (LX3). */
const chatGoesOn = [
  { guard: 'customerGone', target: '#endingInQueue' },
  { guard: 'agentFound', target: '#addingAgent', actions: endFailed },
  { target: '#queued', actions: endFailed },
] as const
const backToChat = [
  { type: 'sendText', params: { text: 'errorCallbackFailed', values: { next: 'chat' } } },
  'endTaskInDoubt',
  'returnToChat',
] as const
/** A31: told first; then it is over, or the chat is in line again, with a new conversation where its own is closed. */
const callbackFailed = [
  { guard: 'backToNewChat', target: '#openingConversation', actions: backToChat },
  { guard: 'backToChat', target: '#creatingTask', actions: backToChat },
  { target: '#closed', actions: ['giveUpTask', say('errorCallbackFailed')] },
] as const
const callbackNotNeeded = { target: '#closed', actions: ['giveUpTask', say('ClosedMessage')] } as const

/** What the queue says of the callback is told like what it says of a chat (CC5, A37). */
const onCallbackCreated = [
  {
    guard: 'mineAndNotTold',
    actions: ['learnTask', { type: 'notify', params: { text: 'CreatedMessage' } }, 'markCreatedTold'],
  },
  { guard: 'mine', actions: 'learnTask' },
] as const
const onCallbackQueued = [
  { guard: 'estimateToTell', actions: ['learnTask', 'notifyWait', 'rememberEstimate'] },
  { guard: 'mine', actions: ['learnTask', 'hearEstimate'] },
] as const

const unwantedProven = { guard: 'mine', target: '#endingCallback', actions: 'learnTask' } as const

export const callback = conversation.createStateConfig({
  id: 'callback',
  initial: 'cancellingChat',
  on: {
    /** A28: the callback stands; what is written meanwhile is answered. */
    'message.received': [
      { guard: 'endPhrase', target: '#endingCallback', actions: ['learnThread', 'relayMessage'] },
      { actions: ['learnThread', 'relayMessage', say('CallbackPending')] },
    ],
    /** A29: the customer leaves the page to answer the phone. */
    'thread.closed': { guard: 'customerLeaves', actions: 'leaveThread' },
    'task.created': onCallbackCreated,
    'task.queued': onCallbackQueued,
    'task.closed': onTaskClosedOfCallback,
    /** Yes twice is yes once (E78). */
    'postback.received': {},
  },
  states: {
    cancellingChat: {
      id: 'cancellingChat',
      on: {
        /** Still the chat's task: what the queue says of it no longer matters (E49). */
        'task.created': { guard: 'mine', actions: 'learnTask' },
        'task.queued': { guard: 'mine', actions: 'learnTask' },
        'task.routed': { guard: 'mine', actions: ['learnTask', 'meetAgent'] },
        /** A7: neither chat nor callback; the chat's task is ended once more, now for good. */
        'message.received': [
          { guard: 'endPhrase', target: '#endingInQueue', actions: ['learnThread', 'relayMessage'] },
          { actions: ['learnThread', 'relayMessage'] },
        ],
        /** CLOSED may overtake the answer to End Task: the chat is cancelled either way (E83, E86). */
        'task.closed': { guard: 'mine', target: 'placing', actions: ['nameCallback', ...chatOver] },
      },
      invoke: {
        id: 'cancelChat',
        src: 'endTask',
        onDone: { target: 'placing', actions: 'nameCallback' },
        onError: [{ guard: 'taskGone', target: 'placing', actions: 'nameCallback' }, ...chatGoesOn],
      },
      after: { askTimeout: chatGoesOn },
    },
    placing: {
      id: 'placing',
      initial: 'wanted',
      invoke: { id: 'placeCallback', src: 'createTask', onDone: 'waiting', onError: callbackFailed },
      after: { askTimeout: callbackFailed },
      on: {
        'message.received': [
          { guard: 'endPhrase', target: '.unwanted', actions: ['learnThread', 'relayMessage'] },
          { actions: ['learnThread', 'relayMessage', say('CallbackPending')] },
        ],
        /** A webhook proves that the callback exists before the answer says so (E35, E36). */
        'task.created': onCallbackCreated.map((transition) => ({ ...transition, target: 'waiting' })),
        'task.queued': onCallbackQueued.map((transition) => ({ ...transition, target: 'waiting' })),
        'task.routed': { guard: 'mine', target: 'waiting', actions: 'learnTask' },
      },
      states: {
        wanted: {},
        /** E33: cancelled while it was being placed; it is ended as soon as it exists. */
        unwanted: {
          on: {
            'xstate.done.actor.placeCallback': '#endingCallback',
            'xstate.error.actor.placeCallback': callbackNotNeeded,
            'xstate.after.askTimeout.placing': callbackNotNeeded,
            'task.created': unwantedProven,
            'task.queued': unwantedProven,
            'task.routed': unwantedProven,
            'task.transferred': unwantedProven,
            'task.closed': onTaskClosedOfUnwantedCallback,
            'message.received': heardWhileEnding['message.received'],
          },
        },
      },
    },
    waiting: { id: 'waiting', after: checkAgain('#waiting') },
    ending: {
      id: 'endingCallback',
      initial: 'askingEnd',
      on: { ...heardWhileEnding, 'task.closed': onTaskClosedOfUnwantedCallback },
      states: endingTask('endingCallback'),
    },
  },
})
