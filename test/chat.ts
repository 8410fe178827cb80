/**
 * The steps that most stories about live chat begin with, with and without callback, and what they say.
 */
import type { Asset } from '../machines/policy.ts'
import { taskIdOf } from '../machines/task-id.ts'
import { actor, driveOn, type Line, type Step } from './drive.ts'
import { callbackLine, chatLine } from './lines.ts'
import { bot, type Story, stories } from './story.ts'

export { callbackLine, chatAddress, chatLine } from './lines.ts'

/** The first task of a chat, and the one that takes its place when the customer is called instead. */
export const chatTask = taskIdOf(actor, 1)
export const callbackTask = taskIdOf(actor, 2)

export const answers = { Name: 'Ana Ruiz', Email: 'ana.ruiz@example.test', Query: 'Insurance' }
export const answersWithPhone = { ...answers, Phone: '+1 (415) 555-0123' }

export const toForm: Step[] = [{ says: 'Hello' }, { answers: 'searchConversation' }, { answers: 'createConversation' }]
export const toChatTask: Step[] = [...toForm, { form: answersWithPhone }]
export const toChatCreated: Step[] = [...toChatTask, { answers: 'createTask' }]
export const toChatQueued: Step[] = [...toChatCreated, { task: 'created' }, { task: 'queued' }]
export const toChatTalking: Step[] = [...toChatQueued, { task: 'routed' }, { answers: 'addParticipant' }]
export const toChatTransferring: Step[] = [...toChatTalking, { task: 'transferred', scriptSelector: 'Support' }]
export const toChatRecreating: Step[] = [...toChatTransferring, { answers: 'removeParticipant' }]
export const toChatClosed: Step[] = [...toChatTalking, { task: 'closed' }, { answers: 'closeConversation' }]

export const toOffer: Step[] = [...toChatQueued, { timer: 'callbackThreshold' }]
export const toCancelling: Step[] = [...toOffer, { press: 'callback-yes' }]
export const toPlacing: Step[] = [...toCancelling, { answers: 'cancelChat' }]
export const toCallback: Step[] = [...toPlacing, { answers: 'placeCallback' }]

export const yes: Step = { press: 'callback-yes' }
export const no: Step = { press: 'callback-no' }
export const leaves: Step = { closes: 'T1' }
export const endsIt: Step = { says: 'End Conversation' }
/** CLOSED of the chat's task, once the callback has taken its place. */
export const chatTaskClosed: Step = { task: 'closed', taskId: chatTask, disposition: 'CD_TASK_CUSTOMER_ABANDON' }

export const form = ['send pre-chat-form: <preChatForm>']
export const offer = bot('callback-offer', '<CallbackOffer>')
export const pending = bot('callback-pending', '<CallbackPending>')

/** Stories that hold with and without callback (CB1). */
export function chats(about: string, list: Story[]): void {
  for (const line of [chatLine, callbackLine]) stories(`${line.machine}: ${about}`, list, line)
}

/** The payload of the last effect of that type; variables by name, since their order means nothing. */
export function payloadOf(
  line: Line,
  type: string,
  steps: Step[],
  context?: Asset['context'],
): Record<string, unknown> {
  const conversation = driveOn(line, {}, context)
  conversation.play(...steps)
  const effects = conversation.history.flatMap((trace) => trace.effects)
  const payload = effects.findLast((effect) => effect.type === type)!.payload as Record<string, unknown>
  const { variables } = payload as { variables?: { key: string; value: string }[] }
  if (!variables) return payload
  return { ...payload, variables: Object.fromEntries(variables.map(({ key, value }) => [key, value])) }
}
