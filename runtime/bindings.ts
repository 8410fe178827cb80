/**
 * Which asset runs which machine: looked up by what an address says. Made once from the configuration.
 */
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
