/**
 * activate: one delivery → what it means and whose it is, with the actor's record. Drops what was already turned: by
 * inbox position, and by event id for what a provider sent again long after (three nets, blueprint section 2).
 * Speaks to the actor cache; keeps T5 (every delivery has one of three ends here) and T8 (no record is reset).
 */
import { type Definition, latestDefinition } from '../../machines/definitions.ts'
import type { Address } from '../../machines/events.ts'
import type { Asset } from '../../machines/policy.ts'
import { maskDeep } from '../../machines/sensitive-data.ts'
import type { Say } from '../../machines/texts.ts'
import type { ActorCache } from '../actor-cache.ts'
import { crashPoint } from '../crash-points.ts'
import type { DeadLetterKind } from '../dead-letters.ts'
import { type Cause, causeOf, type Envelope } from '../envelope.ts'
import type { Delivery } from '../owned-consumer.ts'
import type { InboxPosition, Loaded } from '../record.ts'
import { isReadable, restore, type Versions } from './restore.ts'

/** What an asset's conversations run on; undefined for an asset this configuration does not know. */
export type Bindings = (address: Pick<Address, 'channel' | 'asset'>) => Binding | undefined
export interface Binding {
  machine: string
  asset: Asset
  say: Say
}

export type Activation =
  | {
      kind: 'ready'
      actor: string
      envelope: Envelope
      cause: Cause
      address: Address
      binding: Binding
      definition: Definition
      loaded: Loaded | undefined
    }
  | { kind: 'seen'; actor: string; loaded: Loaded; last: boolean }
  | { kind: 'setAside'; actor: string; as: DeadLetterKind; reason: string; content: unknown }

export type Activated = Extract<Activation, { kind: 'ready' }>

/** Throws only when the broker does not answer: then the delivery is tried again, in its place. */
export async function activate(
  delivery: Delivery,
  cache: ActorCache,
  bindings: Bindings,
  versions: Versions,
): Promise<Activation> {
  const actor = delivery.subject.split('.').at(-1) ?? ''
  const unreadable = (reason: string): Activation => {
    const content = { bytes: delivery.data.length, sequence: delivery.sequence }
    return { kind: 'setAside', actor, as: 'unreadable', reason, content }
  }
  let envelope: Envelope
  let cause: Cause
  try {
    envelope = JSON.parse(utf8.decode(delivery.data)) as Envelope
    cause = causeOf(envelope)
  } catch (error) {
    return unreadable(reasonOf(error))
  }

  const loaded = await cache.load(actor)
  crashPoint('activate.loaded')
  const aside = (as: DeadLetterKind, reason: string): Activation => ({
    kind: 'setAside',
    actor,
    as,
    reason,
    content: envelope,
  })

  if (loaded && isReadable(loaded) && isTurned(loaded, delivery, envelope, cause)) {
    return { kind: 'seen', actor, loaded, last: loaded.record.input.sequence === delivery.sequence }
  }
  const restored = loaded && restore(loaded, versions)
  if (restored && 'reason' in restored) return aside('record', restored.reason)
  const address = loaded?.record.address ?? (cause.kind === 'event' ? cause.address : undefined)
  if (!address) return aside('unhandled', 'an event for an actor that has no record, and that no customer began')
  const binding = bindings(address)
  if (!binding) return aside('unhandled', `no ${address.channel} asset ${address.asset} is configured`)
  const definition = restored?.definition ?? latestDefinition(binding.machine, versions.definitions)
  if (!definition) return aside('record', `this build has no machine ${binding.machine}`)
  if (cause.kind === 'event') {
    const read = definition.hears.safeParse(cause.event)
    if (read.error) {
      const [issue] = read.error.issues
      const reason = `not an event ${definition.id} knows: ${issue?.path.join('.') || 'type'}: ${issue?.code}`
      const masked = { ...envelope, data: maskDeep(envelope.data) } as Envelope
      return { kind: 'setAside', actor, as: 'unreadable', reason, content: masked }
    }
    cause = { ...cause, event: read.data }
  }
  return { kind: 'ready', actor, envelope, cause, address, binding, definition, loaded: restored?.loaded }
}

const utf8 = new TextDecoder()

/** Two nets: the position in the inbox, and for events from outside the ids seen lately. */
function isTurned({ record }: Loaded, delivery: Delivery, envelope: Envelope, cause: Cause): boolean {
  return isBehind(record.input, delivery) || (cause.kind === 'event' && record.seen.includes(seenId(envelope)))
}

/** A sequence alone may be used again after a stream was restored; the server's time tells them apart. */
function isBehind(input: InboxPosition, delivery: Delivery): boolean {
  return delivery.sequence <= input.sequence && BigInt(delivery.time_ns) <= BigInt(input.time_ns)
}

/** A short hash of an event's source and id, which name it only together: 53 bits in base 36, enough to tell a few dozen apart. */
export function seenId({ source, id: own }: Pick<Envelope, 'source' | 'id'>): string {
  const id = `${source} ${own}`
  let high = 0x811c9dc5
  let low = 0xdeadbeef
  for (let i = 0; i < id.length; i++) {
    high = Math.imul(high ^ id.charCodeAt(i), 0x01000193)
    low = Math.imul(low ^ id.charCodeAt(i), 0x85ebca6b)
  }
  return ((high >>> 0) * 0x20_0000 + (low >>> 11)).toString(36)
}

const reasonOf = (error: unknown): string =>
  error instanceof SyntaxError ? 'not JSON' : String((error as Error).message)
