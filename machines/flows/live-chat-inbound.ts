/**
 * Live_Chat_Inbound_Flow: from the first line in the chat window to a task in the queue (LC1-LC17). Searches when the
 * actor has no record of its own, appends to what exists (LC3), else creates the conversation (LC4, A12), sends the
 * pre-chat form (LC5), and creates the task the form asks for (LC6).
 * Hears message.received, form.submitted, thread.closed and, early, webhooks; asks to search, create, create the task.
 */

import { creatingTask } from '../creating-task.ts'
import { findingChat } from '../finding-conversation.ts'
import { conversation } from '../setup.ts'
import { onThreadClosedBeforeTask, onThreadClosedEarly } from './live-chat-customer-abandon-close.ts'

export const liveChatInbound = conversation.createStateConfig({
  id: 'noConversation',
  initial: 'idle',
  on: { 'message.received': { actions: ['learnThread', 'keepWaiting'] }, 'thread.closed': onThreadClosedEarly },
  states: {
    idle: {
      id: 'idle',
      on: {
        'message.received': { target: 'searching', actions: ['learnThread', 'keepWaiting'] },
        'thread.closed': {},
      },
    },
    ...findingChat(),

    preChatForm: {
      id: 'preChatForm',
      entry: ['sendForm', 'countForm'],
      on: {
        'form.submitted': { target: 'creatingTask', actions: ['relayForm', 'rememberForm', 'nameTask'] },
        /** A11: what is written beside the form is kept, and the form is shown once more. */
        'message.received': [
          {
            guard: 'endPhrase',
            target: '#closed',
            actions: ['learnThread', 'relayMessage', { type: 'sendText', params: { text: 'ClosedMessage' } }],
          },
          { guard: 'formShownOnce', actions: ['learnThread', 'relayMessage', 'sendForm', 'countForm'] },
          { actions: ['learnThread', 'relayMessage'] },
        ],
        'thread.closed': onThreadClosedBeforeTask,
      },
      /** A10: silently, with a note for whoever reads the transcript. */
      after: {
        formTimeout: {
          target: '#closed',
          actions: { type: 'announce', params: { text: 'The customer did not answer the form in time.' } },
        },
      },
    },

    creatingTask: creatingTask('live-chat'),
  },
})
