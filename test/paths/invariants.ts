/**
 * What must hold after every turn of every conversation, whatever happened: written once, judged from the trace. A machine
 * that breaks one of these is wrong even where its chart is as approved. The last of them are the rules of the domain
 * (`rules/`): what has to follow each thing that happens.
 */
import type { ConversationEvent } from '../../machines/events.ts'
import { maskText } from '../../machines/sensitive-data.ts'
import type { Drive, Trace } from '../drive.ts'
import { copied, emptyLedger, enter, isClosed, isOffending, type Ledger, noticesIn } from './ledger.ts'
import { Rulebook } from './rules/rulebook.ts'

/** Everything that is broken in this trace: the invariant, the turn, and what was found. Empty when all hold. */
export const violations = (trace: Drive): string[] => new Judge(trace).hear(trace.history).violations()

/**
 * One conversation judged as it goes on, each turn once. Where conversations have their beginning in common, one judge hears
 * it, and a copy of that judge hears each of them to its end.
 */
export class Judge {
  readonly #whose: Pick<Drive, 'machine' | 'asset'>
  readonly #ledger: Ledger
  readonly #rules: Rulebook
  #broken: readonly string[] = []
  #heard = 0

  constructor(whose: Pick<Drive, 'machine' | 'asset'>, ledger = emptyLedger(), rules = new Rulebook(whose)) {
    this.#whose = whose
    this.#ledger = ledger
    this.#rules = rules
  }

