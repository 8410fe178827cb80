/**
 * The shape of `parley.config.json`, as one zod schema; published as JSON Schema (`config.schema.json`).
 * Owned here; `config.ts` reads and checks with it, `config-checks.ts` adds what one value cannot say alone.
 * Invariant: strict everywhere, and a message of a rule of its own is a phrase that follows "expected".
 */
import { z } from 'zod'
import { MenuOption, Policy, presets, Retry } from '../machines/policy.ts'
import { noticeKeys, type TextKey, textKeys } from '../machines/texts.ts'
import { icuProblem } from './icu-message.ts'

export const port_max = 65_535
export const partitions_max = 1_024
/** JetStream keeps at most this many copies of a stream. */
export const replicas_max = 5

/** A fifth of what Digital Routing takes for everything (flows.md 2.2). */
const reconcile_per_s_default = 10

/** What Digital Routing takes for everything (flows.md 2.2). */
const routing_limit_default = { perSecond: 50, atOnce: 100 }
const no_limit = { perSecond: 0, atOnce: 0 }

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** A rule with its own words: `expected` when it is broken, and what to say of the value beside it. */
type Verdict = { found?: string; hint?: string } | undefined
const ruled = (expected: string, broken: (text: string) => Verdict) =>
  z.string().superRefine((text, ctx) => {
    const verdict = broken(text)
    if (verdict) ctx.addIssue({ code: 'custom', message: expected, params: verdict })
  })
const patterned = (pattern: RegExp, expected: string) => z.string().regex(pattern, { error: expected })

const words = patterned(/\S/, 'a text that is not blank')
const name = patterned(/^\S+$/, 'a text without spaces')
const filePath = patterned(/^(?!-----)[^\n]+$/, 'the path of a file')
const secret = patterned(/^[\x21-\x7e]+$/, 'printable ASCII characters without spaces')
const webhookSecret = patterned(/^(whsec_)?[A-Za-z0-9+/]{16,}={0,2}$/, 'whsec_ and at least 16 characters of base64')
const port = z.int().min(0).max(port_max)
const whole = z.int().min(0)

/** Where an adapter's paths are appended; credentials would make fetch refuse the address. */
const baseUrl = ruled('an http or https address without user, query and fragment', (text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const plain = url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash
  return plain ? undefined : {}
})
/** Who carries texts; `connect` is the provider of the flows' own platform. */
export const smsProviders = ['connect', 'twilio', 'smpp'] as const

