/**
 * The machine of a live chat asset with callback: everything of live chat, and a chat that waits too long may become a
 * call (Live_Chat_Inbound_With_Web_Callback with CLOSED_Webhook_for_Web_Callback, CB11). Bump `version` with every change
 * of shape (T8).
 */
import { activeChat } from './active.ts'
import { alwaysHeard } from './always-heard.ts'
import { initialContext } from './context.ts'
import { closedChat } from './flows/closed.ts'
import { liveChatInbound } from './flows/live-chat-inbound.ts'
import {
  callback,
  onCallbackAnswerWhenClosed,
  onCallbackAnswerWhileActive,
} from './flows/live-chat-inbound-with-web-callback.ts'
import { inQueueWithCallback } from './in-queue.ts'
import { openingConversation } from './opening-conversation.ts'
import { conversation } from './setup.ts'

export const liveChatWithWebCallback = conversation.createMachine({
  id: 'live-chat-with-web-callback',
  version: '2',
  context: initialContext,
  initial: 'noConversation',
  options: { maxIterations: 100 },
  on: alwaysHeard,
  states: {
    noConversation: {
      ...liveChatInbound,
      states: { ...liveChatInbound.states, openingConversation: openingConversation('#creatingTask') },
    },
    inQueue: inQueueWithCallback,
    active: { ...activeChat, on: { ...activeChat.on, 'postback.received': onCallbackAnswerWhileActive } },
    callback,
    closed: { ...closedChat, on: { ...closedChat.on, 'postback.received': onCallbackAnswerWhenClosed } },
  },
})
