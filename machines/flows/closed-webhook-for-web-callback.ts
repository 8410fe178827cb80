/**
 * CLOSED_Webhook_for_Web_Callback_Flow: the three kinds of CLOSED of a chat that became a callback, told apart by the
 * task's id first (A25). The chat ended on chat: the ordinary CLOSED flow (CC1). The chat was cancelled for the callback:
 * its conversation is closed and the customer told that the callback is placed (CC2). The callback's own: an agent was
 * found and the phone rings, or nobody was, or the customer gave up (CC3, A26).
 * Hears task.closed; asks to close the chat's conversation.
 */

/** CC2: told, closed, remembered as closed. */
export const chatOver = ['closeChatForCallback', 'markChatOver'] as const

/** While the callback is under way. Messages go to the window the customer began in (CC4). */
export const onTaskClosedOfCallback = [
  { guard: 'chatTaskFirst', actions: chatOver },
  {
    guard: 'mineAgentFound',
    target: '#closed',
    actions: ['learnTask', { type: 'notify', params: { text: 'WebCallbackAgentFound' } }],
  },
  {
    guard: 'mineAbandoned',
    target: '#closed',
    actions: ['learnTask', { type: 'notify', params: { text: 'ClosedMessage' } }],
  },
  {
    guard: 'mine',
    target: '#closed',
    actions: ['learnTask', { type: 'notify', params: { text: 'errorCallbackFailed' } }],
  },
] as const
