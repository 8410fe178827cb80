/**
 * Which mails of mailboxes were delivered, by the names that `adapters/imap/` gives them: kept in stream MAILS beside the ids
 * of mails, since another node may read the mailbox next. A forgotten one is told by its Message-ID alone.
 */
import { hash } from 'node:crypto'
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import { lastOf } from './actor-cache.ts'
import { stream, subject } from './streams.ts'

export interface TakenMails {
  has(id: string): Promise<boolean>
  note(id: string): Promise<void>
}

export function takenMails(js: JetStreamClient, jsm: JetStreamManager): TakenMails {
  return {
    has: async (id) => (await lastOf(jsm, stream.mails, keyOf(id))) !== undefined,
    async note(id) {
      await js.publish(keyOf(id), '')
    },
  }
}

const keyOf = (id: string): string => subject.mail(hash('sha256', `taken ${id}`))
