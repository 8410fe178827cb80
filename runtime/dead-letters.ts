/**
 * Dead letters: what was set aside, with its reason and what it takes to try again. Owned here; written by every stage
 * that gives something up, read by `parley dead-letters`. Card data is masked before it gets here (T7): what is set aside
 * is either masked already or the runtime's own. Keeps T5 and T9.
 */
import type { JetStreamClient, JetStreamManager, StoredMsg } from '@nats-io/jetstream'
import type { InboxPosition } from './record.ts'
import { message_bytes_max, stream, subject } from './streams.ts'

/** unreadable: not an event · unhandled: nobody's · poison: the machine threw · effect: given up · record: not restorable */
export const deadLetterKinds = ['unreadable', 'unhandled', 'poison', 'effect', 'record'] as const
export type DeadLetterKind = (typeof deadLetterKinds)[number]

export interface DeadLetter {
  kind: DeadLetterKind
  /** The actor meant, or `none`. */
  actor: string
  /** One sentence; never customer text. */
  reason: string
  at: string
  attempts: number
  /** Its conversation is parked: what comes later waits behind it, in order, until a person retries. Absent otherwise. */
  parked?: true
  /** What was set aside: the masked body, the envelope, or the effect with its key; its names only where it is too large. */
  content: unknown
  /** Where an event stood in the inbox: what waits for another build is turned in its place (`waiting-events.ts`). */
  position?: InboxPosition
}

export type SetAside = (letter: DeadLetter, messageId: string) => Promise<void>

/** The stream DEAD. Asks the stream's leader, never a copy that may lag: a letter that is there is there. */
export interface DeadLetters {
  /** Resolves once the letter is stored; `messageId` makes setting the same thing aside twice harmless. */
  setAside: SetAside
  get(id: string): Promise<DeadLetter | undefined>
  /** Resolves to whether it was there. */
  remove(id: string): Promise<boolean>
  /** The oldest letter that parks an actor, if it is parked. */
  firstParked(actor: string): Promise<{ id: string; letter: DeadLetter } | undefined>
}

export function deadLetters(js: JetStreamClient, jsm: JetStreamManager): DeadLetters {
  const ask = async (query: object): Promise<StoredMsg | undefined> => {
    try {
      return (await jsm.streams.getMessage(stream.dead, query as never)) ?? undefined
    } catch (error) {
      if (no_message.has((error as { code?: number }).code ?? 0)) return undefined
      throw error
    }
  }
  return {
    async setAside(letter, messageId) {
      const { kind, actor, parked } = letter
      const to = parked ? subject.parked(actor) : subject.dead(kind, actor || 'none')
      await js.publish(to, fitting(letter), { msgID: `${kind}:${messageId}` })
    },
    async get(id) {
      if (!letter_id.test(id)) return undefined
      return (await ask({ seq: Number(id) }))?.json<DeadLetter>()
    },
    async remove(id) {
      if (!letter_id.test(id)) return false
      try {
        return await jsm.streams.deleteMessage(stream.dead, Number(id))
      } catch (error) {
        if (no_message.has((error as { code?: number }).code ?? 0)) return false
        throw error
      }
    },
    async firstParked(actor) {
      const found = await ask({ seq: 1, next_by_subj: subject.parked(actor) })
      return found && { id: String(found.seq), letter: found.json<DeadLetter>() }
    },
  }
}

/** A letter is named by its place in the stream. */
export const letter_id = /^[1-9]\d{0,14}$/

/** JetStream's codes for a message that is not there: none found, and none to delete. */
const no_message = new Set([404, 10_037, 10_043, 10_057])

/** What no broker would store could not be sent again either: who wrote what kind of thing is kept, and its size. */
function fitting(letter: DeadLetter): string {
  const whole = JSON.stringify(letter)
  const bytes = Buffer.byteLength(whole)
  if (bytes <= message_bytes_max) return whole
  const names = Object.entries(letter.content ?? {}).filter(([, value]) => String(value).length <= name_chars_max)
  const scalars = names.filter(([, value]) => typeof value === 'string')
  return JSON.stringify({ ...letter, content: { ...Object.fromEntries(scalars), bytes } })
}

const name_chars_max = 200
