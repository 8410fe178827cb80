/**
 * Leads findings about a reading back to the text as it was sent.
 * Works on readings (`reading.ts`) only. Invariant: what is not hidden stays as it was sent, byte for byte.
 */
import type { Reading } from './reading.ts'

/** The text with a star for every place of its reading that `hidden` marks; the text itself where none is marked. */
export function starsOver(text: string, { from, to }: Reading, hidden: Uint8Array): string {
  const parts: string[] = []
  let done = 0
  for (let at = hidden.indexOf(1); at !== -1; at = hidden.indexOf(1, at + 1)) {
    parts.push(text.slice(done, from[at]!), '*')
    done = to[at]!
  }
  return done === 0 ? text : parts.join('') + text.slice(done)
}
