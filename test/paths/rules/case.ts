/**
 * One conversation as the domain sees it: what is known of customer, task, agent and callback, and what a turn is expected
 * to tell and ask. Written from flows.md; it never looks into a machine, and learns only from what came in and the ids that
 * went out. What is expected is kept as lines (`say created`, `note Inbound: Hi`), in their order.
 */
import type { Attachment, ConversationEvent } from '../../../machines/events.ts'
import type { Asset } from '../../../machines/policy.ts'
import { aboutOf } from './lines.ts'
import { type Phase, phases, type Wait, waitOf } from './phases.ts'

export type Message = Omit<Extract<ConversationEvent, { type: 'message.received' }>, 'type'> & { gone?: boolean }

/** What the next conversation of the same customer begins without. */
const fresh = () => ({
  conversation: '',
  /** The chat's conversation once a callback took over (A24). */
  chat: 'on' as 'on' | 'kept' | 'over',
  task: '',
  chatTask: '',
  offered: '',
  agent: '',
  attempts: 0,
  wrong: 0,
  forms: 0,
  phone: '',
  selector: '',
  createdTold: false,
  estimate: undefined as { told: number; told_at_ms: number; heard: string } | undefined,
  leaving: '',
  lastTransfer: undefined as { agent: string; at: string } | undefined,
  endedInWords: false,
})

const facts = (machine: string, asset: Asset) => ({
  ...fresh(),
  asset,
  machine,
  customer: '',
  /** Ids are made by whoever asks; a new one is known once it was sent. */
  tasks: new Set<string>(),
  phase: 'idle' as Phase,
  now_ms: 0,
  /** Tasks that we stopped waiting for: each is ended if it turns up (T10). */
  inDoubt: [] as string[],
  /** What was written before there was a conversation to write it into (E1, E54). */
  kept: [] as Message[],
  window: '',
  windowGone: false,
  /** Email: when the last notice was sent, and the mails that get one (A39). */
  noticed_at_ms: Number.NEGATIVE_INFINITY,
  toNotice: new Set<string>(),
  expected: [] as string[],
  /** The ask that is waited for, and the timers that run. */
  asked: undefined as string | undefined,
  waits: new Map<Wait, number>(),
})

export type Facts = ReturnType<typeof facts>

export class Case {
  readonly is: Facts
  constructor(machine: string, asset: Asset, known = facts(machine, asset)) {
    this.is = known
  }

  /** Another one that knows the same, and learns by itself from here on. */
  copy(): Case {
    const { is } = this
    return new Case(is.machine, is.asset, {
      ...is,
      tasks: new Set(is.tasks),
      toNotice: new Set(is.toNotice),
      waits: new Map(is.waits),
      inDoubt: [...is.inDoubt],
      kept: is.kept.map((message) => ({ ...message })),
      expected: [...is.expected],
    })
  }

  get channel() {
    return this.is.asset.channel
  }

  get policy() {
    return this.is.asset.policy
  }

  /** To the customer, and into the transcript what they were told; nothing to a window that is closed (A23). */
  says(
    purpose: string,
    as: 'Outbound' | 'Announcement' | 'alone' = 'Outbound',
    to = this.is.customer,
    more = '',
  ): void {
    if (this.channel === 'email' && silentByMail.has(purpose)) return
    if (this.is.windowGone) return
    const where = this.is.window === '' ? '' : ` @${this.is.window}`
    this.is.expected.push(`say ${purpose} to ${to}${where}${more}`)
    if (as !== 'alone') this.notes(as, 'what was said')
  }

  /** Only into the transcript: to the agent. */
  notes(as: 'Inbound' | 'Outbound' | 'Announcement', what: string): void {
    if (this.is.conversation === '' || this.is.chat === 'over') return
    this.is.expected.push(`note ${as} in ${this.is.conversation}: ${what}`)
  }

  tells(line: string): void {
    this.is.expected.push(line)
  }

  /** PC1, PC4: masked into the transcript, once; and one notice to who wrote what could not be taken as it was (A47). */
  relays(message: Message): void {
    this.notes('Inbound', wordsOf(message))
    this.warns(message)
  }

  warns(message: Message): void {
    if (!isOffending(message) || (message.mail && !this.is.toNotice.has(message.id))) return
    const { masked, failed, clean } = noticePurposes
    const purpose = { masked, failed, clean }[message.scan]
    this.says(purpose, 'Outbound', message.mail?.from)
  }

