/**
 * One ICU message, compiled. Owns what a missing value means: its place stays empty. Speaks to intl-messageformat, whose
 * own answer to a missing value is an exception. `<` and `>` are plain characters here, not markup.
 */
import { IntlMessageFormat } from 'intl-messageformat'
import type { TextValues } from '../machines/texts.ts'

export type IcuMessage = IntlMessageFormat
type Element = ReturnType<IntlMessageFormat['getAst']>[number]

/** Compiles a message for a language (BCP 47). Throws the parser's SyntaxError; `icuProblem` says it in words. */
export function icuMessage(message: string | Element[], language: string): IcuMessage {
  return new IntlMessageFormat(message, language, undefined, { ignoreTag: true })
}

/** What is wrong with a message: the parser's word and the place, or undefined. Never the message itself. */
export function icuProblem(message: string): string | undefined {
  try {
    icuMessage(message, 'en')
    return undefined
  } catch (error) {
    const { message: word, location } = error as Error & { location?: { start: { offset: number } } }
    return `${word}${location === undefined ? '' : ` at character ${location.start.offset + 1}`}`
  }
}

/** The text, with missing values left empty; undefined when the values do not suit the message (a word as a date). */
export function render(message: IcuMessage, values: TextValues): string | undefined {
  try {
    const given = withoutMissing(message.getAst(), values, false)
    return String(icuMessage(given, message.resolvedOptions().locale).format(values))
  } catch {
    return undefined
  }
}