  /** `history` is all of it from its first turn; those that were heard before are not judged again. */
  hear(history: readonly Trace[]): this {
    while (this.#heard < history.length) this.#enter(history[this.#heard++]!)
    return this
  }

  violations(): string[] {
    const { against } = this.#rules
    return against === undefined ? [...this.#broken] : [...this.#broken, against]
  }

  copy(): Judge {
    const other = new Judge(this.#whose, copied(this.#ledger), this.#rules.copy())
    other.#broken = this.#broken
    other.#heard = this.#heard
    return other
  }

  #enter(turn: Trace): void {
    const ledger = this.#ledger
    enter(ledger, turn)
    for (const { says, fault } of invariants) {
      const found = fault(ledger, turn)
      if (!found) continue
      const where = `turn ${this.#heard}, ${ledger.before || 'nothing'} to ${turn.state}`
      this.#broken = [...this.#broken, `${says}: ${where}: ${found}`]
    }
    this.#rules.hear(turn, this.#heard)
  }
}

interface Invariant {
  says: string
  /** What is wrong; undefined when it holds. */
  fault(ledger: Ledger, turn: Trace): string | undefined
}

/** At rest: it is over, and what had to be asked for that has been asked. */
const rests = ({ state }: Ledger): boolean => isClosed(state) && state !== 'closed.closingConversation'
const isLeft = ({ left }: Ledger): boolean => left
const some = (found: string[]): string | undefined => (found.length > 0 ? found.join(', ') : undefined)
function openTasks({ tasks }: Ledger): string[] {
  const open: string[] = []
  for (const [id, is] of tasks) if (is === 'open' || is === 'asked') open.push(id)
  return open
}
const eventOf = ({ cause }: Trace) => (cause.kind === 'event' ? (cause.event as ConversationEvent) : undefined)

/** Silent on purpose: nobody answers the menu or the form (A10), and mails do not say goodbye. */
const isSilent = (ledger: Ledger, { cause }: Trace): boolean =>
  isLeft(ledger) ||
  ledger.channel === 'email' ||
  (cause.kind === 'timer' && /menuTimeout|formTimeout/.test(cause.timer))

export const invariants: Invariant[] = [
  {
    says: 'at most one task is open',
    fault: (ledger) => {
      const open = openTasks(ledger)
      return open.length > 1 ? open.join(' and ') : undefined
    },
  },
  {
    says: 'no task outlives its conversation',
    fault: (ledger) => (rests(ledger) ? some(openTasks(ledger)) : undefined),
  },
  {
    says: 'no conversation in Engage is left open',
    fault: (ledger) =>
      rests(ledger) ? some([...ledger.conversations].filter(([, is]) => is === 'open').map(([id]) => id)) : undefined,
  },
  {
    says: 'an agent who was added is removed, or the conversation closed',
    fault: (ledger) => (rests(ledger) ? some([...ledger.agents]) : undefined),
  },
  {
    says: 'the customer is told once that it is over',
    fault: ({ goodbyes }) => (goodbyes > 1 ? `${goodbyes} times` : undefined),
  },
  {
    says: 'the customer is told that it is over',
    fault: (ledger, turn) =>
      isClosed(ledger.state) && !isClosed(ledger.before) && ledger.goodbyes === 0 && !isSilent(ledger, turn)
        ? 'not at all'
        : undefined,
  },
  {
    says: 'nothing is said when it is over',
    fault: ({ before, state, messages }, turn) => {
      if (!isClosed(before) || !isClosed(state) || isAnsweredAfterwards(turn)) return undefined
      return some(messages.map(({ purpose }) => purpose))
    },
  },
  {
    says: 'nothing is sent to a closed window',
    fault: ({ closedWindows, messages }) =>
      some(messages.flatMap(({ purpose, thread = '' }) => (closedWindows.has(thread) ? purpose : []))),
  },
  {
    says: 'nothing is sent to a chat of which no window is known',
    fault: ({ channel, window, messages }) =>
      channel === 'live-chat' && window === ''
        ? some(messages.flatMap(({ purpose, thread = '' }) => (thread === '' ? purpose : [])))
        : undefined,
  },
  {
    says: 'one notice for a message that needs one',
    fault: (ledger, turn) => {
      const { offending, notices } = ledger
      if (notices > offending) return `${notices} for ${offending}`
      return isRelayed(turn) && noticesIn(ledger, turn).length > 1 ? 'more than one' : undefined
    },
  },
  {
    says: 'a callback is never cancelled silently',
    fault: (ledger) =>
      ledger.before.startsWith('callback') && isClosed(ledger.state) && ledger.messages.length === 0 && !isLeft(ledger)
        ? 'nothing was said'
        : undefined,
  },
  {
    says: 'no card data leaves',
    fault: (_, { effects }) => some(effects.filter(({ payload }) => holdsCardData(payload)).map(({ type }) => type)),
  },
  {
    says: 'an alert names ids only',
    fault: (_, { effects }) =>
      some(
        effects.flatMap(({ type, payload }) =>
          type === 'raiseAlert'
            ? Object.keys((payload as { detail: object }).detail).filter((key) => !idsInAlerts.includes(key))
            : [],
        ),
      ),
  },
]

/** What the flows answer even then: a button pressed too late (E77), a message that did not get through. */
const isAnsweredAfterwards = (turn: Trace): boolean =>
  ['postback.received', 'effect.failed'].includes(eventOf(turn)?.type ?? '')

const isRelayed = (turn: Trace): boolean => {
  const event = eventOf(turn)
  return event?.type === 'message.received' && isOffending(event)
}

const idsInAlerts = ['actor', 'conversationId', 'taskId']
const written = new Set(['text', 'value', 'subject', 'html', 'customerName', 'name'])

function holdsCardData(payload: unknown, key = ''): boolean {
  if (typeof payload === 'string') return written.has(key) && payload.length > 12 && hasCardData(payload)
  if (typeof payload !== 'object' || payload === null) return false
  if (Array.isArray(payload)) return payload.some((inner) => holdsCardData(inner, key))
  for (const name in payload) if (holdsCardData(payload[name as never], name)) return true
  return false
}

/** The same few texts go out on every path. */
const judged = new Map<string, boolean>()
function hasCardData(text: string): boolean {
  const known = judged.get(text)
  if (known !== undefined) return known
  const { found } = maskText(text)
  judged.set(text, found)
  return found
}
