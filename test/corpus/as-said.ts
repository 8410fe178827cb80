/**
 * The detector as a customer meets it: each message masked for itself, then together with those before it. The corpus and
 * the tests of split numbers go through here.
 */
import { type DigitTail, maskSplit, maskText } from '../../machines/sensitive-data.ts'

/** All messages of one customer were sent in the same minute. */
const at = '2026-03-02T14:05:00.000Z'

/** Masks a text that comes after the others; `found` tells whether anything in it was hidden. */
export function maskAsSaid(text: string, earlier: string[] = []): { text: string; found: boolean } {
  return maskRow([...earlier, text]).at(-1)!
}

/** Masks a row of messages, oldest first. */
export function maskRow(texts: string[]): { text: string; found: boolean }[] {
  let tail: DigitTail | undefined
  return texts.map((text) => {
    const alone = maskText(text)
    const joined = maskSplit(alone.text, at, tail)
    tail = joined.tail
    return { text: joined.text, found: alone.found || joined.found }
  })
}
