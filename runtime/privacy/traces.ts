/**
 * What is stored of conversations outside their own records: dead letters, ids of mails, timers, files. Finds it and
 * deletes it so that its bytes are written over. Speaks to DEAD, MAILS, TIMERS and the object store.
 */
import type { JetStreamManager } from '@nats-io/jetstream'
import type { AttachmentStore } from '../attachment-store.ts'
import type { DeadLetter } from '../dead-letters.ts'
import { eachMessage, eraseMessage } from '../stored-messages.ts'
import { stream } from '../streams.ts'

export interface Letter extends DeadLetter {
  id: string
}

/** Letters of these actors, and letters of nobody that speak of the customer. */
export async function lettersOf(
  jsm: JetStreamManager,
  actors: ReadonlySet<string>,
  speaks: (value: unknown) => boolean,
): Promise<Letter[]> {
  const found: Letter[] = []
  for await (const message of eachMessage(jsm, stream.dead, 'parley.dead.>')) {
    const letter = message.json<DeadLetter>()
    if (actors.has(letter.actor) || speaks(letter.content)) found.push({ id: String(message.seq), ...letter })
  }
  return found
}

export async function eraseLetters(jsm: JetStreamManager, letters: readonly Letter[]): Promise<void> {
  for (const { id } of letters) await eraseMessage(jsm, stream.dead, Number(id))
}

/** The ids of mails that lead to these actors; resolves to how many there were. */
export async function eraseMailIds(jsm: JetStreamManager, actors: ReadonlySet<string>): Promise<number> {
  let erased = 0
  for await (const message of eachMessage(jsm, stream.mails, 'parley.mails.*')) {
    if (actors.has(message.string()) && (await eraseMessage(jsm, stream.mails, message.seq))) erased++
  }
  return erased
}

/** Timers hold an actor and the name of a wait; their conversation has disarmed what it knew of. */
export async function eraseTimers(jsm: JetStreamManager, actors: ReadonlySet<string>): Promise<void> {
  for (const actor of actors) {
    for await (const { seq } of eachMessage(jsm, stream.timers, `parley.timers.*.${actor}.>`)) {
      await eraseMessage(jsm, stream.timers, seq)
    }
  }
}

/** The ids of files that a stored text names. */
export const filesIn = (text: string): string[] =>
  [...text.matchAll(/\/v1\/attachments\/([0-9a-f]{64})/g)].map(([, id]) => id!)

export async function eraseFiles(store: AttachmentStore, ids: ReadonlySet<string>): Promise<number> {
  let erased = 0
  for (const id of ids) if (await store.erase(id)) erased++
  return erased
}
