/**
 * What stands in a web page: the page as written (attributes, comments and scripts too), and as it reads, so that a
 * number set in several styles is one number. Pure.
 * Invariant: a page that brings a picture along is never read: nobody could say what the picture shows (LC11).
 */
import { Unprocessable } from './unprocessable.ts'

/** The texts of a page. Throws `Unprocessable` for pictures in it; those it only links to are not in it. */
export function* htmlTexts(page: string): Generator<string> {
  if (embedded.test(page)) throw new Unprocessable('a picture inside the page')
  yield page
  yield page.replace(unseen, ' ').replace(inline, '').replace(anyTag, '\n')
}

/** A data: address, or a drawing. */
const embedded = /\bdata:[a-z]+\/[\w.+-]+[;,]|<svg\b/i
const unseen = /<!--[\s\S]*?-->|<(script|style)\b[\s\S]*?<\/\1\s*>/gi
/** Tags that change how letters look and part no words. */
const inline =
  /<\/?(?:a|abbr|acronym|b|bdi|bdo|big|cite|code|del|dfn|em|font|i|ins|kbd|mark|q|s|samp|small|span|strike|strong|sub|sup|tt|u|var|wbr)(?:\s[^<>]*)?>/gi
const anyTag = /<[^<>]*>/g