  /** E1, E54: everything that waited, in its order. What began the conversation is in it already. */
  relaysKept(first: 'too' | 'is there' = 'too'): void {
    for (const [index, message] of this.is.kept.entries()) {
      if (index > 0 || first === 'too') this.relays(message)
      else {
        if (message.attachments?.length) this.notes('Inbound', filesOf(message.attachments))
        this.warns(message)
      }
    }
    this.is.kept = []
  }

  /** What is said from now on goes where the customer wrote last. */
  learns(message: Message): void {
    this.is.windowGone = false
    if (message.thread) this.is.window = message.thread
    this.learnsMail(message)
  }

  learnsMail(message: Message): void {
    if (!message.mail || !isOffending(message)) return
    const soon = this.is.now_ms - this.is.noticed_at_ms < this.policy.noticeIntervalSeconds * 1_000
    if (soon) return
    this.is.noticed_at_ms = this.is.now_ms
    this.is.toNotice.add(message.id)
  }

  /** LX1, E51: true when the window is one that the customer talks in, or wrote from for the next conversation. */
  loses(named: string | undefined): boolean {
    const { kept, window, windowGone } = this.is
    const closed = named ?? kept.at(-1)?.thread ?? window
    const ours = !windowGone && (closed === window || window === '')
    const waiting = kept.filter(({ thread, gone }) => thread === closed && !gone)
    if (!ours && waiting.length === 0) return false
    this.is.windowGone ||= window === '' || closed === window
    for (const message of waiting) message.gone = true
    return true
  }

  /** Another conversation of the same customer: what they wrote last says where. */
  begins(conversation = ''): void {
    const last = this.is.kept.findLast(({ thread }) => thread)
    Object.assign(this.is, fresh(), { conversation })
    if (last) Object.assign(this.is, { window: last.thread, windowGone: last.gone === true })
    this.is.noticed_at_ms = Number.NEGATIVE_INFINITY
    this.is.toNotice.clear()
    for (const message of this.is.kept) this.learnsMail(message)
  }

  /** A task that may exist: ended if it turns up. */
  doubts(): void {
    this.is.inDoubt.push(this.is.task)
    this.is.task = ''
  }

  /** Another task of this customer. */
  namesTask(): void {
    this.is.task = newTask
  }

  /** On to another phase: its waits begin, and its question is asked. `keeps` what is waited for already. */
  goes(to: Phase, { keeps = false }: { keeps?: boolean } = {}): void {
    const { ask, waits }: { ask?: string; waits: readonly Wait[] } = phases[to]
    if (!keeps) Object.assign(this.is, { waits: new Map(), asked: undefined })
    this.is.phase = to
    for (const wait of waits) this.waitsFor(wait)
    if (this.offers && (to === 'created' || to === 'queued')) this.waitsFor('callbackThreshold')
    if (ask) this.asks(ask)
  }

  /** Every ask is known by whom and what it is about. */
  asks(ask: string, about = aboutOf(ask, this.is)): void {
    this.is.asked = ask
    this.is.expected.push(`ask ${ask} ${about}`)
  }

  /** CB1: only where a chat may become a call. */
  get offers(): boolean {
    return this.is.machine === 'live-chat-with-web-callback'
  }

  waitsFor(wait: Wait): void {
    const length_ms = waitOf[wait](this.is)
    if (length_ms > 0) this.is.waits.set(wait, this.is.now_ms + length_ms)
  }
}

export const newTask = 'a new task'

/** What the seed tells by SMS and live chat only: QU1, RO3, CL5, TR4. */
const silentByMail = new Set(['queued', 'routed', 'closed', 'transferred'])
const noticePurposes = { masked: 'sensitive-data-notice', failed: 'error-sending', clean: 'attachment-dropped' }

/** A machine is warned of nothing: it might answer (A39). */
export const isOffending = ({ scan, attachments = [], mail }: Message): boolean =>
  mail?.automatic !== true && (scan !== 'clean' || attachments.some(({ dropped }) => dropped !== undefined))

/** E5, E109: a blank message and a withheld one are said to be so. Without its files where they follow apart. */
export const wordsOf = (
  { text, scan, attachments = [] }: Message,
  files: 'with files' | 'alone' = 'with files',
): string => {
  const words = scan === 'failed' ? 'System Alert' : text === '' && attachments.length === 0 ? 'No text' : text
  return `${words}${files === 'alone' ? '' : filesOf(attachments)}`
}
export const filesOf = (attachments: Attachment[]): string =>
  attachments.map(({ name, dropped }) => ` [${name} ${dropped ?? ''}]`).join('')
