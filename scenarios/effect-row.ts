/**
 * One effect in words: who is spoken to, what is asked for, and what became of it. Pure; ids go by the names it is given.
 */
import { type Asks, askTypes, type OutboundMessage, type Tells } from '../machines/effects.ts'
import type { EffectReading } from '../runtime/history.ts'
import { personAt } from './mail-addresses.ts'

export interface Row {
  who: string
  what: string
}

/** Names of ids, the same within one play: `conversation 1`, `task 2`. */
export interface Names {
  conversation: (id: string) => string
  task: (id: string) => string
}

export type Fields = Record<string, string | undefined>
export const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {})

export const isAsk = ({ type }: EffectReading): boolean => (askTypes as readonly string[]).includes(type)

/** `output` is what an ask was answered; `before` the effect before it in its turn, whose words need no repeating. */
export function effectRow(
  effect: EffectReading,
  { output, before, names }: { output: Fields | undefined; before?: EffectReading | undefined; names: Names },
): Row {
  const payload = fields(effect.payload)
  switch (effect.type) {
    case 'sendMessage':
      return { who: receiverOf(effect.payload), what: shownText(effect.payload) + trouble(effect) }
    case 'appendConversation': {
      const words = before?.type === 'sendMessage' && fields(before.payload).text === payload.text
      return {
        who: 'to Engage',
        what: `${directionOf(effect.payload)}: ${words ? 'the same' : linePart(effect.payload)}${trouble(effect)}`,
      }
    }
    case 'raiseAlert':
      return { who: 'alert', what: `${payload.code}` }
    default: {
      const who = ['createTask', 'endTask', 'checkTask'].includes(effect.type) ? 'to Routing' : 'to Engage'
      const call = callText(effect, names)
      if (!isAsk(effect)) return { who, what: call + trouble(effect) }
      const given = output?.outcome ?? (output?.conversationId && names.conversation(output.conversationId))
      return { who, what: `${call}: ${outcomeText(effect, given)}` }
    }
  }
}

function receiverOf(payload: object): string {
  const { address, mail } = payload as OutboundMessage
  return mail ? `mail to ${personAt(address.customer)}` : 'to customer'
}

/** A form shows its questions, a question its buttons, a mail its subject and who gets a copy. */
function shownText(payload: object): string {
  const { text = '', form, quickReplies, mail } = payload as Partial<OutboundMessage>
  if (mail) {
    const copies = mail.cc.length === 0 ? '' : ` (cc ${mail.cc.map(personAt).join(', ')})`
    return `${mail.subject}: ${text}${copies}`
  }
  if (form) return `${text} (a form: ${form.fields.map(({ label }) => label).join(' · ')})`
  return [text, ...(quickReplies?.options ?? []).map(({ title }) => `[${title}]`)].join(' ')
}

/** A line of the transcript; of a mail, also whose it is and what it is about. */
type Line = Tells['appendConversation'] & { mail?: { from: string; subject: string } }

/** `inbound`; `inbound from bo` when it is not the customer who wrote the mail. */
function directionOf(payload: object): string {
  const { direction, mail } = payload as Line
  const author = mail ? personAt(mail.from) : 'customer'
  return author === 'customer' ? direction.toLowerCase() : `${direction.toLowerCase()} from ${author}`
}

/** What an agent finds in the transcript: a subject, words, a form's answers, files. */
function linePart(payload: object): string {
  const { text = '', form, attachments = [], mail } = payload as Partial<Line>
  if (form) return `the form, ${formAnswers(form.fields)}`
  if (mail?.subject) return `${mail.subject}: ${linePart({ text, attachments })}`
  const files = attachments.map(({ name, dropped }) => (dropped ? `[a file that was dropped]` : `[file ${name}]`))
  return [...(text === '' ? [] : [text]), ...files].join(' ')
}

/** `Name: Ana Ruiz, Query: Insurance`, without the fields that were left empty. */
export const formAnswers = (fields: readonly { name: string; value: string }[]): string =>
  fields.flatMap(({ name, value }) => (value === '' ? [] : [`${name}: ${value}`])).join(', ')

function callText({ type, payload: asked }: EffectReading, names: Names): string {
  const payload = fields(asked)
  const task = () => names.task(payload.taskId ?? '')
  const conversation = () => names.conversation(payload.conversationId ?? '')
  switch (type) {
    case 'searchConversation':
      return 'search for a conversation'
    case 'createConversation':
      return 'create a conversation'
    case 'createTask':
      return payload.mediaType === 'Web Callback'
        ? `create ${task()} for ${payload.scriptSelector}, a call to ${payload.origin}`
        : `create ${task()} for ${payload.scriptSelector}`
    case 'endTask':
      return `end ${task()}, ${payload.disposition}${endedForCallback(asked) ? ', because a callback is wanted' : ''}`
    case 'checkTask':
      return `ask how ${task()} stands`
    case 'updateConversation':
      return `write ${task()} into ${conversation()}`
    case 'addParticipant':
      return `add agent ${payload.agentId} to ${conversation()}`
    case 'removeParticipant':
      return `remove agent ${payload.agentId} from ${conversation()}`
    case 'closeConversation':
      return `close ${conversation()}`
    case 'reopenConversation':
      return `reopen ${conversation()}`
    default:
      return type
  }
}

const endedForCallback = (asked: object): boolean =>
  (asked as Asks['endTask']['input']).variables.some(({ key }) => key === 'IsWebCallbackRequested')

function outcomeText({ status, attempts, code }: EffectReading, given = 'done'): string {
  const tries = attempts > 1 ? ` at attempt ${attempts}` : ''
  if (status === 'pending') return 'no answer yet'
  return status === 'failed' ? `given up, ${code}${tries}` : `${given}${tries}`
}

/** Nobody waits for a tell: it is taken for granted, and only what went wrong is said. */
export const trouble = (effect: EffectReading): string =>
  effect.status === 'failed' || effect.attempts > 1 ? ` (${outcomeText(effect)})` : ''
