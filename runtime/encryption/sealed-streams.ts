/**
 * The one seam of encryption at rest: a broker whose streams hold sealed messages and whose users see clear ones. What is
 * published to INBOX, TURNS, DEAD and CHATS is sealed under the key of its actor or thread; what is read, from whatever
 * stream, is opened if it is sealed. Subjects, expectations, ids and sequences pass through as they are, so that order,
 * conditional appends and what is kept out as a duplicate are as without it (T1, T3).
 *
 * Publishing is sealed here, reading opened by `opened-streams.ts`. docs/privacy.md says what stays in clear.
 */
import type { JetStreamClient } from '@nats-io/jetstream'
import type { MsgHdrs, Payload } from '@nats-io/transport-node'
import { actorIdOf } from '../../adapters/identity.ts'
import type { Address } from '../../machines/events.ts'
import type { Broker } from '../broker.ts'
import type { Log } from '../log.ts'
import { summaryHeader } from '../stages/persist.ts'
import type { DataKeys } from './data-keys.ts'
import { openedClient, openedDeliveries, openedManager, sealed_mark } from './opened-streams.ts'
import type { Opener } from './opener.ts'
import { type DataKey, seal } from './sealed.ts'

type Publish = JetStreamClient['publish']

/** Without `keys` nothing is sealed, and nothing that is sealed can be read. */
export function sealedStreams(broker: Broker, keys: DataKeys | undefined, opener: Opener, log: Log): Broker {
  return {
    ...broker,
    js: openedClient(keys ? withPublish(broker.js, sealing(broker.js, keys)) : broker.js, opener),
    jsm: openedManager(broker.jsm, opener),
    opening: (owner) => openedDeliveries(owner, opener, log),
  }
}

/** Of what is published to this subject; undefined for what is stored in clear. */
export function keyNameOf(subject: string): string | undefined {
  const [root, kind, first, second] = subject.split('.')
  if (root !== 'parley') return undefined
  if (kind === 'in' || kind === 'chats') return first
  return kind === 'turns' || kind === 'dead' ? second : undefined
}

function sealing(js: JetStreamClient, keys: DataKeys): Publish {
  return (subject, payload = '', options = {}) => {
    const name = keyNameOf(subject)
    if (name === undefined) return js.publish(subject, payload, options)
    const sealedBy = (key: DataKey) => {
      sealSummary(options.headers, key)
      return js.publish(subject, seal(key, bytesOf(payload)), options)
    }
    const held = keys.held(name)
    return held ? sealedBy(held) : keys.current(name, () => customerIn(payload) ?? name).then(sealedBy)
  }
}

const bytesOf = (payload: Payload): Uint8Array => (typeof payload === 'string' ? Buffer.from(payload) : payload)

/** The list of conversations reads headers only: who a record is about stands there, too. */
function sealSummary(head: MsgHdrs | undefined, key: DataKey): void {
  const summary = head?.get(summaryHeader)
  if (summary) head?.set(summaryHeader, sealed_mark + seal(key, Buffer.from(summary)).toString('base64'))
}

/** The customer at an asset that what founds an actor is about: a record, an event, or a letter with one. */
function customerIn(payload: Payload): string | undefined {
  try {
    const value = JSON.parse(Buffer.from(bytesOf(payload)).toString()) as Partial<Address> & {
      address?: Partial<Address>
      content?: Partial<Address>
    }
    const { channel, asset, customer } = value.address ?? (value.channel ? value : value.content) ?? {}
    return channel && asset && customer ? actorIdOf({ channel, asset, customer }) : undefined
  } catch {
    return undefined
  }
}

/** The client with something else in a place; everything else is its own. */
const withPublish = (js: JetStreamClient, publish: Publish): JetStreamClient =>
  Object.create(js, { publish: { value: publish } })
