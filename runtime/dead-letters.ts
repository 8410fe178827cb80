/**
 * Dead letters: what was set aside, with its reason and what it takes to try again. Owned here; written by every stage
 * that gives something up, read by `parley dead-letters`. Card data is masked before it gets here (T7): what is set aside
 * is either masked already or the runtime's own. Keeps T5 and T9.
 */
import type { JetStreamClient } from '@nats-io/jetstream'
import type { InboxPosition } from './record.ts'
import { message_bytes_max, subject } from './streams.ts'

/** unreadable: not an event · unhandled: nobody's · poison: the machine threw · effect: given up · record: not restorable */
export type DeadLetterKind = 'unreadable' | 'unhandled' | 'poison' | 'effect' | 'record'

export interface DeadLetter {
  kind: DeadLetterKind
  /** The actor meant, or `none`. */
  actor: string
  /** One sentence; never customer text. */
  reason: string
  at: string
  attempts: number
  /** What was set aside: the masked body, the envelope, or the effect with its key; its names only where it is too large. */
  content: unknown
  /** Where an event stood in the inbox: what waits for another build is turned in its place (`waiting-events.ts`). */
  position?: InboxPosition
}

export type SetAside = (letter: DeadLetter, messageId: string) => Promise<void>

/** Resolves once the letter is stored; `messageId` makes setting the same thing aside twice harmless. */
export function deadLetters(js: JetStreamClient): SetAside {
  return async (letter, messageId) => {
    await js.publish(subject.dead(letter.kind, letter.actor || 'none'), fitting(letter), {
      msgID: `${letter.kind}:${messageId}`,
    })
  }
}

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
