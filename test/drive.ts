/**
 * Drives one conversation through its turns alone, masked across messages and decided: no broker, no clock, no adapter. A
 * step is an event, an answer to an ask that is waiting, or a timer that is armed; what comes back is what a reader of the
 * chart would want to know.
 * Keeps T2 for whoever uses it: every step is decided twice from a frozen record, and the record goes through JSON.
 */
import { deepStrictEqual } from 'node:assert/strict'
import type { Context, Turn } from '../machines/context.ts'
import { type Definition, latestDefinition } from '../machines/definitions.ts'
import type { AskErrorCode } from '../machines/effects.ts'
import type { Address, Attachment, ConversationEvent, Mail } from '../machines/events.ts'
import { offerReference } from '../machines/guards.ts'
import { type Asset, type Policy, presets } from '../machines/policy.ts'
import type { DigitTail } from '../machines/sensitive-data.ts'
import { englishTexts, standInOf, type TextKey } from '../machines/texts.ts'
import { hearAcrossMessages } from '../runtime/across-messages.ts'
import type { AskAnswer, Cause } from '../runtime/envelope.ts'
import { idempotencyKey, type Loaded, record_format, type StoredEffect } from '../runtime/record.ts'
import { type Decision, decide } from '../runtime/stages/decide.ts'
import { envelopeFor } from './driven-envelope.ts'
import { sentLine } from './sent-line.ts'
import { usualMail } from './usual-mail.ts'

export const actor = '0123456789abcdef'
export const address: Address = { channel: 'sms', asset: '14155550100', customer: '+14155550123' }
export const conversationId = '65F2C0A91B7E4D01'
export const agentId = '5021'
const start_ms = Date.parse('2026-03-02T14:00:00.000Z')

/** A moment by the clock of whoever sent an event; a step lasts one second, and the first one begins at 1. */
export const at = (seconds: number): string => new Date(start_ms + seconds * 1_000).toISOString()

export type Step =
  | {
      says: string
      scan?: 'clean' | 'masked' | 'failed'
      attachments?: Attachment[]
      thread?: string
      /** What differs from the customer's usual mail. */
      mail?: Partial<Mail>
    }
  /** The pre-chat form comes back, by field name. */
  | { form: Record<string, string>; scan?: 'clean' | 'masked'; thread?: string }
  /** A button of the callback offer, of this task or of another one. */
  | { press: string; taskId?: string }
  /** The window of that thread is closed; without a thread, a window that does not say which. */
  | { closes: string | undefined }
  | { answers: string; with?: object }
  | { fails: string; code?: AskErrorCode }
  | { timer: string }
  | ({ task: 'created' | 'queued' | 'routed' | 'transferred' | 'closed' } & Partial<TaskFields>)
  /** A tell was given up for good. */
  | { lost: string; direction?: string }
  | { receipt: string }
  /** The answer to an earlier ask of that name, that nobody waits for any more; a success unless it has a code. */
  | { late: string; with?: object; code?: AskErrorCode }
  /** A timer of that name as it was armed earlier. */
  | { lateTimer: string }
  /** Seconds pass and nothing happens. */
  | { later: number }

/** What a webhook says; what a step leaves out is about the conversation's own task, now. */
interface TaskFields {
  at: string
  taskId: string
  mediaResourceId: string
  variables: Record<string, string>
  scriptSelector: string
  estimatedWaitSeconds: number | null
  agentId: string
  disposition: string
  cause: string
}

const menu = [
  { key: '1', label: 'Billing', keywords: ['billing'], scriptSelector: 'Billing' },
  { key: '2', label: 'Support', keywords: ['support', 'agent'], scriptSelector: 'Support' },
]

export function assetWith(policy: Partial<Policy> = {}, context: Asset['context'] = []): Asset {
  return {
    channel: 'sms',
    id: address.asset,
    appId: 'app-1',
    menu,
    menuDefault: '2',
    liveChatDomain: 'support.my-company.example',
    form: { scriptSelectors: { Insurance: 'Insurance', Billing: 'Billing', Other: 'Other' }, default: 'Other' },
    address: '',
    senderName: '',
    scriptSelector: '',
    policy: { ...presets.representative, ...policy },
    context,
  }
}

