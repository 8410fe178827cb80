/**
 * The words of an asset: its configured texts over the English defaults, formatted as ICU messages. Lent to machines as
 * `say` for every turn. Invariants: never throws, leaves the place of a missing value empty, compiles a message once.
 */
import { englishTexts, type Say, standInOf, type TextKey } from '../machines/texts.ts'
import type { AssetConfig } from './config.ts'
import { type IcuMessage, icuMessage, render } from './icu-message.ts'

type Speaker = Pick<AssetConfig, 'language' | 'texts'>

/**
 * The `say` of an asset, the same one for the same asset object. A text is taken from the asset's language (`pt-BR`),
 * then from the language without its region (`pt`), then from the asset's English, then from the defaults. A language
 * that lacks a text for a special case says the one that stands in for it: being understood comes first.
 */
export function sayFor(asset: Speaker): Say {
  const known = says.get(asset)
  if (known !== undefined) return known
  const compiled = new Map<TextKey, IcuMessage[]>()
  const say: Say = (key, values = {}) => {
    const messages = compiled.get(key) ?? messagesOf(asset, key)
    compiled.set(key, messages)
    for (const message of messages) {
      const text = render(message, values)
      if (text !== undefined) return text
    }
    return ''
  }
  says.set(asset, say)
  return say
}

const says = new WeakMap<Speaker, Say>()

/** The best message first; the next ones are for values that do not suit it. */
function messagesOf({ language, texts }: Speaker, key: TextKey): IcuMessage[] {
  const languages = [...new Set([language, language.split('-')[0]!, 'en'])]
  const standIn = standInOf(key)
  return [
    ...languages.flatMap((tongue) => {
      const own = Object.hasOwn(texts, tongue) ? texts[tongue] : undefined
      const message = own?.[key] ?? own?.[standIn]
      return message === undefined ? [] : [icuMessage(message, tongue)]
    }),
    icuMessage(englishTexts[standIn], 'en'),
  ]
}
