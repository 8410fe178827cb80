/** What customers read, by language and key; `{start}` is filled in. */
const en = {
  pleaseConfirm: 'Your appointment is on {start}. Reply YES to confirm it, NO to cancel.',
  notUnderstood: 'Please reply YES or NO.',
  confirmed: 'Thank you. See you on {start}.',
  cancelled: 'Your appointment on {start} is cancelled.',
  calledOff: 'We are sorry: your appointment on {start} is called off.',
  weWillCall: 'We will call you about your appointment on {start}.',
}
const de: Record<TextKey, string> = {
  pleaseConfirm: 'Ihr Termin ist am {start}. Antworten Sie JA oder NEIN.',
  notUnderstood: 'Bitte antworten Sie JA oder NEIN.',
  confirmed: 'Danke. Bis zum {start}.',
  cancelled: 'Ihr Termin am {start} ist abgesagt.',
  calledOff: 'Es tut uns leid: Ihr Termin am {start} entfällt.',
  weWillCall: 'Wir rufen Sie zu Ihrem Termin am {start} an.',
}

export type TextKey = keyof typeof en
const texts: Record<string, Record<TextKey, string>> = { en, de }

/** In English where a language is not known. */
export const words = (language: string, key: TextKey, start: string): string =>
  (texts[language] ?? en)[key].replace('{start}', start)
