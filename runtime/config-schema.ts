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
  preset: z.enum(Object.keys(presets) as (keyof typeof presets)[]).default('representative'),
  ...Policy.partial().shape,
  endPhrases: z.array(words).optional(),
  retry: Retry.partial().optional(),
})

const anyChannel = {
  language: language.default('en'),
  texts: z.record(language, Texts).default({}),
  policy: PolicyChoice.prefault({}),
  context: z.array(z.strictObject({ key: words, value: z.string() })).default([]),
}

export const SmsAsset = z.strictObject({
  channel: z.literal('sms'),
  id: patterned(/^\+?\d{3,15}$/, 'a service number: digits, with or without a plus'),
  machine: z.enum(['sms']).default('sms'),
  appId: name.default(''),
  provider: z
    .enum(smsProviders)
    .exactOptional()
    .describe('Who carries its texts out; unless said Twilio or SMPP where one of them is set, else Connect'),
  menu: z
    .array(z.strictObject({ ...MenuOption.shape, key: words, label: words, keywords: z.array(words).default([]) }))
    .min(1),
  /** The key of the option that the last wrong answer stands for, with the policy `lastWrongAnswer` `menuDefault` (A9). */
  menuDefault: words.default(''),
  ...anyChannel,
})

export const LiveChatAsset = z.strictObject({
  channel: z.literal('live-chat'),
  id: name,
  machine: z.enum(['live-chat', 'live-chat-with-web-callback']).default('live-chat'),
  liveChatDomain,
  /** Where our own chat door is used from: origins of web pages, `*` for any; `https://` and `liveChatDomain` unless said. */
  origins: z.array(webOrigin).default([]),
  /** The pre-chat form's answer and the script selector it leads to; `default` for any other answer (LC6). */
  form: z.strictObject({ scriptSelectors: z.record(words, words).default({}), default: words }),
  ...anyChannel,
})

export const EmailAsset = z.strictObject({
  channel: z.literal('email'),
  id: name,
  machine: z.enum(['email']).default('email'),
  address: z.email({ error: 'an email address' }),
  /** The name that mails from it carry. */
  senderName: z.string().default(''),
  scriptSelector: words,
  ...anyChannel,
})

export const AssetEntry = z.discriminatedUnion('channel', [SmsAsset, LiveChatAsset, EmailAsset])
export type AssetEntry = z.output<typeof AssetEntry>

/** A fixed bearer token, or OAuth2 client credentials: one or the other (`config-checks.ts`). */
const Credentials = z.strictObject({
  token: secret.exactOptional(),
  tokenUrl: baseUrl.exactOptional(),
  clientId: words.exactOptional(),
  clientSecret: secret.exactOptional(),
  scope: words.exactOptional(),
})

const limitOr = ({ perSecond, atOnce }: { perSecond: number; atOnce: number }) =>
  z.strictObject({ perSecond: whole.default(perSecond), atOnce: whole.default(atOnce) }).prefault({})

export const ConfigFile = z.strictObject({
  /** For editors that check the file as it is written. */
  $schema: z.string().exactOptional(),
  assets: z.array(AssetEntry).min(1),
  bind: z.strictObject({ host: name.default('127.0.0.1'), port: port.default(4_000) }).prefault({}),
  nats: z
    .strictObject({
      url: z.array(name).min(1).exactOptional(),
      creds: filePath.exactOptional(),
      user: patterned(/^[\w-]+$/, 'a name of letters, digits, - and _').exactOptional(),
      password: secret.exactOptional(),
      tls: z
        .strictObject({ ca: filePath.exactOptional(), cert: filePath.exactOptional(), key: filePath.exactOptional() })
        .exactOptional(),
      port: port.exactOptional(),
    })
    .prefault({}),
  dataDir: words.default('.parley'),
  replicas: z.int().min(1).max(replicas_max).exactOptional(),
  partitions: z.int().min(1).max(partitions_max).default(32),
  urls: z
    .strictObject({
      digitalRouting: baseUrl.exactOptional(),
      engage: baseUrl.exactOptional(),
      connect: baseUrl.exactOptional(),
      smtp: smtpUrl.exactOptional(),
      smpp: smppUrl.exactOptional(),
    })
    .prefault({}),
  tokens: z
    .strictObject({
      digitalRouting: Credentials.exactOptional(),
      engage: Credentials.exactOptional(),
      connect: Credentials.exactOptional(),
    })
    .prefault({}),
  /** The account that texts go out through, and whose token signs what Twilio posts. */
  twilio: z
    .strictObject({ url: baseUrl.default('https://api.twilio.com'), accountSid: name, authToken: secret })
    .exactOptional(),
  inboundToken: secret.exactOptional(),
  inboundHmacSecret: z.string().min(1).exactOptional(),
  /** Standard Webhooks: `whsec_` and base64; two while one takes the place of the other. */
  inboundWebhookSecrets: z.array(webhookSecret).default([]),
  adminToken: secret.exactOptional(),
  /** May read conversations, and nothing else. */
  agentToken: secret.exactOptional(),
  publicUrl: baseUrl.exactOptional(),
  parleyUrl: baseUrl.exactOptional(),
  attachmentHosts: z
    .array(name)
    .default([])
    .describe('Hosts that attachments are fetched from in production although they lie in a private network'),
  otlpEndpoint: baseUrl
    .exactOptional()
    .describe('Base address of an OpenTelemetry collector (OTLP over HTTP); without it nothing is traced'),
  logLevel: z.enum(logLevels).default('info'),
  clock: z.enum(['real', 'virtual']).default('real'),
  /** Where mail is taken by SMTP; 0 or absent = nowhere (`npm start` takes 2525 when absent). */
  smtpPort: port.exactOptional(),
  /** PEM files; with them the SMTP listener offers STARTTLS. */
  smtpTls: z.strictObject({ cert: filePath, key: filePath }).exactOptional(),
  /** Inbound messages a minute of one customer at one asset; 0 = no limit. */
  ratePerCustomer: whole.default(60),
  /** How many conversations a second may ask how their tasks stand, over the whole cluster; 0 = no limit. */
  reconcilePerSecond: whole.default(reconcile_per_s_default),
  /** What each far side is asked at most, over the whole cluster: calls a second, and calls open at once; 0 = no limit. */
  limits: z
    .strictObject({
      digitalRouting: limitOr(routing_limit_default),
      engage: limitOr(no_limit),
      connect: limitOr(no_limit),
    })
    .prefault({}),
  /** Whether the embedded broker syncs each write to the disk before it answers. */
  syncAlways: z.boolean().default(true),
  /** The embedded contact centre; what is absent is the desk's own default. */
  desk: z
    .strictObject({
      port: port.default(4_010),
      automatic: z.boolean().default(true),
      answerAfterMs: whole.exactOptional(),
      replyAfterMs: whole.exactOptional(),
      closeAfterMessages: z.int().min(1).exactOptional(),
    })
    .prefault({}),
})
export type ConfigFile = z.output<typeof ConfigFile>

/** The JSON Schema of the file, for editors and for `/schema/config.json`. Rules that span values are not in it. */
export function configJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(ConfigFile, { io: 'input' })
  return { $schema, title: 'parley.config.json', ...schema }
}
