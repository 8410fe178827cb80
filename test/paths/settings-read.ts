/**
 * Whether a turn asked for a setting in which the policies of paths differ. One that did not goes the same way under each of
 * them, so that a search needs to try it once.
 */
import type { Asset } from '../../machines/policy.ts'
import { decide } from '../../runtime/stages/decide.ts'
import { lineOf } from '../lines.ts'
import { type PolicyName, policies } from './line.ts'

export interface SettingsRead {
  /** As `decide`, with an eye on the settings. */
  decideBy: typeof decide
  /** Since the last time it was asked. */
  wasRead(): boolean
}

export function settingsRead(machine: string, policy: PolicyName): SettingsRead {
  let read = false
  const asset = { ...lineOf(machine).assetWith(policies[policy]) }
  const told = { ...asset.policy }
  for (const key of differing(machine)) {
    const value = told[key]
    const get = () => {
      read = true
      return value
    }
    Object.defineProperty(told, key, { get, enumerable: true })
  }
  const watched: Asset = { ...asset, policy: told }
  return {
    decideBy: (definition, actor, address, loaded, cause, turn) =>
      decide(definition, actor, address, loaded, cause, { ...turn, asset: watched }),
    wasRead() {
      const was = read
      read = false
      return was
    },
  }
}

function differing(machine: string): (keyof Asset['policy'])[] {
  const all = Object.values(policies).map((policy) => lineOf(machine).assetWith(policy).policy)
  const names = Object.keys(all[0]!) as (keyof Asset['policy'])[]
  return names.filter((name) => new Set(all.map((policy) => JSON.stringify(policy[name]))).size > 1)
}
