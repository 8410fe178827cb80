/**
 * One way into every state that a conversation can be found in, by machine, for tests that hold in every state.
 * `decide.test.ts` checks that none is missing.
 */
import {
  chatTaskClosed,
  endsIt as end,
  leaves,
  toCallback,
  toCancelling,
  toChatClosed,
  toChatCreated,
  toChatQueued,
  toChatRecreating,
  toChatTalking,
  toChatTask,
  toChatTransferring,
  toForm,
  toOffer,
  toPlacing,
} from './chat.ts'
import {
  type Drive,
  driveOn,
  type Step,
  toClosed,
  toCreated,
  toMenu,
  toQueued,
  toRecreating,
  toTalking,
  toTask,
  toTransferring,
} from './drive.ts'
import { everyWait, lineOf } from './lines.ts'
import { toMailClosed, toMailCreated, toMailQueued, toMailTalking, toMailTask, toMailTransferring } from './mail.ts'

type Ways = Record<string, Step[]>

const adopt = (outcome: string): Step[] => [
  { says: 'Hi' },
  { answers: 'searchConversation', with: { outcome, conversationId: 'ELSEWHERE1' } },
]

const before: Ways = {
  /** Hardly ever stored: a first event that is no message. */
  'noConversation.idle': [{ receipt: 'Delivered' }],
  'noConversation.searching': [{ says: 'Hi' }],
  'noConversation.creatingConversation': toMenu.slice(0, 2),
}

interface Reached {
  task: Step[]
  created: Step[]
  queued: Step[]
  transferring: Step[]
  recreating: Step[]
  talking: Step[]
  closed: Step[]
}

/** The ways that a task brings; every channel has them. */
const withTask = ({ task, created, queued, transferring, recreating, talking, closed }: Reached): Ways => {
  const failedTransfer: Step[] = [...recreating, { fails: 'recreateTask' }]
  return {
    'noConversation.creatingTask.wanted': task,
    'noConversation.creatingTask.unwanted': [...task, end],
    'inQueue.created': created,
    'inQueue.queued': queued,
    'inQueue.transferring.removingAgent': transferring,
    'inQueue.transferring.recreatingTask': recreating,
    'inQueue.transferFailed.askingEnd': failedTransfer,
    'inQueue.transferFailed.awaitingClosed': [...failedTransfer, { answers: 'endTask' }],
    'inQueue.ending.awaitingTaskId': [...adopt('conversationInQueue'), end],
    'inQueue.ending.askingEnd': [...queued, end],
    'inQueue.ending.awaitingClosed': [...queued, end, { answers: 'endTask' }],
    'active.addingAgent.asking': [...queued, { task: 'routed' }],
    'active.addingAgent.pausing': [...queued, { task: 'routed' }, { fails: 'addParticipant' }],
    'active.talking': talking,
    'active.onHold': adopt('conversationOnHold'),
    'active.ending.awaitingTaskId': [...adopt('conversationActive'), end],
    'active.ending.askingEnd': [...talking, end],
    'active.ending.awaitingClosed': [...talking, end, { answers: 'endTask' }],
    'closed.closingConversation': [...talking, { task: 'closed' }],
    'closed.resting': closed,
    'closed.searchFailed': [{ says: 'Hi' }, { fails: 'searchConversation' }],
    'closed.archived': [...closed, { timer: 'retention' }],
  }
}

const sms: Ways = {
  ...before,
  'noConversation.reopening': [...toClosed, { says: 'Hi' }],
  'noConversation.openingConversation': [...toMenu, end, { answers: 'closeConversation' }],
  'noConversation.menu': toMenu,
  ...withTask({
    task: toTask,
    created: toCreated,
    queued: toQueued,
    transferring: toTransferring,
    recreating: toRecreating,
    talking: toTalking,
    closed: toClosed,
  }),
}

const chat: Ways = {
  ...before,
  'noConversation.preChatForm': toForm,
  ...withTask({
    task: toChatTask,
    created: toChatCreated,
    queued: toChatQueued,
    transferring: toChatTransferring,
    recreating: toChatRecreating,
    talking: toChatTalking,
    closed: toChatClosed,
  }),
  'active.customerLeft': [...toChatTalking, leaves],
}

const callback: Ways = {
  ...chat,
  'noConversation.openingConversation': [...toPlacing, chatTaskClosed, { fails: 'placeCallback' }],
  'inQueue.offeringCallback': toOffer,
  'callback.cancellingChat': toCancelling,
  'callback.placing.wanted': toPlacing,
  'callback.placing.unwanted': [...toPlacing, end],
  'callback.waiting': toCallback,
  'callback.ending.askingEnd': [...toCallback, end],
  'callback.ending.awaitingClosed': [...toCallback, end, { answers: 'endTask' }],
}

/** "End Conversation" ends nothing by mail: what it leads to elsewhere is not there, or begins with the idle time-out. */
const { 'noConversation.creatingTask.unwanted': _unwanted, ...byMail } = withTask({
  task: toMailTask,
  created: toMailCreated,
  queued: toMailQueued,
  transferring: toMailTransferring,
  recreating: [...toMailTransferring, { answers: 'removeParticipant' }],
  talking: toMailTalking,
  closed: toMailClosed,
})
const idle: Step = { timer: 'idleTimeout' }
const mail: Ways = {
  ...before,
  'noConversation.reopening': [...toMailClosed, { says: 'Hi' }],
  ...Object.fromEntries(Object.entries(byMail).filter(([state]) => !state.startsWith('inQueue.ending.'))),
  'active.ending.awaitingTaskId': [...adopt('conversationActive'), idle],
  'active.ending.askingEnd': [...toMailTalking, idle],
  'active.ending.awaitingClosed': [...toMailTalking, idle, { answers: 'endTask' }],
}

const ways: Record<string, Ways> = {
  sms,
  'live-chat': chat,
  'live-chat-with-web-callback': callback,
  email: mail,
}

/** The ways into the states of one machine; a machine that is not listed has none. */
export const waysInto = (machine: string): Ways => ways[machine] ?? {}

/** A conversation in that state, with no step played since. */
export function driveInto(state: string, machine = 'sms'): Drive {
  const conversation = driveOn(lineOf(machine), everyWait)
  conversation.play(...waysInto(machine)[state]!)
  return conversation
}
