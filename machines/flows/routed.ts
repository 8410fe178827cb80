/**
 * ROUTED_Flow: an agent was found. The agent is added to the conversation (RO1, RO2: the conversation is the one the
 * task's user_DR_MediaResourceID names, checked by `mine`), then the customer is told (RO3, A18). An agent who cannot be
 * added yet is asked for again after 5, 15 and 45 s, then people are alerted; the task stays (A19).
 * Hears task.routed; asks to add a participant.
 */
import type { Channel } from '../events.ts'
import { conversation } from '../setup.ts'

export const onTaskRouted = [
  { guard: 'minePresentAgent', target: '#addingAgent', actions: ['learnTask', 'meetAgent'] },
] as const

/** While an agent is there: another one replaces them (E58), the same one again changes nothing (E57). */
export const onRoutedAgain = [
  { guard: 'mineOtherAgent', target: '#addingAgent', actions: ['learnTask', 'meetAgent'] },
  { guard: 'mine', actions: 'learnTask' },
] as const

/** Where the conversation goes once the agent is in; a chat whose window was closed meanwhile waits for the wrap-up. */
const arrived = {
  sms: [] as const,
  email: [] as const,
  'live-chat': [{ guard: 'customerGone', target: '#customerLeft' }] as const,
}

export const addingAgent = (channel: Channel) =>
  conversation.createStateConfig({
    id: 'addingAgent',
    initial: 'asking',
    states: {
      asking: {
        id: 'askingToAdd',
        entry: 'countAddAttempt',
        invoke: {
          id: 'addParticipant',
          src: 'addParticipant',
          onDone: [
            ...arrived[channel],
            { target: '#talking', actions: { type: 'notify', params: { text: 'RoutedMessage' } } },
          ],
          onError: [
            { guard: 'addAgain', target: 'pausing' },
            { target: '#talking', actions: agentMissing() },
          ],
        },
        after: {
          askTimeout: [
            { guard: 'addAgain', target: 'pausing' },
            { target: '#talking', actions: agentMissing() },
          ],
        },
      },
      pausing: { id: 'pausingToAdd', after: { addAgentAgain: 'asking' } },
    },
  })

function agentMissing() {
  return [
    { type: 'announce', params: { text: 'The assigned agent could not be added to this conversation.' } },
    { type: 'alert', params: { code: 'agent-not-added' } },
  ] as const
}
