/**
 * The configuration: one file, environment variables over it, one schema for both. Owns how settings become what the
 * rest of the runtime reads (presets filled in, ids in their one form, paths absolute). Speaks to the file system once,
 * at start. Invariant: what it returns needs no further check; what is wrong is told all at once (`ConfigError`).
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ClientCredentials } from '../adapters/client-credentials.ts'
import { normaliseAsset, normaliseCustomer } from '../adapters/identity.ts'
import { type Asset, Policy, presets } from '../machines/policy.ts'
import type { TextKey } from '../machines/texts.ts'
import type { AssetEntry, smsProviders } from './config-assets.ts'
import { crossFindings } from './config-checks.ts'
import { ConfigError } from './config-error.ts'
import { type Environment, overridden } from './config-overrides.ts'
import { findingsOf, named, withoutCredentials } from './config-problems.ts'
import { ConfigFile } from './config-schema.ts'
import type { Path } from './config-schema-at.ts'
import { isSecret, mayHoldSecret } from './config-variables.ts'
import { defaultConfig } from './default-config.ts'
import { jsonBreaksAt } from './json-breaks-at.ts'

/** An asset as the runtime knows it. Fields of other channels are empty, so that all assets have one shape. */
export interface AssetConfig extends Asset {
  machine: AssetEntry['machine']
  /** The language its texts are said in (BCP 47), and what replaces the default texts, by language. */
  language: string
  texts: Record<string, { [Key in TextKey]?: string }>
  /** Live chat: the origins of web pages that may use our own chat door. */
  origins: string[]
  /** SMS: who carries its texts out. */
  provider: SmsProvider
}

/** A mailbox that is read by IMAP, for one email asset. */
export interface MailboxConfig {
  /** The id of the asset. */
  app: string
  url: string
  logsInBy: { password: string } | ClientCredentials
  moveTo: string | undefined
  ca: string | undefined
}

export type SmsProvider = (typeof smsProviders)[number]

export type Credentials = { token: string } | ClientCredentials

export interface Config extends Omit<ConfigFile, '$schema' | 'assets' | 'tokens' | 'parleyUrl'> {
  assets: AssetConfig[]
  mailboxes: MailboxConfig[]
  tokens: { digitalRouting?: Credentials; engage?: Credentials; connect?: Credentials }
  /** Where the command-line verbs find a node. */
  parleyUrl: string
  /** Whether NODE_ENV is `production`. */
  production: boolean
  /** The path of the file that was read, or `built-in default`. */
  source: string
}

export interface LoadConfigOptions {
  env: Environment
  /** Relative paths, of the file and in it, begin here. */
  cwd: string
  /** Gives a file's text, or throws as Node's fs does. For tests. */
  readFile?: (path: string) => string
}

/**
 * Reads, overrides, checks and completes the configuration (CONTRACTS section 2). Without a file and without
 * `PARLEY_CONFIG` the built-in default runs. Throws `ConfigError` with every problem found.
 */
export function loadConfig({ env, cwd, readFile = (path) => readFileSync(path, 'utf8') }: LoadConfigOptions): Config {
  const read = (path: string) => readFile(resolve(cwd, path))
  const { document: written, source } = documentOf(env, cwd, read)
  const { document, sources, problems } = overridden(written, env, read)
  const production = env.NODE_ENV === 'production'
  const parsed = ConfigFile.safeParse(document)
  const findings = [...findingsOf(parsed.error?.issues ?? [], document), ...crossFindings(document, production)]
  const all = [...problems, ...findings.map((finding) => named(finding, sources))]
  if (all.length > 0 || !parsed.success) throw new ConfigError(all)
  return completed(parsed.data, { cwd, production, source })
}

/** The configuration as it may be printed: secrets and the credentials of addresses are starred out. */
export function redacted(config: Config): Config {
  const shown = (value: unknown, path: Path): unknown => {
    if (typeof value === 'string') return isHidden(path) ? '***' : withoutCredentials(value)
    if (Array.isArray(value)) return value.map((item, index) => shown(item, [...path, index]))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shown(item, [...path, key])]))
  }
  return shown(config, []) as Config
}

/** Paths of credential files are no secrets. */
const isHidden = (path: Path): boolean => (path[0] !== 'nats' ? mayHoldSecret(path) : isSecret(path))

const default_file = 'parley.config.json'

function documentOf(
  env: Environment,
  cwd: string,
  read: (path: string) => string,
): { document: unknown; source: string } {
  const asked = env.PARLEY_CONFIG || undefined
  const source = resolve(cwd, asked ?? default_file)
  let text: string
  try {
    text = read(source)
  } catch (error) {
    const code = (error as { code?: string }).code ?? 'no code'
    if (asked === undefined && code === 'ENOENT') return { document: defaultConfig, source: 'built-in default' }
    const path = asked === undefined ? default_file : 'PARLEY_CONFIG'
    throw new ConfigError([{ path, expected: 'a file that can be read', found: `none at ${source} (${code})` }])
  }
  return { document: parsedFile(text, source), source }
}