/** A machine, and the asset and the customer that a conversation with it is driven for. */
export interface Line {
  machine: string
  address: Address
  assetWith(policy?: Partial<Policy>, context?: Asset['context']): Asset
}

export const smsLine: Line = { machine: 'sms', address, assetWith }

/** Words of an asset's own. */
export type Texts = { [Key in TextKey]?: string }

/** A conversation on that line, with the newest version of its machine. */
export const driveOn = (line: Line, policy?: Partial<Policy>, context?: Asset['context'], texts?: Texts): Drive =>
  drive(line.assetWith(policy, context), latestDefinition(line.machine)!, line.address, sayWith(texts))

/** What a turn did: where it went and what it sent, as `type purpose-or-direction: text`. */
export interface Trace {
  /** What happened, as the step says and as the machine heard it. */
  step: Exclude<Step, { later: number }>
  /** As it was sent, before what it says together with earlier messages was masked. */
  came: Cause
  cause: Cause
  at_ms: number
  /** The asks that wait for an answer after it. */
  pending: string[]
  /** What they are, by type. */
  asks: string[]
  /** The timers that are armed after it, by the name of their delay. */
  timers: { delay: string; due_ms: number }[]
  state: string
  heard: string
  sent: string[]
  effects: StoredEffect[]
}

export interface Drive {
  /** Whose conversation it is: the id of its machine, and its asset. */
  machine: string
  asset: Asset
  /** Plays the steps in order; gives the trace of the last one that was a turn. */
  play(...steps: Step[]): Trace
  history: Trace[]
  context(): Context
  timers(): string[]
  pending(): string[]
  at_ms: number
  /** What a crash leaves of it: JSON, and the revision. */
  loaded(): Loaded | undefined
  /** One a turn, as they would be stored. */
  records: readonly Loaded[]
  /** All that the drive knows, to go on from later, more than once if need be. */
  memory(): DriveMemory
}

/** A step that cannot happen now: nobody waits for that answer, no such timer is armed. */
export class ImpossibleStep extends Error {
  override readonly name = 'ImpossibleStep'
}

/** Plain JSON: the record, and what the far side and the clock have been told so far. */
export interface DriveMemory {
  loaded: Loaded | undefined
  events: number
  asked: Asked[]
  armed: Armed[]
  history: Trace[]
  at_ms: number
}

export const nothingYet: DriveMemory = {
  loaded: undefined,
  events: 0,
  asked: [],
  armed: [],
  history: [],
  at_ms: start_ms,
}

type CustomerStep = Extract<Step, { says: string } | { form: object } | { press: string } | { closes: unknown }>

/** One ask or timer of the past, as the answer or the due timer would name it. */
type Asked = Required<Pick<AskAnswer, 'ask' | 'type' | 'key' | 'input'>>
type Armed = { timer: string; generation: number }

/** The window that a chat customer writes from, unless the step says otherwise. */
export const thread = 'T1'

