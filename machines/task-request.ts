/**
 * The task a conversation asks for, by what it is: SMS, live chat, email, or the callback that takes a chat's place (flows.md
 * 2.3; seed l.38-55 for what every task carries). Pure.
 */
import type { Context } from './context.ts'
import type { TaskRequest, Variable } from './effects.ts'
import { mailVariables } from './mail-variables.ts'
import { taskVariables } from './task-variables.ts'

export function taskRequest(context: Context): TaskRequest {
  const { address } = context
  return {
    taskId: context.taskId,
    address,
    ...mediumOf(context),
    variables: taskVariables({
      actor: context.actor,
      conversationId: context.conversationId,
      customerName: context.customerName,
      configured: context.turn.asset.context,
      learned: carriedOver(context),
      own: ownVariables(context),
      scalarsOnly: isCallback(context),
    }),
  }
}

type Medium = Pick<TaskRequest, 'origin' | 'customerId' | 'mediaType' | 'mediaChannel' | 'scriptSelector'>

function mediumOf(context: Context): Medium {
  const { address, customerEmail, phone, scriptSelector } = context
  const customerId = customerEmail || address.customer
  if (isCallback(context)) {
    const selector = `${scriptSelector}_Callback`
    return {
      origin: phone,
      customerId,
      mediaType: 'Web Callback',
      mediaChannel: 'Web Callback',
      scriptSelector: selector,
    }
  }
  if (address.channel === 'live-chat') {
    const mediaChannel = 'Live Chat/In App Messaging'
    return { origin: address.customer, customerId, mediaType: 'Chat', mediaChannel, scriptSelector }
  }
  const customer = address.customer
  if (address.channel === 'email') {
    return { origin: customer, customerId: customer, mediaType: 'Email', mediaChannel: 'Email', scriptSelector }
  }
  return { origin: customer, customerId: customer, mediaType: 'Social', mediaChannel: 'SMS', scriptSelector }
}

/** The callback has taken the chat task's place (CB4). */
const isCallback = ({ chatTaskId }: Context): boolean => chatTaskId !== ''

/** What one of the two tasks alone is about: neither has the other's window, or was cancelled for it (CB8, A25, A31). */
const ofTheChat = new Set(['chatthreadid', 'iswebcallbackrequested'])
const ofTheCallback = new Set(['livechatuserid', 'livechatthreadid', 'livechatappid', 'iswebcallbackrequested'])

function carriedOver(context: Context): Context['learned'] {
  const left = isCallback(context) ? ofTheChat : ofTheCallback
  return Object.fromEntries(Object.entries(context.learned).filter(([key]) => !left.has(key.toLowerCase())))
}

function ownVariables(context: Context): Variable[] {
  if (isCallback(context)) return liveChatVariables(context)
  if (context.mail !== null) return mailVariables(context.mail)
  return context.address.channel === 'live-chat' ? [{ key: 'ChatThreadID', value: context.thread }] : []
}

/** Where the customer of a callback can be written to (CB8, CC4). */
export const liveChatVariables = ({ address, thread }: Context): Variable[] => [
  { key: 'LiveChatUserID', value: address.customer },
  { key: 'LiveChatThreadID', value: thread },
  { key: 'LiveChatAppID', value: address.asset },
]

export const threadOf = ({ thread }: Context): { thread?: string } => (thread === '' ? {} : { thread })
