/**
 * SMS_Inbound_Flow: from the first text to a task in the queue (SM1-SM18). Searches Engage when the actor has no record
 * of its own, honours all five outcomes, creates the conversation, offers the menu, creates the task, and writes the
 * task's id into the conversation. "End Conversation" ends it in every state (A7).
 * Hears message.received and, early, webhooks; asks to search, create, reopen, create the task.
 */
import { creatingTask } from '../creating-task.ts'
import { findingConversation } from '../finding-conversation.ts'
import { openingConversation } from '../opening-conversation.ts'
import { conversation } from '../setup.ts'

const sayClosed = { type: 'sendText', params: { text: 'ClosedMessage' } } as const

export const smsInbound = conversation.createStateConfig({
  id: 'noConversation',
  initial: 'idle',
  /** Whatever comes before there is a conversation waits for it, in order (E1, E24). */
  on: { 'message.received': { actions: 'keepWaiting' } },
  states: {
    idle: { id: 'idle', on: { 'message.received': { target: 'searching', actions: 'keepWaiting' } } },
    ...findingConversation(),
    openingConversation: openingConversation('#menu'),

    menu: {
      id: 'menu',
      entry: 'sendWelcome',
      on: {
        'message.received': [
          { guard: 'endPhrase', target: '#closed', actions: ['relayMessage', 'rememberEnd', sayClosed] },
          { guard: 'notReadable', actions: ['relayMessage', 'repeatMenu'] },
          { guard: 'menuChoice', target: 'creatingTask', actions: ['relayMessage', 'chooseOption'] },
          { guard: 'lastWrongAnswerChooses', target: 'creatingTask', actions: ['relayMessage', 'chooseDefault'] },
          { guard: 'lastWrongAnswer', target: '#closed', actions: ['relayMessage', sayClosed] },
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

    creatingTask: creatingTask('sms'),
  },
})