export function drive(
  asset: Asset = assetWith(),
  definition: Definition = latestDefinition('sms')!,
  address: Address = smsLine.address,
  say: Turn['say'] = plainSay,
  memory: DriveMemory = nothingYet,
  decideBy: typeof decide = decideTwice,
  /** Whose turns they are: what ids and keys are made of. */
  whose: string = actor,
  /** As JSON it is what a restart would find; as it is, it is quick, and nobody may change it. */
  keep: 'as JSON' | 'as it is' = 'as JSON',
): Drive {
  let { loaded, events } = memory
  const asked = [...memory.asked]
  const armed = [...memory.armed]
  const history = [...memory.history]
  const records: Loaded[] = []

  const one = (step: Step): void => {
    if ('later' in step) {
      self.at_ms += step.later * 1_000
      return
    }
    self.at_ms += 1_000
    const came = causeOf(step)
    const { cause, tail } = hearAcrossMessages(came, loaded?.record.tail)
    const turn: Turn = { at_ms: self.at_ms, asset, say }
    const made = decideBy(definition, whose, address, loaded, cause, turn)
    commit(made, cause, tail)
    const { state, heard, effects } = made
    history.push({
      ...{ step, came, cause, at_ms: self.at_ms },
      pending: Object.keys(made.pending),
      asks: Object.values(made.pending).map(({ type }) => type),
      timers: Object.entries(made.timers).map(([timer, { due_ms }]) => ({ delay: timer.split('.')[2]!, due_ms })),
      ...{ state, heard, effects },
      get sent() {
        return effects.map((effect) => sentLine(effect, thread))
      },
    })
  }

  const commit = (made: Decision, heard: Cause, tail: DigitTail | undefined): void => {
    const revision = (loaded?.revision ?? 0) + 1
    const { id, version, shape } = definition
    const owner = { actor: whose, address, turn: revision, machine: { id, version, shape }, tail }
    if (keep === 'as it is') loaded = { record: { ...made, ...owner } as unknown as Loaded['record'], revision }
    else {
      const cause = envelopeFor(whose, heard, at_iso())
      const stored = { format: record_format, at: at_iso(), input: { sequence: revision, time_ns: '0' }, seen: [] }
      loaded = frozen({ record: JSON.parse(JSON.stringify({ ...made, ...stored, ...owner, cause })), revision })
    }
    records.push(loaded)
    made.effects.forEach(({ ask, type, payload: input }, index) => {
      if (ask) asked.push({ ask, type, input, key: idempotencyKey(whose, revision, index) } as Asked)
    })
    for (const [timer, { generation }] of Object.entries(made.timers)) armed.push({ timer, generation })
  }

  const causeOf = (step: Exclude<Step, { later: number }>): Cause => {
    if ('says' in step || 'form' in step || 'press' in step || 'closes' in step) return heard(customerEvent(step))
    if ('lost' in step)
      return heard({ type: 'effect.failed', effect: step.lost, direction: step.direction, code: 'failed' })
    if ('receipt' in step)
      return heard({ type: 'receipt.updated', correlationId: 'c', status: step.receipt, code: '7500' })
    if ('timer' in step) return timerCause(String(step.timer))
    if ('lateTimer' in step) return { kind: 'timer', ...last(armed, (one) => isPast(one) && isOf(one, step.lateTimer)) }
    if ('late' in step)
      return answerTo(
        last(asked, ({ ask, key }) => ask === step.late && !isAwaited(ask, key)),
        step,
      )
    if ('answers' in step) return answerTo(awaited(step.answers), step)
    if ('fails' in step) return answerTo(awaited(step.fails), { code: step.code ?? 'failed' })
    const { task, ...fields } = step
    return heard({ type: `task.${task}`, ...taskDefaults(), ...fields })
  }

  const window = address.channel === 'live-chat' ? { thread } : {}
  const customerEvent = (step: CustomerStep): object => {
    if ('press' in step) {
      const reference = offerReference({ ...self.context(), ...(step.taskId ? { taskId: step.taskId } : {}) })
      return { type: 'postback.received', reference, identifier: step.press, ...window }
    }
    if ('closes' in step) return { type: 'thread.closed', ...(step.closes ? { thread: step.closes } : {}) }
    if ('form' in step) {
      const { form, ...more } = step
      const fields = Object.entries(form).map(([name, value]) => ({ name, label: name, type: 'text', value }))
      return {
        type: 'form.submitted',
        title: '<preChatForm>',
        fields: fields.map((field) => ({ ...field, mandatory: field.name !== 'Phone' })),
        scan: 'clean',
        ...window,
        ...more,
      }
    }
    const { says: text, mail, ...more } = step
    const written = address.channel === 'email' ? { mail: { ...usualMail, messageId: `<m${events}@x>`, ...mail } } : {}
    return { type: 'message.received', text, scan: 'clean', ...window, ...written, ...more }
  }
  const heard = (event: object): Cause => {
    const own = `e${events++}`
    const id = (event as { mail?: Mail }).mail?.messageId || own
    return { kind: 'event', event: { id, at: at_iso(), ...event } as ConversationEvent, address }
  }
  const at_iso = () => new Date(self.at_ms).toISOString()

  const isAwaited = (ask: string, key: string): boolean => {
    const waiting = loaded?.record.pending[ask]
    return !!waiting && key === idempotencyKey(whose, waiting.revision ?? loaded!.revision, waiting.index)
  }
  const awaited = (ask: string): Asked => {
    const found = asked.findLast((one) => one.ask === ask && isAwaited(ask, one.key))
    if (!found) throw new ImpossibleStep(`nobody waits for ${ask}; waiting: ${self.pending().join(', ') || 'nobody'}`)
    return found
  }
  const answerTo = (to: Asked, { with: output, code }: { with?: object; code?: AskErrorCode }): Cause => ({
    kind: 'answer',
    ...to,
    ...(code ? { error: { code } } : { output: { ...defaultOutputs[to.type], ...output } }),
  })

  const isOf = ({ timer }: Armed, name: string) => timer.startsWith(`xstate.after.${name}.`)
  const isPast = ({ timer, generation }: Armed) => loaded?.record.timers[timer]?.generation !== generation
  const timerCause = (name: string): Cause => {
    const timer = self.timers().find((timer) => isOf({ timer, generation: 0 }, name))
    if (!timer) throw new ImpossibleStep(`no timer ${name}; armed: ${self.timers().join(', ') || 'none'}`)
    const { due_ms, generation } = loaded!.record.timers[timer]!
    self.at_ms = Math.max(self.at_ms, due_ms)
    return { kind: 'timer', timer, generation }
  }

  const taskDefaults = () => ({
    taskId: self.context().taskId,
    mediaResourceId: self.context().conversationId,
    variables: {},
    estimatedWaitSeconds: null,
    agentId,
    disposition: 'CD_NORMAL_END_TASK',
    cause: 'CD_TASK_TRANSFER',
  })

  const self: Drive = {
    machine: definition.id,
    asset,
    at_ms: memory.at_ms,
    history,
    play: (...steps) => {
      steps.forEach(one)
      return history.at(-1)!
    },
    context: () => (loaded?.record.snapshot as unknown as { context: Context } | undefined)?.context ?? ({} as Context),
    timers: () => Object.keys(loaded?.record.timers ?? {}),
    pending: () => Object.keys(loaded?.record.pending ?? {}),
    loaded: () => loaded,
    records,
    memory: () => ({ loaded, events, asked: [...asked], armed: [...armed], history: [...history], at_ms: self.at_ms }),
  }
  return self
}

