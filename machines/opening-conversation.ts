/**
 * A new conversation in Engage that nobody has written in yet: the customer is welcomed again right after the end (A8), or
 * goes back into the queue after a callback that failed (A31). Unlike a conversation that is created for a message, it
 * carries none: whatever is written meanwhile is appended. `next` is where it goes on.
 */
import { conversation } from './setup.ts'

const appendAll = [{ type: 'relayWaiting', params: { first: 'append' } }, 'forgetWaiting'] as const
const say = <Text extends string>(text: Text) => ({ type: 'sendText', params: { text } }) as const
const technicalIssue = { target: '#closed', actions: ['forgetWaiting', say('errorTechnicalIssue')] } as const

export const openingConversation = <To extends '#menu' | '#creatingTask'>(next: To) =>
  conversation.createStateConfig({
    id: 'openingConversation',
    invoke: {
      id: 'openConversation',
      src: 'createConversation',
      onDone: [
        { guard: 'endWaiting', target: '#closed', actions: ['adoptCreated', ...appendAll, say('ClosedMessage')] },
        { target: next, actions: ['adoptCreated', ...appendAll] },
      ],
      onError: technicalIssue,
    },
    after: { askTimeout: technicalIssue },
  })
