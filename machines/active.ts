/**
 * The top-level state `active`: an agent has the task. Composed from the ROUTED flow; estimates no longer matter (E46),
 * a late CREATED is only remembered (E35), another ROUTED brings another agent (E58).
 */
import { endingState } from './ending.ts'
import { onTaskClosed } from './flows/closed.ts'
import { addingAgent, onRoutedAgain } from './flows/routed.ts'
import { onTaskTransferred } from './flows/transferred.ts'
import { conversation } from './setup.ts'

const end = { guard: 'endPhrase', target: '#endingActive', actions: 'relayMessage' } as const

export const active = conversation.createStateConfig({
  id: 'active',
  initial: 'addingAgent',
  on: {
    'message.received': [end, { actions: 'relayMessage' }],
    'task.created': { guard: 'mine', actions: 'learnTask' },
    'task.queued': { guard: 'mine', actions: 'learnTask' },
    'task.routed': onRoutedAgain,
    'task.transferred': onTaskTransferred,
    'task.closed': onTaskClosed,
  },
  states: {
    addingAgent,
    talking: {
      id: 'talking',
      /** Every message starts the idle time anew; with no idle time-out nothing is armed. */
      on: { 'message.received': [end, { target: '#talking', reenter: true, actions: 'relayMessage' }] },
      after: { idleTimeout: '#endingActive' },
    },
    /** Engage may report it for an adopted conversation; treated as active (A36). */
    onHold: { id: 'onHold' },
    ending: endingState('endingActive'),
  },
})
