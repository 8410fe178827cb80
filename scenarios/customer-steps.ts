/**
 * What a customer does in a scenario: writes, and in a chat window also answers a form, presses a button, types, closes
 * the window. Owned here; part of `scenario.ts`, done by `customer-acts.ts`.
 */
import { z } from 'zod'
import { count, mapping, phrase, text, words } from './phrases.ts'

/** A file as the chat window sends it; a name alone is a small file. */
const Attachment = z.preprocess(
  (raw) => (typeof raw === 'string' ? { name: raw } : raw),
  z.strictObject({ name: words, type: words.default('application/octet-stream'), bytes: count.default(2_048) }),
)
/** As the provider would write it, such as {isPCIValidationDone: true, …}. */
const CheckResult = z.record(z.string(), z.unknown(), mapping('what the check says'))

/**
 * `id` names the message, so that it can be sent again. SMS: `keyword`. Live chat: `attachments` by name or as
 * {name, type, bytes}; `checks` is what the provider's own checks say, and absent when it made none.
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
export const customerWords = ['says', 'id', 'keyword', 'attachments', 'checks', 'name', 'type', 'bytes']
