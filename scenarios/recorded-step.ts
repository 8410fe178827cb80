/**
 * The step of a scenario that makes one recorded turn happen again; none for what follows by itself: answers of far
 * sides, and the webhooks that the desk sends on its own. Pure; used by `recorded.ts`.
 */
import type { OutboundMessage } from '../machines/effects.ts'
import type { Attachment, FormField, Mail } from '../machines/events.ts'
import type { TurnReading } from '../runtime/history.ts'

/** A step as a person would write it. */
export type WrittenStep = Record<string, unknown>

/** What an event of any kind may carry. */
interface Data {
  text?: string
  attachments?: Attachment[]
  thread?: string
  mail?: Mail
  fields?: FormField[]
  title?: string
  identifier?: string
  taskId?: string
  scriptSelector?: string
  estimatedWaitSeconds?: number | null
  agentId?: string
  cause?: string
  disposition?: string
}

/** `before` are the turns that came first, oldest first. */
export function recordedStep({ event }: TurnReading, before: readonly TurnReading[]): WrittenStep | undefined {
  const data = event.data as Data
  switch (event.type.replace('parley.', '')) {
    case 'message.received':
      return { customer: says(data) }
    case 'form.submitted':
      return { form: Object.fromEntries((data.fields ?? []).map(({ name, value }) => [name, withCards(value)])) }
    case 'postback.received':
      return { press: buttonOf(data, before) }
    case 'thread.closed':
      return { window: 'closed' }
    case 'task.queued':
      return typeof data.estimatedWaitSeconds === 'number' ? { desk: { queued: data.estimatedWaitSeconds } } : undefined
    case 'task.routed':
      return { desk: { routed: data.agentId } }
    case 'task.transferred':
      return { desk: { transferred: transferOf(data) } }
    case 'task.closed':
      return isEndedByUs(data, before) ? undefined : { desk: { closed: data.disposition } }
    case 'timer.due':
      return { time: true }
    default:
      return undefined
  }
}

function says({ text = '', attachments = [], mail }: Data): WrittenStep | string {
  const words = withCards(text)
  const files = attachments.flatMap(({ name, dropped }) => (dropped || !name ? [] : [name]))
  const more = {
    ...(mail ? { subject: withCards(mail.subject) } : {}),
    ...(files.length > 0 ? { attachments: files } : {}),
  }
  return Object.keys(more).length === 0 ? words : { ...more, says: words }
}

/**
 * Of a card number only the last four digits are known. Another one that ends in them, and that no bank gives out, is
 * written in its place, so that what was said of it is said again.
 */
function withCards(text: string): string {
  return text.replace(/\*{4} \*{4} \*{4} (\d{4})/g, (masked, last: string) => {
    const found = Array.from({ length: 10 }, (_, digit) => `41111111111${digit}${last}`).find(passesLuhn)
    return found ? found.replace(/(\d{4})(?=\d)/g, '$1 ') : masked
  })
}

/** ISO/IEC 7812-1, annex B. */
function passesLuhn(number: string): boolean {
  const sum = [...number].reverse().reduce((total, digit, place) => {
    const weighted = Number(digit) * (place % 2 === 0 ? 1 : 2)
    return total + (weighted > 9 ? weighted - 9 : weighted)
  }, 0)
  return sum % 10 === 0
}

/** The words on it: the event has its id only. */
function buttonOf({ identifier = '', title }: Data, before: readonly TurnReading[]): string {
  const sent = before.flatMap(({ effects }) => effects.map(({ payload }) => payload as Partial<OutboundMessage>))
  const options = sent.flatMap(({ quickReplies }) => quickReplies?.options ?? [])
  return options.findLast((option) => option.identifier === identifier)?.title ?? (title || identifier)
}

/** As the desk names the causes of a transfer (flows.md, TR). */
const because: Record<string, string> = {
  CD_RING_NO_ANSWER: 'no answer',
  CD_TASK_TRANSFERRED_ON_AGENT_LOGOUT: 'logout',
}

function transferOf({ scriptSelector, cause = '' }: Data): WrittenStep {
  return {
    ...(scriptSelector ? { to: scriptSelector } : {}),
    ...(because[cause] ? { because: because[cause] } : {}),
  }
}

/** The desk says CLOSED of itself once it was asked to end the task. */
const isEndedByUs = ({ taskId }: Data, before: readonly TurnReading[]): boolean =>
  before.some(({ effects }) =>
    effects.some(({ type, payload }) => type === 'endTask' && (payload as Data).taskId === taskId),
  )