function parsedFile(text: string, source: string): unknown {
  const json = text.replace(/^\ufeff/, '')
  try {
    return JSON.parse(json)
  } catch {
    // The parser's message may quote the file, which may hold secrets: only the place goes on.
    const lines = json.slice(0, jsonBreaksAt(json)).split('\n')
    const where = `line ${lines.length}, column ${lines.at(-1)!.length + 1}`
    throw new ConfigError([{ path: source, expected: 'JSON', found: `something else at ${where}` }])
  }
}

interface Around {
  cwd: string
  production: boolean
  source: string
}

function completed({ $schema, assets, tokens, ...file }: ConfigFile, { cwd, production, source }: Around): Config {
  return {
    ...file,
    ...(file.publicUrl === undefined ? {} : { publicUrl: withoutSlash(file.publicUrl) }),
    assets: assets.map((entry) => assetOf(entry, usualProvider(file))),
    mailboxes: assets.flatMap((entry) => mailboxOf(entry, cwd)),
    bind: bindOf(file.bind, cwd),
    dataDir: resolve(cwd, file.dataDir),
    nats: natsOf(file.nats, cwd),
    ...(file.smtpTls === undefined ? {} : { smtpTls: absolutePaths(file.smtpTls, cwd) }),
    tls: Object.fromEntries(Object.entries(file.tls).map(([key, files]) => [key, absolutePaths(files, cwd)])),
    tokens: Object.fromEntries(
      Object.entries(tokens).flatMap(([key, found]) => (Object.keys(found).length === 0 ? [] : [[key, found]])),
    ),
    parleyUrl: withoutSlash(file.parleyUrl ?? `${file.bind.tls ? 'https' : 'http'}://127.0.0.1:${file.bind.port}`),
    production,
    source,
  }
}

const withoutSlash = (url: string): string => url.replace(/\/+$/, '')

const absolutePaths = <Paths extends Record<string, string>>(paths: Paths, cwd: string): Paths =>
  Object.fromEntries(Object.entries(paths).map(([key, path]) => [key, resolve(cwd, path)])) as Paths

function bindOf({ tls, ...bind }: ConfigFile['bind'], cwd: string): ConfigFile['bind'] {
  if (tls === undefined) return bind
  const { clientCertificate, ...files } = tls
  return { ...bind, tls: { ...absolutePaths(files, cwd), clientCertificate } }
}

function natsOf({ creds, tls, ...nats }: ConfigFile['nats'], cwd: string): ConfigFile['nats'] {
  return {
    ...nats,
    ...(creds === undefined ? {} : { creds: resolve(cwd, creds) }),
    ...(tls === undefined || Object.keys(tls).length === 0 ? {} : { tls: absolutePaths(tls, cwd) }),
  }
}

/** Of an SMS asset that does not say: with both set, every one of them says (`config-checks.ts`). */
function usualProvider({ twilio, urls }: Pick<ConfigFile, 'twilio' | 'urls'>): SmsProvider {
  if (twilio !== undefined) return 'twilio'
  return urls.smpp === undefined ? 'connect' : 'smpp'
}

function mailboxOf(entry: AssetEntry, cwd: string): MailboxConfig[] {
  if (entry.channel !== 'email' || entry.imap === undefined) return []
  const { url, moveTo, ca, password, ...client } = entry.imap
  return [
    {
      app: normaliseAsset('email', entry.id),
      url,
      // Either one is whole: `config-checks.ts` has seen to it.
      logsInBy: password === undefined ? (client as ClientCredentials) : { password },
      moveTo,
      ca: ca === undefined ? undefined : resolve(cwd, ca),
    },
  ]
}

const ofOtherChannels = {
  appId: '',
  menu: [],
  menuDefault: '',
  liveChatDomain: '',
  origins: [],
  form: { scriptSelectors: {}, default: '' },
  address: '',
  senderName: '',
  scriptSelector: '',
  provider: 'connect' as const,
}

/** Without its mailbox: nobody who is given an asset needs its password. */
function assetOf({ imap: _, ...entry }: AssetEntry & { imap?: unknown }, provider: SmsProvider): AssetConfig {
  return {
    ...ofOtherChannels,
    ...(entry.channel === 'sms' ? { provider } : {}),
    ...entry,
    id: normaliseAsset(entry.channel, entry.id),
    language: canonical(entry.language),
    texts: Object.fromEntries(Object.entries(entry.texts).map(([language, texts]) => [canonical(language), texts])),
    ...(entry.channel === 'email' ? { address: normaliseCustomer('email', entry.address) } : {}),
    ...(entry.channel === 'live-chat' && entry.origins.length === 0
      ? { origins: [`https://${entry.liveChatDomain}`] }
      : {}),
    policy: policyOf(entry),
  }
}

/** `pt-br` and `pt-BR` are one language. */
const canonical = (language: string): string => Intl.getCanonicalLocales(language)[0] ?? language

/** The preset, then what the asset does otherwise. Live chat never reopens (CONTRACTS section 2, `onClosed`). */
function policyOf({ channel, policy: { preset, retry, ...own } }: AssetEntry): Policy {
  const base = presets[preset]
  const chosen = { ...base, ...own, retry: { ...base.retry, ...retry } }
  return Policy.parse(channel === 'live-chat' ? { ...chosen, onClosed: 'new' } : chosen)
}
