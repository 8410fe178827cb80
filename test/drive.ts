/**
 * Drives one conversation through its turns alone, masked across messages and decided: no broker, no clock, no adapter. A
 * step is an event, an answer to an ask that is waiting, or a timer that is armed; what comes back is what a reader of the
 * chart would want to know (`step.ts` has the words, `driver.ts` the turns).
 * Keeps T2 for whoever uses it: every step is decided twice from a frozen record, and the record goes through JSON.
 */
import { deepStrictEqual } from 'node:assert/strict'
import type { Turn } from '../machines/context.ts'
import { type Definition, latestDefinition } from '../machines/definitions.ts'
import type { Address } from '../machines/events.ts'
import { type Asset, type Policy, presets } from '../machines/policy.ts'
import { englishTexts, standInOf, type TextKey } from '../machines/texts.ts'
import { decide } from '../runtime/stages/decide.ts'
import { Driver, plain } from './driver.ts'
import type { Drive, DriveMemory, Step } from './step.ts'

export { thread } from './customer-event.ts'
export { agentId, conversationId, defaultOutputs, frozen, plain } from './driver.ts'
export { type Drive, type DriveMemory, ImpossibleStep, type Step, type Trace } from './step.ts'

export const actor = '0123456789abcdef'
export const address: Address = { channel: 'sms', asset: '14155550100', customer: '+14155550123' }
const start_ms = Date.parse('2026-03-02T14:00:00.000Z')

/** A moment by the clock of whoever sent an event; a step lasts one second, and the first one begins at 1. */
export const at = (seconds: number): string => new Date(start_ms + seconds * 1_000).toISOString()

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

export const nothingYet: DriveMemory = {
  loaded: undefined,
  events: 0,
  asked: [],
  armed: [],
  history: [],
  at_ms: start_ms,
}

export function drive(
  asset: Asset = assetWith(),
  definition: Definition = latestDefinition('sms')!,
  address: Address = smsLine.address,
  say: Turn['say'] = plainSay,
  memory: DriveMemory = nothingYet,
  decideBy: typeof decide = decideTwice,
  whose: string = actor,
  keep: 'as JSON' | 'as it is' = 'as JSON',
): Drive {
  return new Driver({ definition, asset, address, say, decideBy, whose, keep }, memory)
}

/** T2: the same record and cause give the same decision, and the record is not touched. */
const decideTwice: typeof decide = (definition, actor, address, loaded, cause, turn) => {
  const made = decide(definition, actor, address, loaded, cause, turn)
  deepStrictEqual(plain(decide(definition, actor, address, loaded, plain(cause), turn)), plain(made))
  return made
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
