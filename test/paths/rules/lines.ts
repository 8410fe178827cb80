/**
 * What goes out, and what was expected to, in one spelling: a line an effect, with all that the domain fixes of it and
 * nothing of its wording.
 */
import type { Attachment, FormField } from '../../../machines/events.ts'
import type { StoredEffect } from '../../../runtime/record.ts'
import { type Facts, filesOf, wordsOf } from './case.ts'

/** What an ask must be about, by what is known. */
export function aboutOf(ask: string, is: Facts): string {
  const where = is.window === '' ? '' : ` @${is.window}`
  switch (ask) {
    case 'searchConversation':
      return `of ${is.customer}${where}`
    case 'createConversation':
      return `of ${is.customer}${where}: ${is.kept[0] ? wordsOf(is.kept[0], 'alone') : ''}`
    case 'createTask':
      return `${is.task} for ${selectorOf(is)} as ${mediaOf(is)} from ${originOf(is)}`
    case 'endTask':
      return `${is.task} as ${is.agent === '' ? 'CD_TASK_CUSTOMER_ABANDON' : 'CD_NORMAL_END_TASK'}${is.phase === 'cancelling' ? ' for a callback' : ''}`
    case 'addParticipant':
      return `${is.agent} to ${is.conversation}`
    case 'removeParticipant':
      return `${is.leaving} from ${is.conversation}`
    default:
      return is.conversation
  }
}

const isCallback = ({ chatTask }: Facts): boolean => chatTask !== ''
const selectorOf = (is: Facts): string => (isCallback(is) ? `${is.selector}_Callback` : is.selector)
const originOf = (is: Facts): string => (isCallback(is) ? is.phone : is.customer)
const mediaOf = (is: Facts): string =>
  isCallback(is) ? 'Web Callback' : { sms: 'Social', 'live-chat': 'Chat', email: 'Email' }[is.asset.channel]

type Payload = Record<string, string> & {
  address: { customer: string }
  attachments?: Attachment[]
  /** A broken machine may send one without. */
  form?: { fields?: FormField[] }
  quickReplies?: { reference: string }
  variables?: { key: string }[]
  thread?: string
}

/** The effects of a turn as lines. `said` is what the customer was told last in it. */
export function linesOf(effects: StoredEffect[]): string[] {
  let said = ''
  return effects.map(({ type, ask, payload }) => {
    const of = payload as Payload
    if (type === 'sendMessage') said = of.text!
    const line = lineOf(type, of, said)
    return ask ? `ask ${line}` : line
  })
}

function lineOf(type: string, of: Payload, said: string): string {
  const where = of.thread ? ` @${of.thread}` : ''
  switch (type) {
    case 'sendMessage':
      return `say ${of.purpose} to ${of.address.customer}${where}${moreOf(of)}`
    case 'appendConversation':
      return `note ${of.direction} in ${of.conversationId}: ${notedOf(of, said)}`
    case 'searchConversation':
      return `${type} of ${of.address.customer}${where}`
    case 'createConversation':
      return `${type} of ${of.address.customer}${where}: ${withheld(of.text!)}`
    case 'createTask':
      return `${type} ${of.taskId} for ${of.scriptSelector} as ${of.mediaType} from ${of.origin}`
    case 'endTask': {
      const forCallback = of.variables?.some(({ key }) => key === 'IsWebCallbackRequested') ? ' for a callback' : ''
      return `${type} ${of.taskId} as ${of.disposition}${forCallback}`
    }
    case 'addParticipant':
      return `${type} ${of.agentId} to ${of.conversationId}`
    case 'removeParticipant':
      return `${type} ${of.agentId} from ${of.conversationId}`
    case 'updateConversation':
      return `${type} ${of.conversationId} with ${of.taskId}`
    case 'raiseAlert':
      return `alert ${of.code}`
    default:
      return `${type} ${of.taskId ?? of.conversationId}`
  }
}

/** QU4: the estimate is told in whole minutes. */
function moreOf({ purpose, text, form, quickReplies }: Payload): string {
  if (purpose === 'queued') return `: ${/\d+/.exec(text!)?.[0] ?? ''} minutes`
  return `${form ? ' with a form' : ''}${quickReplies ? ` with buttons of ${quickReplies.reference}` : ''}`
}

function notedOf({ direction, text = '', form, attachments = [] }: Payload, said: string): string {
  if (direction !== 'Inbound') return text !== '' && text === said ? 'what was said' : 'a remark'
  return form ? `a form of ${form.fields?.length ?? 'no'} answers` : `${withheld(text)}${filesOf(attachments)}`
}

/** E109: in whatever words it is said that a message was withheld. */
const withheld = (text: string): string => (text.startsWith('System Alert') ? 'System Alert' : text)
