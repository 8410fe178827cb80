/**
 * What a customer does in a scenario: writes texts, lines or mails, and in a chat window also answers a form, presses a
 * button, types, closes the window. Owned here; part of `scenario.ts`, done by `customer-acts.ts`.
 */
import { z } from 'zod'
import { count, mapping, phrase, text, words } from './phrases.ts'

/**
 * A file; a name alone is a small one. A chat window sends where it lies and how big it is (`bytes`), a mail brings what is
 * in it, as `text` or as `base64`.
 */
const Attachment = z.preprocess(
  (raw) => (typeof raw === 'string' ? { name: raw } : raw),
  z.strictObject({
    name: words,
    type: words.exactOptional(),
    bytes: count.exactOptional(),
    text: text.exactOptional(),
    base64: z.base64(phrase('base64')).exactOptional(),
  }),
)
/** As the provider would write it, such as {isPCIValidationDone: true, …}. */
const CheckResult = z.record(z.string(), z.unknown(), mapping('what the check says'))

/**
 * `id` names the message, so that it can be sent again. SMS: `keyword`. Live chat and email: `attachments` by name or as a
 * mapping; `checks` is what the provider's own checks say, and absent when it made none. Email: `from` is somebody else who
 * writes, `cc` who gets a copy, each a first name or a whole address; `reply` answers the newest mail in the writer's
 * mailbox, or in that of the person it names; a `subject` of its own wins over the one that is answered.
 */
export const CustomerSays = z.preprocess(
  (raw) => (typeof raw === 'object' && raw !== null ? raw : { says: raw }),
  z.strictObject(
    {
      says: text,
      id: words.exactOptional(),
      keyword: words.exactOptional(),
      attachments: z.array(Attachment, phrase('a list of files')).exactOptional(),
      checks: z
        .strictObject({
          pciInfo: CheckResult.exactOptional(),
          malwareinfo: CheckResult.exactOptional(),
          securityscaninfo: CheckResult.exactOptional(),
        })
        .exactOptional(),
      from: words.exactOptional(),
      subject: text.exactOptional(),
      reply: z.union([z.literal(true), words], phrase('true or the name of somebody')).exactOptional(),
      cc: z.array(words, phrase('a list of people')).exactOptional(),
      headers: z.record(z.string(), text, mapping('headers and their texts')).exactOptional(),
    },
    mapping('says'),
  ),
)
export type CustomerSays = z.output<typeof CustomerSays>

/** The answers to the form that was last shown, by field; a field left out stays empty. */
export const FormAnswers = z.record(z.string(), text, mapping('fields and answers'))
/** The words on the button. */
export const Press = words
export const WindowAct = z.enum(['closed', 'opened'], phrase('closed or opened'))
export const Typing = z.enum(['start', 'stop'], phrase('start or stop'))

/** Only a chat window can do these. */
export const chatSteps = ['form', 'press', 'window', 'typing'] as const
export const customerWords = [
  ...['says', 'id', 'keyword', 'attachments', 'checks', 'name', 'type', 'bytes', 'text', 'base64'],
  ...['from', 'subject', 'reply', 'cc', 'headers'],
]
