/**
 * What an asset may decide about its conversations: the settings a machine reads, and the two presets.
 * `representative` is the seed to the letter; `hardened` is what production would choose (flows.md 1.12, section 10).
 * Pure data; `runtime/config.ts` fills and checks it, and lends it to every turn.
 */
import { z } from 'zod'
import type { Channel } from './events.ts'

const seconds = z.number().int().min(0)

export const Retry = z.strictObject({
  attemptTimeoutMs: z.number().int().positive(),
  attempts: z.number().int().positive(),
  askDeadlineMs: z.number().int().positive(),
  tellDeadlineMs: z.number().int().positive(),
  backoffMs: z.number().int().positive(),
  backoffMaxMs: z.number().int().positive(),
})
export type Retry = z.infer<typeof Retry>

export const Policy = z.strictObject({
  /** Phrases that end the interaction wherever they stand in a message (A7). */
  endPhrases: z.array(z.string().min(1)),
  /** SMS, after the customer ended it in words: the welcome comes with the next message, or at once (A8). */
  welcomeAfterEnd: z.enum(['onNextMessage', 'atOnce']),
  callbackThresholdSeconds: seconds,
  menuTimeoutSeconds: seconds,
  formTimeoutSeconds: seconds,
  /** Wrong menu answers until the last one: with 3, the third one is the last. */
  menuAttempts: z.number().int().positive(),
  /** The last wrong answer closes, or goes on as if the asset's `menuDefault` had been chosen (A9). */
  lastWrongAnswer: z.enum(['close', 'menuDefault']),
  /** A message to a closed conversation starts a new one, or reopens the old (A1). */
  onClosed: z.enum(['new', 'reopen']),
  /** Relay every estimated wait, or only the first and then real changes (A16). */
  ewtRelay: z.enum(['every', 'changed']),
  /** Whether CREATED is told to the customer again after a transfer (A17). */
  createdAfterTransfer: z.enum(['send', 'suppress']),
  /** Email: whether what we tell of the task goes to those in copy, too, or to the customer alone (CR3, RFC 3834). */
  noticeCopies: z.enum(['everyone', 'sender']),
  /** Email: after a notice about card data or files, none for this long in the same conversation (A39). */
  noticeIntervalSeconds: seconds,
  /** After a transfer the callback is not offered any more, or the threshold begins anew (A13); once a task (A14). */
  callbackAfterTransfer: z.enum(['none', 'offer']),
  /** The chat's conversation in Engage is closed when the callback takes over, or together with the callback (A24). */
  chatClosedForCallback: z.enum(['atOnce', 'withCallback']),
  /** After a callback that could not be placed the conversation closes, or the chat waits in its queue again (A31). */
  callbackFailed: z.enum(['close', 'backToChat']),
  reconcileAfterSeconds: seconds,
  /** After a turn that throws the conversation goes on with its next event, or waits until a person retries (E115). */
  onPoison: z.enum(['goOn', 'park']),
  /** 0 = never. */
  idleTimeoutSeconds: seconds,
  retentionDays: z.number().min(0),
  retry: Retry,
})
export type Policy = z.infer<typeof Policy>

const retry: Retry = {
  attemptTimeoutMs: 5_000,
  attempts: 6,
  askDeadlineMs: 60_000,
  tellDeadlineMs: 3_600_000,
  backoffMs: 200,
  backoffMaxMs: 30_000,
}

const representative: Policy = {
  endPhrases: ['End Conversation'],
  welcomeAfterEnd: 'onNextMessage',
  callbackThresholdSeconds: 60,
  menuTimeoutSeconds: 900,
  formTimeoutSeconds: 300,
  menuAttempts: 3,
  lastWrongAnswer: 'close',
  onClosed: 'new',
  ewtRelay: 'every',
  createdAfterTransfer: 'send',
  noticeCopies: 'everyone',
  noticeIntervalSeconds: 0,
  callbackAfterTransfer: 'none',
  chatClosedForCallback: 'atOnce',
  callbackFailed: 'close',
  onPoison: 'goOn',
  reconcileAfterSeconds: 900,
  idleTimeoutSeconds: 0,
  retentionDays: 30,
  retry,
}

export const presets = {
  representative,
  hardened: {
    ...representative,
    ewtRelay: 'changed',
    createdAfterTransfer: 'suppress',
    noticeCopies: 'sender',
    noticeIntervalSeconds: 300,
    reconcileAfterSeconds: 300,
    idleTimeoutSeconds: 86_400,
  },
} as const satisfies Record<string, Policy>

/** One choice of the SMS menu: the customer answers with the key, the label or a keyword. */
export const MenuOption = z.strictObject({
  key: z.string().min(1),
  label: z.string().min(1),
  keywords: z.array(z.string().min(1)).default([]),
  scriptSelector: z.string().min(1),
})
export type MenuOption = z.infer<typeof MenuOption>

/** An asset as its machine sees it: settings only, no words and no functions. */
export interface Asset {
  channel: Channel
  id: string
  /** Connect's application id, for SMS. */
  appId: string
  menu: MenuOption[]
  /** The key of the option that the last wrong answer stands for, where the policy says so; empty without (A9). */
  menuDefault: string
  /** Live chat: the website's host, and the script selector by the form's answer (LC6, LC12). */
  liveChatDomain: string
  form: { scriptSelectors: Record<string, string>; default: string }
  /** Email: the mailbox, in lower case; the name that mails from it carry; the script selector of every task. */
  address: string
  senderName: string
  scriptSelector: string
  policy: Policy
  /** Configured task context variables, already checked against their byte limits. */
  context: { key: string; value: string }[]
}
