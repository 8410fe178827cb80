/**
 * What a rule asks of what came in: whose task a webhook is about, how old it is, what a message means. Each with the item
 * of flows.md that it is from.
 */
import type { ConversationEvent } from '../../../machines/events.ts'
import { type Case, type Message, newTask } from './case.ts'

/** What came in, by the words that rules use. */
export type On =
  | 'message'
  | 'form'
  | 'button'
  | 'window closed'
  | 'CREATED'
  | 'QUEUED'
  | 'ROUTED'
  | 'TRANSFERRED'
  | 'CLOSED'
  | 'lost'
  | 'answered'
  | 'failed'
  | 'due'

type Task = Extract<ConversationEvent, { taskId: string }>
export interface Heard {
  on: On
  message: Message
  form: Extract<ConversationEvent, { type: 'form.submitted' }>
  button: Extract<ConversationEvent, { type: 'postback.received' }>
  thread?: string | undefined
  task: Pick<Task, 'taskId' | 'mediaResourceId' | 'at'> & {
    agentId: string
    scriptSelector?: string | null
    estimatedWaitSeconds: number | null
    disposition: string
  }
  lost: { effect: string; direction?: string | undefined }
  output: Record<string, string>
  code: string
  due: string
}
export type When = (c: Case, heard: Heard) => boolean

const collapsed = (text: string): string => text.toLowerCase().replace(/\s+/g, ' ').trim()

/** A7, SM9: the phrase stands anywhere in the text; a mail may quote it and ends nothing. */
const endsIn = (c: Case, text: string): boolean =>
  c.channel !== 'email' && c.policy.endPhrases.some((phrase) => collapsed(text).includes(collapsed(phrase)))
export const ends: When = (c, { message }) => endsIn(c, message.text)
export const endKept = (c: Case): boolean => c.is.kept.some(({ text }) => endsIn(c, text))
/** E12; LX5: the end of what is over already. */
export const beginsNothing: When = (c, heard) => isMachine(c, heard) || (c.is.kept.length === 0 && ends(c, heard))
export const isMachine: When = (_, { message }) => message.mail?.automatic === true
export const isUnreadable: When = (_, { message }) => message.scan !== 'clean'

/** SM6, A9: key, label or keyword, alone. */
export function choiceOf(c: Case, { message }: Heard) {
  const said = collapsed(message.text)
  return c.is.asset.menu.find(({ key, label, keywords }) =>
    [key, label, ...keywords].some((word) => collapsed(word) === said),
  )
}
export const isLastTry = (c: Case): boolean => c.is.wrong + 1 >= c.policy.menuAttempts

/** A25, E75: by the task's id; of an adopted conversation, by the conversation's (A45). */
export const mine: When = ({ is }, { task }) =>
  is.task !== ''
    ? task.taskId === is.task
    : is.conversation !== '' && task.mediaResourceId === is.conversation && !is.inDoubt.includes(task.taskId)
export const isInDoubt: When = ({ is }, { task }) => is.inDoubt.includes(task.taskId)

const isOld: When = ({ is }, { task }) => is.lastTransfer !== undefined && task.at < is.lastTransfer.at
export const isNew: When = (c, heard) => mine(c, heard) && !isOld(c, heard)
/** E58: the agent who has left since, told late. */
const isPastAgent: When = (c, heard) => isOld(c, heard) && heard.task.agentId === c.is.lastTransfer?.agent
export const isAgent: When = (c, heard) => mine(c, heard) && !isPastAgent(c, heard)
export const isOtherAgent: When = (c, heard) => isAgent(c, heard) && heard.task.agentId !== c.is.agent
/** E65: one transfer an event. */
export const isTransfer: When = (c, heard) => {
  const { lastTransfer, agent } = c.is
  const again = heard.task.at === lastTransfer?.at && heard.task.agentId !== agent
  return isNew(c, heard) && !again
}

/** QU2, QU3, E40, A16. */
export const isEstimate: When = (c, heard) => {
  const { estimatedWaitSeconds: seconds, at } = heard.task
  const { estimate, now_ms } = c.is
  if (!mine(c, heard) || seconds === null) return false
  if (estimate === undefined) return true
  if (at < estimate.heard || (at === estimate.heard && seconds === estimate.told)) return false
  if (c.policy.ewtRelay === 'every') return true
  const enough = Math.max(60, estimate.told * 0.2)
  return Math.abs(seconds - estimate.told) >= enough && now_ms - estimate.told_at_ms >= 120_000
}

/** What the ids of tasks look like that we make (decision 6 of flows.md section 1). */
const madeByUs = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/

/** E78, E79: the question about this task, and no other. One that nobody was asked to create yet has an id all the same. */
const pressed =
  (button: string): When =>
  ({ is }, heard) => {
    const { reference, identifier } = heard.button
    const [, about = ''] = /^callback-offer:(.+)$/.exec(reference) ?? []
    const isOurs =
      is.task === newTask ? madeByUs.test(about) && !is.tasks.has(about) : is.task !== '' && about === is.task
    return isOurs && identifier === button
  }
export const saysYes = pressed('callback-yes')
export const saysNo = pressed('callback-no')

export const isDue =
  (wait: string): When =>
  (_, { due }) =>
    due === wait
export const isCode =
  (...codes: string[]): When =>
  (_, { code }) =>
    codes.includes(code)
