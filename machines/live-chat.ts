/**
 * The machine of a live chat asset without callback: Live_Chat_Inbound, Live_Chat_Customer_Abandon_Close and the five
 * webhook flows, composed. Bump `version` with every change of shape (T8).
 */
import { activeChat } from './active.ts'
import { alwaysHeard } from './always-heard.ts'
import { initialContext } from './context.ts'
import { closedChat } from './flows/closed.ts'
import { liveChatInbound } from './flows/live-chat-inbound.ts'
import { inQueueOfChat } from './in-queue.ts'
import { conversation } from './setup.ts'

export const liveChat = conversation.createMachine({
  id: 'live-chat',
  version: '2',
  context: initialContext,
  initial: 'noConversation',
  options: { maxIterations: 100 },
  on: alwaysHeard,
  states: { noConversation: liveChatInbound, inQueue: inQueueOfChat, active: activeChat, closed: closedChat },
})
