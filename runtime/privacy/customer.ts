/**
 * Who is meant by a privacy request: the forms that one customer's identity has on the channels, the conversations under
 * them, and whether something stored speaks of them. Speaks to the list of conversations and to the records.
 */
import { type Address, type Channel, channels } from '../../machines/events.ts'
import type { ConversationsView } from '../conversations-view.ts'
import type { Loaded } from '../record.ts'

/** `customer` as anybody writes it; `channel` and `asset` narrow. */
export interface CustomerQuery {
  customer: string
  channel?: Channel | undefined
  asset?: string | undefined
}

export interface CustomerParts {
  assets: readonly { channel: Channel; id: string }[]
  view: ConversationsView
  recordOf: (actor: string) => Promise<Loaded | undefined>
  actorIdOf: (address: Address) => string
  normaliseCustomer: (channel: Channel, raw: string) => string
  normaliseAsset: (channel: Channel | undefined, raw: string) => string
}

/** The customer's identity in its one form, on each channel that is asked for. */
export function identitiesOf({ normaliseCustomer }: CustomerParts, { customer, channel }: CustomerQuery) {
  const meant = channel === undefined ? channels : [channel]
  return meant.map((one) => ({ channel: one, customer: normaliseCustomer(one, customer.trim()) }))
}

/**
 * The stored conversations, by actor. One customer at one asset is looked up itself, since the list may lag by a moment; by
 * mail there are as many as there were subjects, and those are known from the list alone.
 */
export async function conversationsOf(parts: CustomerParts, query: CustomerQuery): Promise<Loaded[]> {
  const actors = identitiesOf(parts, query).flatMap(({ channel, customer }) => {
    const asset = query.asset === undefined ? undefined : parts.normaliseAsset(channel, query.asset)
    const here = parts.assets.filter((one) => one.channel === channel && (asset ?? one.id) === one.id)
    return [
      ...here.map(({ id }) => parts.actorIdOf({ channel, asset: id, customer })),
      ...parts.view.find({ channel, asset, customer }, Number.POSITIVE_INFINITY).actors,
    ]
  })
  const loaded = await Promise.all([...new Set(actors)].map(parts.recordOf))
  return loaded.filter((one) => one !== undefined)
}

/** Whether any text in a value is the customer's identity in some writing of it. */
export function speaksOf(parts: CustomerParts, query: CustomerQuery): (value: unknown) => boolean {
  const identities = identitiesOf(parts, query)
  const isMeant = (text: string) =>
    text.length <= identity_chars_max &&
    identities.some(({ channel, customer }) => parts.normaliseCustomer(channel, text) === customer)
  const speaks = (value: unknown): boolean => {
    if (typeof value === 'string') return isMeant(value)
    return typeof value === 'object' && value !== null && Object.values(value).some(speaks)
  }
  return speaks
}

const identity_chars_max = 320
