/**
 * CLOSED_Webhook_for_Web_Callback_Flow: the three kinds of CLOSED of a chat that became a callback, told apart by the
 * task's id first (A25). The chat ended on chat: the ordinary CLOSED flow (CC1). The chat was cancelled for the callback:
 * its conversation is closed and the customer told that the callback is placed (CC2). The callback's own: an agent was
 * found and the phone rings, or nobody was, or the customer gave up (CC3, A26).
 * Hears task.closed; asks to close the chat's conversation.
 */

/** CC2: told, closed, remembered as closed. */
export const chatOver = ['closeChatForCallback', 'markChatOver'] as const

const agentFound = {
  guard: 'mineAgentFound',
  target: '#closed',
  actions: ['learnTask', { type: 'notify', params: { text: 'WebCallbackAgentFound' } }],
} as const
const cancelled = {
  target: '#closed',
  actions: ['learnTask', 'notifyClosed'],
} as const

/** While the callback is under way. Messages go to the window the customer began in (CC4). */
export const onTaskClosedOfCallback = [
  { guard: 'chatTaskFirst', actions: chatOver },
  agentFound,
  { guard: 'mineAbandoned', ...cancelled },
  {
    guard: 'mine',
    target: '#closed',
    actions: ['learnTask', { type: 'notify', params: { text: 'errorCallbackFailed' } }],
  },
] as const

/**
 * While the customer's "End Conversation" ends the callback: it is over whatever the disposition, unless an agent was
 * faster. The chat's own CLOSED no longer says that a callback is placed; its conversation closes with everything (E88).
 */
export const onTaskClosedOfUnwantedCallback = [agentFound, { guard: 'mine', ...cancelled }, {}] as const
