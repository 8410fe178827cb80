/**
 * The task is being created (SM6, LC6). Shared by the inbound flows. Webhooks may overtake the answer and prove that the
 * task exists (E35, E36); a customer who leaves meanwhile has it ended as soon as it exists (E33). Failing for good, the
 * customer is told in the words that fit, and the conversation closes (CONTRACTS 6a).
 */
import type { Channel } from './events.ts'
import { onThreadClosedEarly, onThreadClosedWhileCreating } from './flows/live-chat-customer-abandon-close.ts'
import { conversation } from './setup.ts'

const say = <Text extends string>(text: Text) => ({ type: 'sendText', params: { text } }) as const
const taskFailed = { target: '#closed', actions: ['giveUpTask', say('errorTechnicalIssue')] } as const
const taskNotNeeded = { target: '#closed', actions: ['giveUpTask', say('ClosedMessage')] } as const
/** A webhook proves that the task exists before the answer to create task says so (E36, A45). */
const proven = ['learnTask', 'updateConversation'] as const

/** What the customer reads when the far side answers 429 to the end (LC16, CONTRACTS 6a). */
const slowDown = {
  sms: 'errorServiceNotAvailable',
  email: 'errorServiceNotAvailable',
  'live-chat': 'err_msg_toomanyrequests',
} as const

export const creatingTask = (channel: Channel) =>
  conversation.createStateConfig({
    id: 'creatingTask',
    initial: 'wanted',
    invoke: {
      id: 'createTask',
      src: 'createTask',
      onDone: { target: '#created', actions: 'updateConversation' },
      onError: [
        { guard: 'tooManyRequests', target: '#closed', actions: ['giveUpTask', say(slowDown[channel])] },
        { guard: 'serviceNotAvailable', target: '#closed', actions: ['giveUpTask', say('errorServiceNotAvailable')] },
        taskFailed,
      ],
    },
    after: { askTimeout: taskFailed },
    on: {
      'message.received': [...(channel === 'email' ? [] : [endsEarly]), { actions: ['learnThread', 'relayMessage'] }],
      ...(channel === 'live-chat' ? { 'thread.closed': onThreadClosedWhileCreating } : {}),
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
        actions: [...proven, 'notifyClosed'],
      },
    },
    states: { wanted: {}, ...(channel === 'email' ? {} : { unwanted: unwanted(channel) }) },
  })

const endsEarly = {
  guard: 'endPhrase',
  target: '.unwanted',
  actions: ['learnThread', 'relayMessage', 'rememberEnd'],
} as const

/** E33: ended while it was being created; the task is ended as soon as it exists. A mail never ends it. */
const unwanted = (channel: 'sms' | 'live-chat') =>
  conversation.createStateConfig({
    on: {
      'xstate.done.actor.createTask': '#endingInQueue',
      'xstate.error.actor.createTask': taskNotNeeded,
      'xstate.after.askTimeout.creatingTask': taskNotNeeded,
      'task.created': { guard: 'mine', target: '#endingInQueue', actions: 'learnTask' },
      'task.queued': { guard: 'mine', target: '#endingInQueue', actions: 'learnTask' },
      'task.routed': { guard: 'mine', target: '#endingActive', actions: ['learnTask', 'meetAgent'] },
      'task.transferred': { guard: 'mine', target: '#endingInQueue', actions: 'learnTask' },
      'message.received': [{ guard: 'beginsNothing' }, { actions: 'keepWaiting' }],
      ...(channel === 'live-chat' ? { 'thread.closed': onThreadClosedEarly } : {}),
    },
  })
