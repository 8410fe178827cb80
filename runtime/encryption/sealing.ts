/** How bytes that are no message of Parley's streams are sealed: files, and the journal of the embedded desk. */
import type { DataKeys } from './data-keys.ts'
import { desk_name } from './keys-stream.ts'
import type { Opener } from './opener.ts'
import { isSealed, open, seal } from './sealed.ts'

export interface Sealing {
  /** `whose`: the actor. */
  seal(whose: string, clear: Uint8Array): Promise<Uint8Array>
  /** Undefined for what was sealed under a key that is forgotten. Throws when its key cannot be had now. */
  open(stored: Uint8Array): Promise<Uint8Array | undefined>
}

/** Of the embedded desk's journal, an entry at a time. */
export interface JournalSealing {
  seal(entry: string): Uint8Array
  open(stored: Uint8Array): string
}

export const filesSealed = (keys: DataKeys | undefined, opener: Opener): Sealing => ({
  seal: async (whose, clear) => (keys ? seal(await keys.current(whose, () => whose), clear) : clear),
  async open(stored) {
    const clear = await opener.open(stored)
    return clear === 'forgotten' ? undefined : clear
  },
})

/** Its entries speak of several customers, so all are under one key, which nobody forgets: the desk deletes its entries. */
export async function journalSealed(keys: DataKeys): Promise<JournalSealing> {
  const key = await keys.current(desk_name, () => desk_name)
  return {
    seal: (entry) => seal(key, Buffer.from(entry)),
    open: (stored) => utf8.decode(isSealed(stored) ? open(key.bytes, stored) : stored),
  }
}

const utf8 = new TextDecoder()
