/**
 * Drives one conversation through `decide` alone: no broker, no clock, no adapter. A step is an event, an answer to an
 * ask that is waiting, or a timer that is armed; what comes back is what a reader of the chart would want to know.
 */
import type { Context, Turn } from '../machines/context.ts'
import { type Definition, latestDefinition } from '../machines/definitions.ts'
import type { AskErrorCode } from '../machines/effects.ts'
import type { Address, ConversationEvent } from '../machines/events.ts'
import { type Asset, type Policy, presets } from '../machines/policy.ts'
import { englishTexts } from '../machines/texts.ts'
import type { Cause } from '../runtime/envelope.ts'
import { idempotencyKey, type Loaded, type StoredEffect } from '../runtime/record.ts'
import { decide } from '../runtime/stages/decide.ts'

export const actor = '0123456789abcdef'
export const address: Address = { channel: 'sms', asset: '14155550100', customer: '+14155550123' }
export const conversationId = '65F2C0A91B7E4D01'
export const agentId = '5021'
const start_ms = Date.parse('2026-03-02T14:00:00.000Z')

export type Step =
  | { says: string; scan?: 'clean' | 'masked' | 'failed' }
  | { answers: string; with?: object }
  | { fails: string; code?: AskErrorCode }
  | { timer: string }
  | { task: 'created' | 'queued' | 'routed' | 'transferred' | 'closed'; [field: string]: unknown }
  | { lost: string; direction?: string }

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
    policy: { ...presets.representative, ...policy },
    context,
  }
}

/** What a turn did: where it went and what it sent, as `type purpose-or-direction: text`. */
export interface Trace {
  state: string
  heard: string
  sent: string[]
  effects: StoredEffect[]
}

export interface Drive {
  play(...steps: Step[]): Trace
  history: Trace[]
  context(): Context
  timers(): string[]
  pending(): string[]
  at_ms: number
  /** Forgets everything but JSON between two turns, as a crash would. */
  loaded(): Loaded | undefined
}

export function drive(asset: Asset = assetWith(), definition: Definition = latestDefinition('sms')!): Drive {
  let loaded: Loaded | undefined
  let events = 0
  const history: Trace[] = []

  const one = (step: Step): Trace => {
    self.at_ms += 1_000
    const turn: Turn = { at_ms: self.at_ms, asset, say: plainSay }
    const made = decide(definition, actor, address, loaded, causeOf(step), turn)
    const revision = (loaded?.revision ?? 0) + 1
    const { id, version, shape } = definition
    const record = { ...made, actor, address, turn: revision, machine: { id, version, shape } }
    loaded = { record: JSON.parse(JSON.stringify(record)), revision }
    const trace = { state: made.state, heard: made.heard, effects: made.effects, sent: made.effects.map(line) }
    history.push(trace)
    return trace
  }

  const causeOf = (step: Step): Cause => {
    const id = `e${events++}`
    const at = new Date(self.at_ms).toISOString()
    const heard = (event: object): Cause => ({
      kind: 'event',
      event: { id, at, ...event } as ConversationEvent,
      address,
    })
    if ('says' in step) return heard({ type: 'message.received', text: step.says, scan: step.scan ?? 'clean' })
    if ('lost' in step) {
      return heard({ type: 'effect.failed', effect: step.lost, direction: step.direction, code: 'failed' })
    }
    if ('timer' in step) return timerCause(String(step.timer))
    if ('task' in step) {
      const { task, ...fields } = step
      return heard({ type: `task.${task}`, ...taskDefaults(), ...fields })
    }
    const ask = 'answers' in step ? step.answers : step.fails
    const waiting = loaded?.record.pending[ask]
    if (!waiting) throw new Error(`nobody waits for ${ask}; waiting: ${Object.keys(loaded?.record.pending ?? {})}`)
    const key = idempotencyKey(actor, waiting.revision ?? loaded!.revision, waiting.index)
    const output = 'answers' in step ? { output: { ...defaultOutputs[waiting.type], ...step.with } } : {}
    const error = 'fails' in step ? { error: { code: step.code ?? ('failed' as const) } } : {}
    return { kind: 'answer', ask, type: waiting.type, key, ...output, ...error }
  }

  const timerCause = (name: string): Cause => {
    const found = Object.keys(loaded?.record.timers ?? {}).find((timer) => timer.startsWith(`xstate.after.${name}`))
    if (!found) throw new Error(`no timer ${name}; armed: ${Object.keys(loaded?.record.timers ?? {})}`)
    const armed = loaded!.record.timers[found]!
    self.at_ms = Math.max(self.at_ms, armed.due_ms)
    return { kind: 'timer', timer: found, generation: armed.generation }
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
    at_ms: start_ms,
    history,
    play: (...steps) => steps.map(one).at(-1)!,
    context: () => (loaded?.record.snapshot as unknown as { context: Context } | undefined)?.context ?? ({} as Context),
    timers: () => Object.keys(loaded?.record.timers ?? {}),
    pending: () => Object.keys(loaded?.record.pending ?? {}),
    loaded: () => loaded,
  }
  return self
}

const defaultOutputs: Record<string, object> = {
  searchConversation: { outcome: 'noConversationFound', conversationId: '', agentId: '' },
  createConversation: { conversationId },
  createTask: { how: 'created' },
}

/** Texts by their key, so that a wording can change without a test noticing. */
const plainSay: Turn['say'] = (key, values = {}) => {
  if (!(key in englishTexts)) throw new Error(`no text ${key}`)
  const told = Object.entries(values).filter(([name]) => name !== 'options' && name !== 'seconds')
  return told.length === 0 ? `<${key}>` : `<${key} ${told.map(([, value]) => value).join(' ')}>`
}

function line({ type, payload }: StoredEffect): string {
  const told = payload as Record<string, string>
  if (type === 'sendMessage') return `send ${told.purpose}: ${told.text}`
  if (type === 'appendConversation') return `append ${told.direction}: ${told.text}`
  if (type === 'createTask') return `createTask ${told.scriptSelector}`
  if (type === 'endTask') return `endTask ${told.disposition}`
  if (type === 'addParticipant' || type === 'removeParticipant') return `${type} ${told.agentId}`
  if (type === 'raiseAlert') return `alert ${told.code}`
  return type
}

/** Steps most stories begin with. */
export const toMenu: Step[] = [{ says: 'Hi' }, { answers: 'searchConversation' }, { answers: 'createConversation' }]
export const toTask: Step[] = [...toMenu, { says: '1' }]
export const toCreated: Step[] = [...toTask, { answers: 'createTask' }]
export const toQueued: Step[] = [...toCreated, { task: 'created' }, { task: 'queued' }]
export const toTalking: Step[] = [...toQueued, { task: 'routed' }, { answers: 'addParticipant' }]
