/**
 * What paths are driven on: a machine under two policies that between them open every guarded way, fast or with every turn
 * decided twice. A path is the steps and the name of its policy, and nothing else.
 */
import { type Definition, latestDefinition } from '../../machines/definitions.ts'
import type { Address } from '../../machines/events.ts'
import type { Asset, Policy } from '../../machines/policy.ts'
import { decide } from '../../runtime/stages/decide.ts'
import { actor, type Drive, type DriveMemory, drive, ImpossibleStep, plainSay, type Step } from '../drive.ts'
import { everyWait, lineOf } from '../lines.ts'

export interface Path {
  /** Machine, policy and number: the same for the same seed. */
  id: string
  policy: PolicyName
  steps: Step[]
}

export type PolicyName = keyof typeof policies

/** `waits` arms every timer; `others` takes, where a setting has two ways, the one that `waits` does not. */
export const policies = {
  waits: everyWait,
  others: {
    onClosed: 'new',
    idleTimeoutSeconds: 0,
    welcomeAfterEnd: 'onNextMessage',
    callbackFailed: 'close',
    lastWrongAnswer: 'menuDefault',
    chatClosedForCallback: 'withCallback',
    callbackAfterTransfer: 'offer',
    ewtRelay: 'changed',
    createdAfterTransfer: 'suppress',
    noticeIntervalSeconds: 300,
    retentionDays: 1,
  },
} as const satisfies Record<string, Partial<Policy>>

/** Every turn is decided once, for the many. `memory` is where to go on from, if not from the beginning. */
export function driveFast(
  definition: Definition,
  policy: PolicyName,
  memory?: DriveMemory,
  decideBy: typeof decide = decide,
): Drive {
  const { asset, address } = assetOf(definition.id, policy)
  return drive(asset, definition, address, plainSay, memory, decideBy, actor, 'as it is')
}

/** One for all that are driven on it. */
function assetOf(machine: string, policy: PolicyName): { asset: Asset; address: Address } {
  const key = `${machine} ${policy}`
  const known = assets.get(key)
  if (known) return known
  const { assetWith, address } = lineOf(machine)
  const one = { asset: assetWith(policies[policy]), address }
  assets.set(key, one)
  return one
}
const assets = new Map<string, { asset: Asset; address: Address }>()

/** False for a step that cannot happen there. */
export function plays(conversation: { play(step: Step): unknown }, step: Step): boolean {
  try {
    conversation.play(step)
    return true
  } catch (error) {
    if (error instanceof ImpossibleStep) return false
    throw error
  }
}

/** Another drive that goes on from where this one is. */
export const forked = (definition: Definition, policy: PolicyName, from: Drive): Drive =>
  driveFast(definition, policy, from.memory())

/** Plays a path with every turn decided twice (T2), on the newest version of the machine unless another is given. */
export function played(machine: string, { policy, steps }: Path, definition = latestDefinition(machine)!): Drive {
  const line = lineOf(machine)
  const conversation = drive(line.assetWith(policies[policy]), definition, line.address)
  conversation.play(...steps)
  return conversation
}