const smppUrl = patterned(/^smpps?:\/\/\S+$/, 'an smpp or smpps address')
const imapUrl = patterned(
  /^imaps?:\/\/[^\s:@/?#]+@[^\s@/?#]+(\/[^\s?#]*)?$/,
  'an imap or imaps address with a user and without a password',
)
const smtpUrl = patterned(/^smtps?:\/\/\S+$/, 'an smtp or smtps address')

/** LC12: what is left of an address without protocol, path and trailing slash. */
function bareHost(text: string): string {
  return text
    .trim()
    .replace(/^[a-z][a-z0-9+.-]*:\/\//i, '')
    .replace(/[/?#].*$/s, '')
    .replace(/^.*@/, '')
}
const liveChatDomain = ruled('a host without protocol and path', (text) => {
  const bare = bareHost(text)
  if (!/^\S+$/.test(bare) || !URL.canParse(`https://${bare}`)) return {}
  return bare === text ? undefined : { hint: `write it as ${bare}` }
})

const webOrigin = ruled('the origin of a web page, such as https://shop.example, or *', (text) =>
  text === '*' || (URL.canParse(text) && new URL(text).origin === text) ? undefined : {},
)

const language = z.string().superRefine((tag, ctx) => {
  try {
    Intl.getCanonicalLocales(tag)
  } catch {
    ctx.addIssue({ code: 'custom', message: 'a language tag such as "en" or "pt-BR"' })
  }
})
const icuVerdict = (text: string): Verdict => {
  if (text === '') return { found: 'an empty text', hint: `only these may be empty: ${noticeKeys.join(', ')}` }
  if (text.trim() === '') return { found: 'a blank text' }
  const found = icuProblem(text)
  return found === undefined ? undefined : { found }
}
const message = ruled('an ICU message', icuVerdict)
/** G6: empty, it is not sent. */
const notice = ruled('an ICU message, or an empty text to send none', (text) =>
  text === '' ? undefined : icuVerdict(text),
)
const messageOf = (key: TextKey) => (noticeKeys.includes(key) ? notice : message).exactOptional()
const Texts = z.strictObject(
  Object.fromEntries(textKeys.map((key) => [key, messageOf(key)])) as Record<TextKey, ReturnType<typeof messageOf>>,
)

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

/** A fixed bearer token, or OAuth2 client credentials: one or the other (`config-checks.ts`). */
const Credentials = z.strictObject({
  token: secret.exactOptional().describe('A fixed bearer token for this far side'),
  tokenUrl: baseUrl.exactOptional().describe('Where a token is fetched with OAuth2 client credentials instead'),
  clientId: words.exactOptional().describe('The client that asks there'),
  clientSecret: secret.exactOptional().describe('Its secret'),
  scope: words.exactOptional().describe('The scope it asks for; none unless set'),
})

const limitOr = ({ perSecond, atOnce }: { perSecond: number; atOnce: number }) =>
  z
    .strictObject({
      perSecond: whole
        .default(perSecond)
        .describe('Calls that this far side is asked to make at most, over the whole cluster; 0 = no limit'),
      atOnce: whole.default(atOnce).describe('Calls open at the same time, over the whole cluster; 0 = no limit'),
    })
    .prefault({})

/** Where calls to a far side go; each that is not set is played by the embedded desk. */
const farSideUrl = (name: string) =>
  baseUrl.exactOptional().describe(`Where ${name} is; unless set, the embedded desk plays it`)

export const ConfigFile = z.strictObject({
  $schema: z.string().exactOptional().describe('For editors that check the file as it is written'),
  assets: z.array(AssetEntry).min(1).describe('What customers write to: numbers, chats, mailboxes'),
  bind: z
    .strictObject({
      host: name.default('127.0.0.1').describe('The address that the gateway listens on'),
      port: port.default(4_000).describe('The port of gateway and console; 0 takes a free one'),
    })
    .prefault({}),
  nats: z
    .strictObject({
      url: z
        .array(name)
        .min(1)
        .exactOptional()
        .describe(
          'The servers of the cluster; unless set, `parley dev` runs one of its own and `parley serve` does not start',
        ),
      creds: filePath.exactOptional().describe('A NATS credentials file'),
      user: patterned(/^[\w-]+$/, 'a name of letters, digits, - and _')
        .exactOptional()
        .describe('The user that this process logs in as, instead of `creds`'),
      password: secret.exactOptional().describe('The password of `user`'),
      tls: z
        .strictObject({
          ca: filePath.exactOptional().describe('PEM file of the authority that signed the servers’ certificates'),
          cert: filePath.exactOptional().describe('PEM file of our own certificate, with `key`'),
          key: filePath.exactOptional().describe('PEM file of its key'),
        })
        .exactOptional(),
      port: port.exactOptional().describe('The port of the broker that `parley dev` runs; unless set a free one'),
    })
    .prefault({}),
  dataDir: words.default('.parley').describe('Where the broker that `parley dev` runs keeps its data'),
  replicas: z
    .int()
    .min(1)
    .max(replicas_max)
    .exactOptional()
    .describe('Copies of each stream, when it is made; unless set 3 where there are three servers, else 1'),
  partitions: z
    .int()
    .min(1)
    .max(partitions_max)
    .default(32)
    .describe('Parts that conversations are spread over; fixed at the first start. More nodes than that do nothing'),
  urls: z
    .strictObject({
      digitalRouting: farSideUrl('Digital Routing'),
      engage: farSideUrl('Engage'),
      connect: farSideUrl('Webex Connect'),
      smtp: smtpUrl.exactOptional().describe('Where mails go out by SMTP, instead of through Connect'),
      smpp: smppUrl.exactOptional().describe('The message centre that texts go through by SMPP, instead of Connect'),
    })
    .prefault({}),
  tokens: z
    .strictObject({
      digitalRouting: Credentials.exactOptional(),
      engage: Credentials.exactOptional(),
      connect: Credentials.exactOptional(),
    })
    .prefault({}),
  twilio: z
    .strictObject({
      url: baseUrl.default('https://api.twilio.com').describe('Another service with the same API'),
      accountSid: name.describe('The account that texts go out through, instead of Connect'),
      authToken: secret.describe('Its token, which also signs what Twilio posts'),
    })
    .exactOptional(),
  inboundToken: secret.exactOptional().describe('The bearer token that the doors in ask for; unless set none'),
  inboundHmacSecret: z
    .string()
    .min(1)
    .exactOptional()
    .describe('The doors in ask for `x-hub-signature` with this secret'),
  inboundWebhookSecrets: z
    .array(webhookSecret)
    .default([])
    .describe('The doors in ask for Standard Webhooks signatures; two secrets while one takes the place of the other'),
  adminToken: secret.exactOptional().describe('May read and do everything; unless set everybody may'),
  agentToken: secret.exactOptional().describe('May read conversations, and nothing else; needs an `adminToken`'),
  publicUrl: baseUrl
    .exactOptional()
    .describe('Where the outside reaches the gateway; receipts are asked for only when it is set'),
  parleyUrl: baseUrl
    .exactOptional()
    .describe('The node that the command line asks; unless set the gateway’s port on this machine'),
  attachmentHosts: z
    .array(name)
    .default([])
    .describe('Hosts that attachments are fetched from in production although they lie in a private network'),
  otlpEndpoint: baseUrl
    .exactOptional()
    .describe('Base address of an OpenTelemetry collector (OTLP over HTTP); without it nothing is traced'),
  logLevel: z.enum(logLevels).default('info').describe('The least that is logged'),
  clock: z
    .enum(['real', 'virtual'])
    .default('real')
    .describe('`virtual` is for tests: `POST /v1/test/clock` moves time. Refused while NODE_ENV is production'),
  smtpPort: port
    .exactOptional()
    .describe('Where mail is taken by SMTP; 0 = nowhere. Unless set nowhere, under `npm start` 2525 or a free one'),
  smtpTls: z
    .strictObject({
      cert: filePath.describe('PEM file of the certificate with which the SMTP listener offers STARTTLS'),
      key: filePath.describe('PEM file of its key'),
    })
    .exactOptional(),
  ratePerCustomer: whole.default(60).describe('Messages in of one customer at one asset; above it 429. 0 = no limit'),
  reconcilePerSecond: whole
    .default(reconcile_per_s_default)
    .describe('Conversations that may ask how their tasks stand, over the whole cluster; 0 = no limit'),
  limits: z
    .strictObject({
      digitalRouting: limitOr(routing_limit_default),
      engage: limitOr(no_limit),
      connect: limitOr(no_limit),
    })
    .prefault({}),
  syncAlways: z
    .boolean()
    .default(true)
    .describe('Whether the broker that `parley dev` runs syncs each write to the disk before it answers'),
  desk: z
    .strictObject({
      port: port.default(4_010).describe('The port of the embedded desk; 0 takes a free one'),
      automatic: z.boolean().default(true).describe('Whether its automatic agent takes tasks'),
      answerAfterMs: whole.exactOptional().describe('The agent takes a task after so long; unless set 3000'),
      replyAfterMs: whole.exactOptional().describe('… and answers after so long; unless set 1500'),
      closeAfterMessages: z
        .int()
        .min(1)
        .exactOptional()
        .describe('… and closes after so many messages of the customer; unless set 3'),
    })
    .prefault({}),
})
export type ConfigFile = z.output<typeof ConfigFile>

/** The JSON Schema of the file, for editors and for `/schema/config.json`. Rules that span values are not in it. */
export function configJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(ConfigFile, { io: 'input' })
  return { $schema, title: 'parley.config.json', ...schema }
}
