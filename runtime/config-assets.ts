/** What customers write to, as a configuration says it: an entry of `assets` for each channel, in zod. */
import { z } from 'zod'
import { MenuOption, Policy, presets, Retry } from '../machines/policy.ts'
import {
  baseUrl,
  filePath,
  imapUrl,
  language,
  liveChatDomain,
  name,
  patterned,
  secret,
  Texts,
  webOrigin,
  words,
} from './config-values.ts'

/** Who carries texts; `connect` is the provider of the flows' own platform. */
export const smsProviders = ['connect', 'twilio', 'smpp'] as const

/** A preset, and what an asset does otherwise. */
const PolicyChoice = z.strictObject({
  preset: z
    .enum(Object.keys(presets) as (keyof typeof presets)[])
    .default('representative')
    .describe('What holds where the asset does not say otherwise'),
  ...Policy.partial().shape,
  endPhrases: z
    .array(words)
    .optional()
    .meta(Policy.shape.endPhrases.meta() ?? {}),
  retry: Retry.partial().optional(),
})

const anyChannel = {
  language: language.default('en').describe('The language that customers and agents are spoken to in (BCP 47)'),
  texts: z
    .record(language, Texts)
    .default({})
    .describe('What is said instead of the default texts, by language and key'),
  policy: PolicyChoice.prefault({}),
  context: z
    .array(
      z.strictObject({
        key: words.describe('The name of the variable; differs from all others in whatever case'),
        value: z.string().describe('Its value; what is longer than Digital Routing takes stops the start'),
      }),
    )
    .default([])
    .describe('Task context variables that every task of the asset carries'),
}

export const SmsAsset = z.strictObject({
  channel: z.literal('sms').describe('What kind of asset it is'),
  id: patterned(/^\+?\d{3,15}$/, 'a service number: digits, with or without a plus').describe(
    'The service number that customers write to',
  ),
  machine: z.enum(['sms']).default('sms').describe('The machine that its conversations run on'),
  appId: name.default('').describe('Its application at Webex Connect'),
  provider: z
    .enum(smsProviders)
    .exactOptional()
    .describe('Who carries its texts out; unless said Twilio or SMPP where one of them is set, else Connect'),
  menu: z
    .array(
      z.strictObject({
        ...MenuOption.shape,
        key: words.describe('What a customer answers to choose it'),
        label: words.describe('How the menu names it; an answer, too'),
        keywords: z.array(words).default([]).describe('Other answers that choose it'),
      }),
    )
    .min(1)
    .describe('What customers choose from; an answer means one option only'),
  menuDefault: words
    .default('')
    .describe(
      'The key of the option that the last wrong answer stands for, with the policy `lastWrongAnswer` `menuDefault`',
    ),
  ...anyChannel,
})

export const LiveChatAsset = z.strictObject({
  channel: z.literal('live-chat').describe('What kind of asset it is'),
  id: name.describe('The app id of the chat'),
  machine: z
    .enum(['live-chat', 'live-chat-with-web-callback'])
    .default('live-chat')
    .describe('The machine that its conversations run on; the second one offers a callback to who waits long'),
  liveChatDomain: liveChatDomain.describe('The host of the website that the chat is on'),
  origins: z
    .array(webOrigin)
    .default([])
    .describe('Web pages that may use our own chat door, `*` for any; without it `https://` and `liveChatDomain`'),
  form: z.strictObject({
    scriptSelectors: z
      .record(words, words.describe('The script selector that this answer leads to'))
      .default({})
      .describe('The script selector that each answer leads to'),
    default: words.describe('The script selector of every other answer'),
  }),
  ...anyChannel,
})

/** A mailbox that is read, and a password or OAuth2 client credentials: one or the other (`config-checks.ts`). */
const ImapMailbox = z.strictObject({
  url: imapUrl.describe(
    'Where its mails are fetched by IMAP: `imaps://user@host/INBOX`; an @ in the name of the user is written %40',
  ),
  password: secret.exactOptional().describe('The password of its user'),
  tokenUrl: baseUrl
    .exactOptional()
    .describe('Where a token (XOAUTH2) is fetched with OAuth2 client credentials instead'),
  clientId: words.exactOptional().describe('The client that asks there'),
  clientSecret: secret.exactOptional().describe('Its secret'),
  scope: words.exactOptional().describe('The scope it asks for; none unless set'),
  moveTo: words
    .exactOptional()
    .describe('The folder that mails are moved to once they are stored; unless set they stay, marked as read'),
  ca: filePath
    .exactOptional()
    .describe('PEM file of the authority that signed the server’s certificate, instead of the usual ones'),
})

export const EmailAsset = z.strictObject({
  channel: z.literal('email').describe('What kind of asset it is'),
  id: name.describe('The app id of the mailbox'),
  machine: z.enum(['email']).default('email').describe('The machine that its conversations run on'),
  address: z.email({ error: 'an email address' }).describe('The mailbox'),
  senderName: z.string().default('').describe('The name that mails from it carry'),
  scriptSelector: words.describe('The script selector of every task'),
  imap: ImapMailbox.exactOptional(),
  ...anyChannel,
})

export const AssetEntry = z.discriminatedUnion('channel', [SmsAsset, LiveChatAsset, EmailAsset])
export type AssetEntry = z.output<typeof AssetEntry>
