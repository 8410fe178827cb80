/**
 * Refuses bindings of flows to assets that could both fire for one event (DE1, DE2, DE4, E11). An asset's machine binds
 * its flows, and no two flows of one machine hear the same event; so what is left to refuse is two assets in one place:
 * one id within a channel, or one mailbox. Tolerates what the schema refuses, like everything here. Pure.
 */
import { normaliseAsset, normaliseCustomer } from '../adapters/identity.ts'
import { channels } from '../machines/events.ts'
import { type Flow, flowsOf } from '../machines/flows.ts'
import { type Finding, foundAt } from './config-problems.ts'
import { textAt } from './config-schema-at.ts'
import { repeated } from './repeated.ts'

/** One finding for each asset that stands where an earlier one does; names both, and what both would answer. */
export function bindingFindings(document: unknown, assets: number): Finding[] {
  const all = Array.from({ length: assets }, (_, index) => entryAt(document, index))
  const ids = repeated(all, ({ id }) => id)
  const mailboxes = repeated(all, ({ address }) => address)
  return [
    ...ids.map(({ again, first }) => ({
      path: ['assets', again.index, 'id'],
      expected: `an id that no other ${again.channel ?? 'such'} asset has`,
      found: `${foundAt(document, ['assets', again.index, 'id'])}, the id of assets.${first.index}`,
      ...hintOf(first.flows, again.flows),
    })),
    ...mailboxes.map(({ again, first }) => ({
      path: ['assets', again.index, 'address'],
      expected: 'an address that no other asset has',
      found: `${foundAt(document, ['assets', again.index, 'address'])}, the address of assets.${first.index}`,
      ...hintOf(first.flows, again.flows),
    })),
  ]
}

/** Where an asset stands, as events are compared: without a plus for numbers, and nobody means two by another case. */
function entryAt(document: unknown, index: number) {
  const at = (key: string) => textAt(document, ['assets', index, key])
  const channel = channels.find((one) => one === at('channel'))
  const id = at('id') && `${channel} ${normaliseAsset(channel, at('id')).toLowerCase()}`
  /** Without a machine in the file, a channel runs the one of its own name. */
  return {
    index,
    channel,
    id,
    address: normaliseCustomer('email', at('address')),
    flows: flowsOf(at('machine') || at('channel')),
  }
}

function hintOf(first: readonly Flow[], again: readonly Flow[]): { hint?: string } {
  const clashes = first.flatMap((one) => again.flatMap((other) => clashOf(one, other)))
  if (clashes.length > 0) return { hint: clashes.join('; ') }
  return first.length > 0 && again.length > 0
    ? { hint: `its ${again.length} flows would answer every event twice` }
    : {}
}

/** What two flows would both answer; nothing for one flow that is bound twice, which is said once for all. */
function clashOf(one: Flow, other: Flow): string[] {
  const both = one.hears.filter((event) => other.hears.includes(event))
  return one === other || both.length === 0
    ? []
    : [`${one.name} and ${other.name} would both answer ${both.join(', ')}`]
}
