/**
 * A conversation of life as a scenario: what customer and contact centre did, in its order and its time, what went wrong at
 * the far sides, and what came of it. Texts are as they were stored, masked (T7); what a file held is not in it. Pure; made
 * from the turns as a node reads them.
 */
import { stringify } from 'yaml'
import type { OutboundMessage } from '../machines/effects.ts'
import type { ConversationReading, TurnReading } from '../runtime/history.ts'
import { type Fields, isAsk } from './effect-row.ts'
import { recordedStep, type WrittenStep } from './recorded-step.ts'

/** The text of a scenario file that `parley play` takes. Throws nothing: what cannot be played again is said in `about`. */
export function scenarioOf(conversation: ConversationReading, turns: readonly TurnReading[]): string {
  const { id, channel, asset, machine } = conversation
  const beats = beatsOf(turns)
  const skipped = turns.flatMap(({ event }) => missing(event))
  return stringify({
    scenario: `Conversation ${id}, as recorded`,
    ...(skipped.length > 0 ? { about: `Not in it: ${[...new Set(skipped)].join('; ')}.` } : {}),
    asset: `${channel}/${asset}`,
    ...(channel === 'live-chat' ? { machine } : {}),
    steps: beats.flatMap((beat, index) => stepsOf(beat, index === beats.length - 1)),
  })
}

/** One thing that somebody did, and the turns that came of it. */
interface Beat {
  step: WrittenStep
  /** How long nothing happened before it, and how long what came of it took. */
  waited_s: number
  took_s: number
  faults: WrittenStep[]
  /** What reached the customer since the last expectation. */
  received: string[]
  state: string
  /** Nothing is being asked any more: here it can be said what must be true. */
  isQuiet: boolean
}

function beatsOf(turns: readonly TurnReading[]): Beat[] {
  const beats: Beat[] = []
  const asked = new Set<string>()
  let from_ms = Date.parse(turns[0]?.at ?? '')
  for (const [index, turn] of turns.entries()) {
    const step = recordedStep(turn, turns.slice(0, index))
    if (isNewWindow(turn, turns.slice(0, index))) beats.push({ ...nothing, step: { window: 'opened' } })
    if (step) {
      const waited_s = wholeSeconds(Date.parse(turn.at) - from_ms, 'time' in step)
      from_ms += waited_s * 1_000
      beats.push({ step, waited_s, took_s: 0, faults: [], received: carriedOver(beats), state: '', isQuiet: false })
    }
    const beat = beats.at(-1)
    if (!beat) continue
    if (turn.event.type === 'parley.ask.answered') asked.delete(String((turn.event.data as Fields).ask))
    for (const effect of turn.effects) if (isAsk(effect)) asked.add(effect.type)
    beat.faults.push(...turn.effects.flatMap(faultOf))
    beat.received.push(...turn.effects.flatMap(receivedText))
    if (!step && beat.faults.length > 0) {
      const took_s = wholeSeconds(Date.parse(turn.at) - from_ms, true)
      from_ms += took_s * 1_000
      beat.took_s += took_s
    }
    beat.state = turn.stateAfter
    beat.isQuiet = asked.size === 0 || !/creating|searching|reopening|asking|placing/i.test(turn.stateAfter)
  }
  return beats
}

const nothing: Omit<Beat, 'step'> = { waited_s: 0, took_s: 0, faults: [], received: [], state: '', isQuiet: false }

/** Live chat: they write in another window than before. */
function isNewWindow({ event }: TurnReading, before: readonly TurnReading[]): boolean {
  const threadIn = ({ data, type }: TurnReading['event']) =>
    type === 'parley.message.received' ? (data as { thread?: string }).thread : undefined
  const last = before.map((turn) => threadIn(turn.event)).findLast((thread) => thread !== undefined)
  const now = threadIn(event)
  return last !== undefined && now !== undefined && now !== last
}

/** Of a beat that ended in the middle of something nothing is expected: the next one looks at its texts as well. */
function carriedOver(beats: readonly Beat[]): string[] {
  const last = beats.at(-1)
  return last && !last.isQuiet ? last.received : []
}

/** A timer, or a retry, has to have come due; other things happen before the next second. */
const wholeSeconds = (ms: number, isDue: boolean): number =>
  Math.max(0, isDue ? Math.ceil(ms / 1_000) : Math.floor(ms / 1_000))

function stepsOf({ step, waited_s, took_s, faults, received, state, isQuiet }: Beat, isLast: boolean): WrittenStep[] {
  const passes = (seconds: number) => (seconds > 0 ? [{ time: `${seconds} s` }] : [])
  const done = 'time' in step ? [] : [step]
  return [
    ...faults,
    ...passes(waited_s),
    ...done,
    ...passes(took_s),
    ...(isQuiet || isLast ? [{ expect: { state, received } }] : []),
  ]
}

type Effect = TurnReading['effects'][number]

/** The status that each code of an error comes from (CONTRACTS section 5, small print). */
const statusOf: Record<string, number> = { refused: 400, tooManyRequests: 429, serviceNotAvailable: 503 }

/** As often as it went wrong: before it was done, or until it was given up. */
function faultOf({ type, status, attempts, code }: Effect): WrittenStep[] {
  const times = status === 'done' ? attempts - 1 : attempts
  if (times < 1 || type === 'raiseAlert' || type === 'checkTask') return []
  // biome-ignore lint/suspicious/noThenProperty: that is the word in the file
  return [{ fault: { call: type, then: 'answer', status: statusOf[code ?? ''] ?? 500, times } }]
}

function receivedText({ type, status, payload }: Effect): string[] {
  if (type !== 'sendMessage' || status !== 'done') return []
  const { text, mail } = payload as OutboundMessage
  return [mail ? `${mail.subject}: ${text}` : text]
}

function missing({ type, data }: TurnReading['event']): string[] {
  const { attachments = [] } = data as { attachments?: { dropped?: string }[] }
  if (type === 'parley.receipt.updated') return ['receipts of messages']
  return attachments.length > 0 ? ['what the files held'] : []
}
