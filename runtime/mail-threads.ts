/**
 * Which conversation a mail belongs to: by what it answers first (In-Reply-To, then References), else by customer, mailbox
 * and subject, which is the address that the door gave it (flows.md section 3). Owns the stream MAILS, where every mail's id
 * names its conversation. Whoever quotes an id must belong to its thread: a stranger who does begins a conversation of
 * their own. Keeps nothing that is needed to be right twice: a forgotten id only costs the step to the subject.
 */
import { hash } from 'node:crypto'
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import type { Address, Mail } from '../machines/events.ts'
import type { MailThread } from '../machines/mail-thread.ts'
import { lastOf } from './actor-cache.ts'
import { contextOf, type Loaded, type TurnRecord } from './record.ts'
import { stream, subject } from './streams.ts'

export interface MailThreads {
  /** Whose the mail is. From now on what answers it belongs to the same conversation. */
  conversationOf(written: Address, mail: Mail): Promise<MailBelongs>
}

export type MailBelongs =
  | { actor: string; address: Address }
  /** Our own mail come back, or a machine's that answers no conversation here (E12). */
  | { ignored: string }
  | { unhandled: string }

export interface MailThreadParts {
  js: JetStreamClient
  jsm: JetStreamManager
  recordOf: (actor: string) => Promise<Loaded | undefined>
  actorIdOf: (address: Address) => string
  ownsMailbox: (address: string) => boolean
  /** The actor whose own mail has this id, if it is one of ours. */
  actorOfMessageId: (id: string) => string | undefined
}

export function mailThreads(parts: MailThreadParts): MailThreads {
  return {
    async conversationOf(written, mail) {
      if (parts.ownsMailbox(mail.from)) return { ignored: 'a mail of our own' }
      const found = (await answeredBy(parts, mail, written.asset)) ?? {
        actor: parts.actorIdOf(written),
        address: written,
      }
      if (mail.automatic) return (await parts.recordOf(found.actor)) ? found : { unhandled: answersNothing }
      if (mail.messageId !== '') {
        await parts.js.publish(subject.mail(keyOf(written.asset, mail.messageId)), found.actor)
      }
      return found
    },
  }
}

const answersNothing = 'a mail that a machine sent, and that answers no conversation here'

/** An answer names what it answers first and the beginning of its thread; a long chain in between says no more. */
const ids_looked_up_max = 8

/** The conversation at that asset that the mail answers, and that its sender belongs to. */
async function answeredBy({ jsm, recordOf, actorOfMessageId }: MailThreadParts, mail: Mail, asset: string) {
  const tried = new Set<string>()
  for (const id of idsOf(mail)) {
    const actor = actorOfMessageId(id) ?? (await lastOf(jsm, stream.mails, subject.mail(keyOf(asset, id))))?.string()
    if (actor === undefined || tried.has(actor)) continue
    tried.add(actor)
    const record = (await recordOf(actor))?.record
    if (record && belongs(mail.from, record, asset)) return { actor, address: record.address }
  }
  return undefined
}

/** In-Reply-To, the newest references, and the first one, which names the thread. */
function idsOf({ inReplyTo, references }: Mail): string[] {
  const newestFirst = [inReplyTo, ...references.toReversed()].filter((id) => id !== '')
  return [...new Set([...newestFirst.slice(0, ids_looked_up_max - 1), ...newestFirst.slice(-1)])]
}

function belongs(from: string, record: TurnRecord, at: string): boolean {
  const { channel, asset, customer } = record.address
  const people = (contextOf(record).mail as MailThread | null | undefined)?.people ?? []
  return channel === 'email' && asset === at && (customer === from || people.includes(from))
}

/** A message id is somebody else's text: as a subject token it is a hash. One id at two mailboxes is two threads. */
const keyOf = (asset: string, messageId: string): string =>
  hash('sha256', `${asset}\u0000${messageId}`, 'hex').slice(0, 32)
