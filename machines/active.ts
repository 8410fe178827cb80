/**
 * The top-level state `active`: an agent has the task. Composed from the ROUTED flow; estimates no longer matter (E46),
 * a late CREATED is only remembered (E35), another ROUTED brings another agent (E58).
 */
import { endingState } from './ending.ts'
import { onTaskClosed } from './flows/closed.ts'
import { onThreadClosedWhileAdding, onThreadClosedWhileTalking } from './flows/live-chat-customer-abandon-close.ts'
import { addingAgent, onRoutedAgain } from './flows/routed.ts'
import { onTaskTransferred } from './flows/transferred.ts'
import { checkAgain, checkWhileTalking } from './reconcile.ts'
import { conversation } from './setup.ts'

const end = {
  guard: 'endPhrase',
  target: '#endingActive',
  actions: ['learnThread', 'relayMessage', 'rememberEnd'],
} as const
const relay = { actions: ['learnThread', 'relayMessage'] } as const

const heard = {
  'message.received': [end, relay],
  'task.created': { guard: 'mine', actions: 'learnTask' },
  'task.queued': { guard: 'mine', actions: 'learnTask' },
  'task.routed': onRoutedAgain,
  'task.transferred': onTaskTransferred,
  'task.closed': onTaskClosed,
} as const

/** Every message starts the idle time anew; with no idle time-out nothing is armed. */
const talking = {
  on: { 'message.received': [end, { ...relay, target: '#talking', reenter: true }] },
  after: { idleTimeout: '#endingActive', ...checkWhileTalking('#talking') },
} as const

const others = {
  /** Engage may report it for an adopted conversation; treated as active (A36). */
  onHold: { id: 'onHold', after: checkAgain('#onHold') },
  ending: endingState('endingActive'),
}

export const active = conversation.createStateConfig({
  id: 'active',
  initial: 'addingAgent',
  on: heard,
  states: { addingAgent: addingAgent('sms'), talking: { id: 'talking', ...talking }, ...others },
})

/** A mail never ends it (A7); an idle time-out does. */
export const activeMail = conversation.createStateConfig({
  id: 'active',
  initial: 'addingAgent',
  on: { ...heard, 'message.received': relay },
  states: {
    addingAgent: addingAgent('email'),
    talking: {
      id: 'talking',
      ...talking,
      on: { 'message.received': { ...relay, target: '#talking', reenter: true } },
    },
    ...others,
  },
})

/** With a window that can be closed: the agent is told, and the task is theirs to complete (LX2). */
export const activeChat = conversation.createStateConfig({
  id: 'active',
  initial: 'addingAgent',
  on: { ...heard, 'thread.closed': onThreadClosedWhileAdding },
  states: {
    addingAgent: addingAgent('live-chat'),
    talking: { id: 'talking', ...talking, on: { ...talking.on, 'thread.closed': onThreadClosedWhileTalking } },
    /** The customer may come back in a new window before the agent is done. */
    customerLeft: {
      id: 'customerLeft',
      on: { 'message.received': [end, { ...relay, target: '#talking' }] },
      after: { idleTimeout: '#endingActive', ...checkWhileTalking('#customerLeft') },
    },
    ...others,
  },
})
