/**
 * The words of an asset: what `say` gives for every key, with configured texts, other languages and missing values.
 */
import { describe, expect, test } from 'vitest'
import { englishTexts, standInOf, type TextKey, type TextValues, textKeys } from '../machines/texts.ts'
import { sayFor } from '../runtime/texts.ts'

/** The values that machines give with a text. */
const given: Partial<Record<TextKey, TextValues>> = {
  menu: { options: 'Reply 1 for Billing.' },
  QueuedMessage: { minutes: 3, seconds: 180 },
  attachmentDropped: { reason: 'sensitive', names: 'card.pdf' },
}

type Texts = Record<string, Partial<Record<TextKey, string>>>
const speaking = (texts: Texts, language = 'en') => sayFor({ language, texts })
const english = speaking({})

describe('the default texts', () => {
  test.each(textKeys)('%s is a sentence, with nothing of ICU left in it', (key) => {
    const text = english(key, given[key])
    expect(text).toMatch(/\S/)
    expect(text).not.toMatch(/[{}#]|''/)
  })

  test.each(textKeys)('%s is a sentence without values as well', (key) => {
    expect(english(key)).not.toMatch(/[{}#]|undefined|NaN/)
  })

  test('SM5: the menu ends with the phrase that ends the conversation, in plain quotes', () => {
    expect(english('menu', { options: 'Reply 1 for Billing.' })).toBe(
      "Reply 1 for Billing. Reply 'End Conversation' to stop.",
    )
  })

  test.each([
    [0, 'An agent will be with you in less than a minute.'],
    [1, 'Your estimated wait is about 1 minute.'],
    [3, 'Your estimated wait is about 3 minutes.'],
    [1200, 'Your estimated wait is about 1,200 minutes.'],
  ])('A15: a wait of %i minutes', (minutes, text) => {
    expect(english('QueuedMessage', { minutes, seconds: minutes * 60 })).toBe(text)
  })

  test.each([
    ['sensitive', 'The attachment you sent was dropped as it contains sensitive data.'],
    ['malicious', 'The attachment you sent was dropped as it contains malicious data'],
    ['unprocessable', 'The attachment(s) you sent could not be processed at the moment.'],
  ])('an attachment that is %s is answered in the public wording', (reason, text) => {
    expect(english('attachmentDropped', { reason })).toBe(text)
  })
})

describe('configured texts (G8)', () => {
  const german = { QueuedMessage: '{minutes, plural, one {Noch # Minute.} other {Noch # Minuten.}}' }
  const cases: [title: string, texts: Texts, language: string, values: TextValues, said: string][] = [
    ['replace the default of their key', { en: { QueuedMessage: 'Wait {minutes}.' } }, 'en', { minutes: 2 }, 'Wait 2.'],
    ['are said in the language of the asset', { de: german }, 'de', { minutes: 1 }, 'Noch 1 Minute.'],
    ['serve a region of their language', { de: german }, 'de-AT', { minutes: 2 }, 'Noch 2 Minuten.'],
    ['prefer the region', { pt: { QueuedMessage: 'a' }, 'pt-BR': { QueuedMessage: 'b' } }, 'pt-BR', {}, 'b'],
    [
      'of another language are not used',
      { de: german },
      'fr',
      { minutes: 1 },
      'Your estimated wait is about 1 minute.',
    ],
    ['fall back to English ones', { de: {}, en: { QueuedMessage: 'Wait.' } }, 'de', {}, 'Wait.'],
    ['fall back to the defaults', { de: {} }, 'de', { minutes: 1 }, 'Your estimated wait is about 1 minute.'],
    [
      'leave a missing value empty',
      { en: { QueuedMessage: 'Wait {minutes} ({seconds}).' } },
      'en',
      { seconds: 9 },
      'Wait  (9).',
    ],
    ['leave a missing count empty', { de: german }, 'de', {}, 'Noch  Minuten.'],
    ['leave a missing number empty', { en: { QueuedMessage: '{n, number} {d, date}!' } }, 'en', {}, ' !'],
    [
      'leave a value empty inside a choice',
      { en: { QueuedMessage: '{minutes, plural, one {# {unit}} other {# {unit}s}}' } },
      'en',
      { minutes: 2 },
      '2 s',
    ],
    ['know no inherited names', { en: { QueuedMessage: '[{constructor}{toString}]' } }, 'en', {}, '[]'],
    [
      'may hold angle brackets',
      { en: { QueuedMessage: 'Mail <help@corp.example> & wait' } },
      'en',
      {},
      'Mail <help@corp.example> & wait',
    ],
    [
      'give way to the default when the values do not suit them',
      { en: { QueuedMessage: '{when, date}' } },
      'en',
      { when: 'soon', minutes: 0 },
      'An agent will be with you in less than a minute.',
    ],
  ]
  test.each(cases)('%s', (_, texts, language, values, said) => {
    expect(speaking(texts, language)('QueuedMessage', values)).toBe(said)
  })

  const closing: [title: string, texts: Texts, language: string, said: string][] = [
    ['has words of its own', { en: { ClosedMessageTimeout: 'Too late.', ClosedMessage: 'Bye.' } }, 'en', 'Too late.'],
    ['without them is said as the closing text', { en: { ClosedMessage: 'Bye.' } }, 'en', 'Bye.'],
    [
      'is said in the language of the asset before it is said in its own words',
      { de: { ClosedMessage: 'Tschüss.' }, en: { ClosedMessageTimeout: 'Too late.' } },
      'de',
      'Tschüss.',
    ],
    ['may be told in no words at all', { en: { ClosedMessageTimeout: '', ClosedMessage: 'Bye.' } }, 'en', ''],
    ['without any words is the default closing text', {}, 'en', englishTexts.ClosedMessage],
  ]
  test.each(closing)('A22: a special end %s', (_, texts, language, said) => {
    expect(speaking(texts, language)('ClosedMessageTimeout')).toBe(said)
  })

  test('G6: an empty text stays empty, and is not replaced by a default', () => {
    expect(speaking({ en: { CreatedMessage: '' } })('CreatedMessage')).toBe('')
  })

  test('one asset has one say, which compiles a message once', () => {
    const asset = { language: 'en', texts: {} }
    expect(sayFor(asset)).toBe(sayFor(asset))
  })

  test('values are put in as they are, whatever they look like', () => {
    const say = speaking({ en: { menu: '{options}' } })
    expect(say('menu', { options: "{minutes} ''<b>#" })).toBe("{minutes} ''<b>#")
  })
})

test('every key has an English text or one that stands in for it, and no text has another key', () => {
  expect([...new Set(textKeys.map(standInOf))].sort()).toEqual(Object.keys(englishTexts).sort())
})
