/**
 * Which conversation sent a text, by the id that a message centre gave it: kept in stream MAILS beside the ids of mails,
 * since any node may hear of its receipt. A forgotten id costs the receipt, which is then set aside as nobody's.
 */
import { hash } from 'node:crypto'
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import type { TextOrigin } from '../adapters/text-line.ts'
import { lastOf } from './actor-cache.ts'
import { stream, subject } from './streams.ts'

export interface SentTexts {
  keep(messageId: string, origin: TextOrigin): Promise<void>
  originOf(messageId: string): Promise<TextOrigin | undefined>
}

export function sentTexts(js: JetStreamClient, jsm: JetStreamManager): SentTexts {
  return {
    async keep(messageId, origin) {
      await js.publish(keyOf(messageId), JSON.stringify(origin))
    },
    async originOf(messageId) {
      return (await lastOf(jsm, stream.mails, keyOf(messageId)))?.json<TextOrigin>()
    },
  }
}

const keyOf = (messageId: string): string => subject.mail(hash('sha256', `text ${messageId}`))
