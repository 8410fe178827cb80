/**
 * The variables a task carries (CX4), and how they are made to fit: what is configured, what the Create Task node fills in
 * by itself (seed l.38-55), and what the routing service gave back (TR6). Customer-derived values and those given back are
 * cut, the last ones first, until all of them fit (A33, E98); the task says which, so that nobody takes half a value for a
 * whole one. A name is the same name in whatever case (flows.md 2.9). Pure.
 */
import type { Variable } from './effects.ts'
import { actorVariable, ecc_payload_bytes_max, fitVariable, isEcc, mediaResource } from './task-context.ts'

/** The extension variable that names, parted by commas, the variables that do not travel whole. */
export const cutVariable = 'ParleyCut'

export interface VariableSources {
  actor: string
  conversationId: string
  customerName: string
  /** Within their limits: checked at start. */
  configured: Variable[]
  /** What the routing service gave back, by name. */
  learned: Record<string, string>
  /** What the channel adds. */
  own?: Variable[]
  /** A web callback takes no arrays (flows.md section 5): lists and objects stay behind, and are named as cut. */
  scalarsOnly?: boolean
}

/** All variables of a task, in Latin-1, within every limit of flows.md 2.9; the conversation id is never cut. */
export function taskVariables(sources: VariableSources): Variable[] {
  let eccRoom_bytes = ecc_payload_bytes_max
  const fitted = inOrderOfKeeping(sources).map((variable) => {
    if (sources.scalarsOnly && isCollection(variable)) return fitVariable(variable, 0)
    if (!isEcc(variable.key)) return fitVariable(variable)
    const one = fitVariable(variable, eccRoom_bytes)
    eccRoom_bytes -= one.variable.value.length
    return one
  })
  const cut = fitted.filter((one) => one.cut).map(({ variable }) => variable.key)
  const kept = fitted.filter((one) => !one.cut || one.variable.value !== '').map(({ variable }) => variable)
  return cut.length === 0 ? kept : [...kept, { key: cutVariable, value: cut.join(',') }]
}

/** What is known of a task's variables after a webhook told of them (CX2, QU6): the last word on a name counts. */
export function learnedVariables(known: Record<string, string>, told: Record<string, string>): Record<string, string> {
  const again = namesOf(Object.keys(told))
  return { ...Object.fromEntries(Object.entries(known).filter(([key]) => !again.has(key.toLowerCase()))), ...told }
}

/**
 * Ours over what came back, and that over what is configured, one value a name. The order is that of keeping: what is
 * configured was promised to fit, so it comes before what customers and webhooks bring.
 */
function inOrderOfKeeping(sources: VariableSources): Variable[] {
  const { actor, conversationId, customerName, configured, learned, own = [] } = sources
  const id = { key: mediaResource, value: conversationId }
  const ours = [{ key: 'user_DR_CustomerName', value: customerName }, { key: actorVariable, value: actor }, ...own]
  const back = without(spelledAsConfigured(learned, configured), [id, ...ours, ...notGivenBack])
  return [id, ...without(configured, [id, ...ours, ...back]), ...ours, ...back]
}

/** ECC names are case-sensitive in the contact centre: the configuration knows how they are written there. */
function spelledAsConfigured(learned: Record<string, string>, configured: Variable[]): Variable[] {
  const spellings = new Map(configured.map(({ key }) => [key.toLowerCase(), key]))
  return Object.entries(learned).map(([key, value]) => ({ key: spellings.get(key.toLowerCase()) ?? key, value }))
}

/** Digital Routing sets its own pair anew (flows.md 2.1), and what was cut the last time may fit this time. */
const notGivenBack = [{ key: 'user_DR_Primary' }, { key: 'user_DR_Backup' }, { key: cutVariable }]

const without = (variables: Variable[], named: { key: string }[]): Variable[] => {
  const names = namesOf(named.map(({ key }) => key))
  return variables.filter(({ key }) => !names.has(key.toLowerCase()))
}
const namesOf = (keys: string[]): Set<string> => new Set(keys.map((key) => key.toLowerCase()))

/** An element of an ECC array, or a list or an object as webhooks bring it: JSON in a text. */
function isCollection({ key, value }: Variable): boolean {
  if (key.endsWith(']')) return true
  if (!/^\s*[[{]/.test(value)) return false
  try {
    JSON.parse(value)
    return true
  } catch {
    return false
  }
}
