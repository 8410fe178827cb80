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
  // Without a prototype, so that `{constructor}` is as missing as any other name.
  const own: TextValues = Object.assign(Object.create(null), values)
  return formatted(message, own) ?? formatted(withoutMissing(message, own), own)
}

function formatted(message: IcuMessage, values: TextValues): string | undefined {
  try {
    return String(message.format(values))
  } catch {
    return undefined
  }
}

/** The message without the places of missing values; a choice by a missing value is its `other`. */
function withoutMissing(message: IcuMessage, values: TextValues): IcuMessage {
  const { locale } = message.resolvedOptions()
  return icuMessage(
    message.getAst().flatMap((element) => present(element, values)),
    locale,
  )
}

function present(element: Element, values: TextValues): Element[] {
  if ('options' in element) {
    const below = (elements: Element[]) => elements.flatMap((one) => present(one, values))
    if (!(element.value in values)) return below(element.options.other?.value ?? []).filter((one) => 'value' in one)
    const options = Object.entries(element.options).map(([key, { value, ...option }]) => [
      key,
      { ...option, value: below(value) },
    ])
    return [{ ...element, options: Object.fromEntries(options) }]
  }
  return element.type === literal_type || !('value' in element) || element.value in values ? [element] : []
}

/** The parser's mark of plain text; its `value` is words, not a name. A `#` has no `value` at all. */
const literal_type = 0
