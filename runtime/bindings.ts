/**
 * Which flow runs for which asset (DE1, DE2): looked up by what an address says, and listed for people. Made once from the
 * configuration, which has refused whatever could fire twice (`binding-checks.ts`).
 */
import type { Channel } from '../machines/events.ts'
import { flowsOf } from '../machines/flows.ts'
import type { AssetConfig } from './config.ts'
import type { Binding, Bindings } from './stages/activate.ts'
import { sayFor } from './texts.ts'

export function assetBindings(assets: readonly AssetConfig[]): {
  bindings: Bindings
  knowsAsset: (id: string) => boolean
  /** Whether mail from this address is our own. */
  ownsMailbox: (address: string) => boolean
} {
  const byAddress = new Map<string, Binding>(
    assets.map((asset) => [`${asset.channel} ${asset.id}`, { machine: asset.machine, asset, say: sayFor(asset) }]),
  )
  const ids = new Set(assets.map(({ id }) => id))
  const mailboxes = new Set(assets.map(({ address }) => address).filter((address) => address !== ''))
  return {
    bindings: ({ channel, asset }) => byAddress.get(`${channel} ${asset}`),
    knowsAsset: (id) => ids.has(id),
    ownsMailbox: (address) => mailboxes.has(address),
  }
}

/** One flow at one asset, and the events of that asset which set it off. */
export interface FlowBinding {
  flow: string
  channel: Channel
  asset: string
  machine: string
  hears: readonly string[]
}

/** Every flow of every asset, in the order of the file. */
export function flowBindings(assets: readonly Pick<AssetConfig, 'channel' | 'id' | 'machine'>[]): FlowBinding[] {
  return assets.flatMap(({ channel, id, machine }) =>
    flowsOf(machine).map(({ name, hears }) => ({ flow: name, channel, asset: id, machine, hears })),
  )
}
