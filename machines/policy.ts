/**
 * What an asset may decide about its conversations: the settings a machine reads, and the two presets.
 * `representative` is the seed to the letter; `hardened` is what production would choose (flows.md 1.12, section 10).
 * Pure data; `runtime/config.ts` fills and checks it, and lends it to every turn.
 */
import { z } from 'zod'
import type { Channel } from './events.ts'

const seconds = z.number().int().min(0)
const positive = z.number().int().positive()

export const Retry = z.strictObject({
  attemptTimeoutMs: positive.describe('One attempt may take so long'),
  attempts: positive.describe('Attempts at most, the first one included, within the deadline'),
  askDeadlineMs: positive.describe('What a machine waits for the answer of may take so long in all'),
  tellDeadlineMs: positive.describe('What no machine waits for may take so long in all, then it is a dead letter'),
  backoffMs: positive.describe(
    'The pause before the second attempt; each further one doubles it, half of it at random',
  ),
  backoffMaxMs: positive.describe('The longest pause'),
})
export type Retry = z.infer<typeof Retry>

export const Policy = z.strictObject({
  endPhrases: z
    .array(z.string().min(1))
    .describe('Phrases that end the interaction wherever they stand in a message (A7)'),
  welcomeAfterEnd: z
    .enum(['onNextMessage', 'atOnce'])
    .describe(
      'SMS, after the customer ended it in words: the welcome comes with the next message, or a new conversation begins as soon as the old one is closed (A8)',
    ),
  callbackThresholdSeconds: seconds.describe(
    'In the queue for so long, a chat is offered a callback, once a task (CB2, A14); 0 = never',
  ),
  menuTimeoutSeconds: seconds.describe(
    'The menu waits so long, then the conversation closes silently (A10); 0 = for ever',
  ),
  formTimeoutSeconds: seconds.describe('The same for the pre-chat form (A10)'),
  menuAttempts: positive.describe('Wrong menu answers until the last one: with 3, the third one is the last (A9)'),
  lastWrongAnswer: z
    .enum(['close', 'menuDefault'])
    .describe('The last wrong answer closes, or goes on as if the asset’s `menuDefault` had been chosen (A9)'),
  onClosed: z
    .enum(['new', 'reopen'])
    .describe(
      'A message to a closed conversation starts a new one, or reopens the old; live chat always starts a new one (A1)',
    ),
  ewtRelay: z
    .enum(['every', 'changed'])
    .describe('Every estimated wait is told, or the first and then real changes (A16)'),
  createdAfterTransfer: z
    .enum(['send', 'suppress'])
    .describe('Whether CREATED is told to the customer again after a transfer (A17)'),
  noticeCopies: z
    .enum(['everyone', 'sender'])
    .describe('Email: what we tell of the task goes to those in copy, too, or to the customer alone (CR3, RFC 3834)'),
  noticeIntervalSeconds: seconds.describe(
    'Email: after a notice about card data or files, none for this long in the same conversation (A39); 0 = always',
  ),
  callbackAfterTransfer: z
    .enum(['none', 'offer'])
    .describe('After a transfer the callback is not offered any more, or the threshold begins anew (A13)'),
  chatClosedForCallback: z
    .enum(['atOnce', 'withCallback'])
    .describe(
      'The chat’s conversation in Engage is closed when the callback takes over, or kept, with all that is said, until the callback has ended (A24)',
    ),
  callbackFailed: z
    .enum(['close', 'backToChat'])
    .describe(
      'A callback that could not be placed ends the conversation, or the customer waits for a chat again, in its queue, under a new task (A31)',
    ),
  reconcileAfterSeconds: seconds.describe('Without a webhook for so long, the task is asked for (E41); 0 = never'),
  onPoison: z
    .enum(['goOn', 'park'])
    .describe(
      'After a turn that throws it is set aside and the conversation goes on, or it is parked: what comes later waits behind it as dead letters, in order, until a person retries (E115)',
    ),
  idleTimeoutSeconds: seconds.describe('Nothing said for so long, the conversation with an agent ends; 0 = never'),
  retentionDays: z
    .number()
    .min(0)
    .describe('A closed conversation is archived and deleted, turns and all, after so long; 0 = never'),
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
  scriptSelector: z.string().min(1).describe('The script selector of the task that it leads to'),
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