/** T2: the same record and cause give the same decision, and the record is not touched. */
const decideTwice: typeof decide = (definition, actor, address, loaded, cause, turn) => {
  const made = decide(definition, actor, address, loaded, cause, turn)
  deepStrictEqual(plain(decide(definition, actor, address, loaded, plain(cause), turn)), plain(made))
  return made
}

export const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const inner of Object.values(value)) frozen(inner)
  return Object.freeze(value)
}

function last<T>(list: T[], is: (one: T) => boolean): T {
  const found = list.findLast(is)
  if (!found) throw new ImpossibleStep(`nothing of that name belongs to the past; there were: ${JSON.stringify(list)}`)
  return found
}

export const defaultOutputs: Record<string, object> = {
  searchConversation: { outcome: 'noConversationFound', conversationId: '', agentId: '' },
  createConversation: { conversationId },
  createTask: { how: 'created' },
}

/** Texts by their key, so that a wording can change without a test noticing. */
export const plainSay: Turn['say'] = (special, values = {}) => {
  const key = standInOf(special)
  if (!(key in englishTexts)) throw new Error(`no text ${key}`)
  const told = Object.entries(values).filter(
    ([name, value]) => !['options', 'seconds', 'named'].includes(name) && value !== '',
  )
  return told.length === 0 ? `<${key}>` : `<${key} ${told.map(([, value]) => value).join(' ')}>`
}

/** The same, with some words of the asset's own. */
const sayWith =
  (texts: Texts = {}): Turn['say'] =>
  (key, values) =>
    texts[key] ?? plainSay(key, values)

/** Steps most stories begin with. */
export const toMenu: Step[] = [{ says: 'Hi' }, { answers: 'searchConversation' }, { answers: 'createConversation' }]
export const toTask: Step[] = [...toMenu, { says: '1' }]
export const toCreated: Step[] = [...toTask, { answers: 'createTask' }]
export const toQueued: Step[] = [...toCreated, { task: 'created' }, { task: 'queued' }]
export const toTalking: Step[] = [...toQueued, { task: 'routed' }, { answers: 'addParticipant' }]
export const toTransferring: Step[] = [...toTalking, { task: 'transferred', scriptSelector: 'Support' }]
export const toRecreating: Step[] = [...toTransferring, { answers: 'removeParticipant' }]
export const toClosed: Step[] = [...toTalking, { task: 'closed' }, { answers: 'closeConversation' }]
