/**
 * What a start accepts and refuses, as tables: a file's text and an environment in, a configuration or its problems out.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { presets } from '../machines/policy.ts'
import { noticeKeys } from '../machines/texts.ts'
import { type Config, loadConfig, redacted } from '../runtime/config.ts'
import { ConfigError, type Problem } from '../runtime/config-error.ts'
import type { Environment } from '../runtime/config-overrides.ts'
import { configJsonSchema } from '../runtime/config-schema.ts'
import { schemasAt } from '../runtime/config-schema-at.ts'
import { namedVariables } from '../runtime/config-variables.ts'
import { jsonBreaksAt } from '../runtime/json-breaks-at.ts'

type Files = Record<string, string>

/** Loads from files that exist only here; `file` is the text, or the value, of parley.config.json. */
function load(env: Environment, file?: unknown, others: Files = {}): Config {
  const text = typeof file === 'string' ? file : JSON.stringify(file)
  const files: Files = { ...others, ...(file === undefined ? {} : { '/here/parley.config.json': text }) }
  const readFile = (path: string) => {
    if (files[path] === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
    return files[path]
  }
  return loadConfig({ env, cwd: '/here', readFile })
}

function refusalOf(env: Environment, file?: unknown, others?: Files): ConfigError {
  try {
    load(env, file, others)
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('expected a refusal, found a configuration')
}

const option = { key: '1', label: 'Billing', scriptSelector: 'Billing' }
const sms = { channel: 'sms', id: '14155550100', menu: [option] }
const chat = { channel: 'live-chat', id: 'SD1', liveChatDomain: 'shop.example', form: { default: 'Other' } }
const email = { channel: 'email', id: 'a_1', address: 'support@corp.example', scriptSelector: 'Insurance' }
const smsWith = (fields: object) => ({ assets: [{ ...sms, ...fields }] })
const context = (...pairs: [string, string][]) => smsWith({ context: pairs.map(([key, value]) => ({ key, value })) })

describe('without a file', () => {
  test('G9: the assets of the sample payloads are served', () => {
    const { assets, source } = load({})
    expect(source).toBe('built-in default')
    expect(assets.map(({ channel, id, machine }) => [channel, id, machine])).toEqual([
      ['sms', '14155550100', 'sms'],
      ['live-chat', 'SD12345650', 'live-chat-with-web-callback'],
      ['email', 'a_637512345678901234', 'email'],
    ])
    expect(assets[0]).toMatchObject({ appId: '8019d4bf-3aaa-424a-834c-66be1101b741', texts: {}, language: 'en' })
    expect(assets[0]?.menu.map(({ key, keywords }) => [key, keywords])).toEqual([
      ['1', ['billing']],
      ['2', ['support', 'agent']],
    ])
    expect(assets.map((asset) => asset.context)).toEqual([[{ key: 'cv_1', value: 'Gold' }], [], []])
    expect(assets.map((asset) => asset.policy)).toEqual(Array(3).fill(presets.representative))
  })

  test('G8: everything else has the default that is documented', () => {
    const { assets, source, ...rest } = load({})
    expect(rest).toEqual({
      bind: { host: '127.0.0.1', port: 4000 },
      mailboxes: [],
      proxy: { except: [] },
      tls: {},
      limits: {
        digitalRouting: { perSecond: 50, atOnce: 100 },
        engage: { perSecond: 0, atOnce: 256 },
        connect: { perSecond: 0, atOnce: 256 },
      },
      nats: {},
      dataDir: '/here/.parley',
      partitions: 32,
      urls: {},
      tokens: {},
      parleyUrl: 'http://127.0.0.1:4000',
      attachmentHosts: [],
      inboundWebhookSecrets: [],
      masterKeys: [],
      logLevel: 'info',
      clock: 'real',
      ratePerCustomer: 60,
      reconcilePerSecond: 10,
      syncAlways: true,
      desk: { port: 4010, automatic: true },
      production: false,
    })
  })

  test('the command line looks for a node at the port that is configured', () => {
    expect(load({ PARLEY_PORT: '4100' }).parleyUrl).toBe('http://127.0.0.1:4100')
    expect(load({ PARLEY_URL: 'https://parley.example/' }).parleyUrl).toBe('https://parley.example')
  })
})

describe('a file', () => {
  test('is found in the working directory, or where PARLEY_CONFIG says', () => {
    expect(load({}, { assets: [sms] }).source).toBe('/here/parley.config.json')
    const others = { '/here/etc/one.json': JSON.stringify({ assets: [email], bind: { port: 1 } }) }
    expect(load({ PARLEY_CONFIG: 'etc/one.json' }, undefined, others)).toMatchObject({
      source: '/here/etc/one.json',
      bind: { host: '127.0.0.1', port: 1 },
    })
  })

  test('that PARLEY_CONFIG names must be there', () => {
    expect(refusalOf({ PARLEY_CONFIG: 'nope.json' }).problems).toEqual([
      { path: 'PARLEY_CONFIG', expected: 'a file that can be read', found: 'none at /here/nope.json (ENOENT)' },
    ])
  })

  test('that cannot be read stops the start, even in the default place', () => {
    const readFile = () => {
      throw Object.assign(new Error('not permitted'), { code: 'EACCES' })
    }
    expect(() => loadConfig({ env: {}, cwd: '/here', readFile })).toThrow(/parley\.config\.json.*EACCES/)
  })

  test('is read from the disk when nothing else is given', async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'parley-config-'))
    try {
      expect(loadConfig({ env: {}, cwd }).source).toBe('built-in default')
      await writeFile(join(cwd, 'parley.config.json'), `\ufeff${JSON.stringify({ $schema: 'x', assets: [chat] })}`)
      expect(loadConfig({ env: {}, cwd }).assets[0]?.liveChatDomain).toBe('shop.example')
    } finally {
      await rm(cwd, { recursive: true })
    }
  })

  test('that is not JSON is refused with the place, without quoting it', () => {
    const { message, problems } = refusalOf({}, '{\n  "adminToken": s3cret\n}')
    expect(problems).toEqual([
      { path: '/here/parley.config.json', expected: 'JSON', found: 'something else at line 2, column 17' },
    ])
    expect(message).not.toContain('s3cret')
  })

  test.each([
    ['[1,]', 3],
    ['{"a":1 "b":2}', 7],
    ['// words\n{}', 0],
    ['{"a":1} x', 8],
    ['{"a":[1,2', 9],
    ['', 0],
  ])('%j stops being JSON at %i', (text, position) => expect(jsonBreaksAt(text)).toBe(position))

  test('gives every asset one form: ids without plus, mailboxes in lower case, other channels empty', () => {
    const { assets } = load(
      {},
      {
        assets: [
          { ...sms, id: '+14155550100' },
          { ...email, address: 'Desk@Corp.Example' },
        ],
      },
    )
    expect(assets[0]).toMatchObject({ id: '14155550100', machine: 'sms', liveChatDomain: '', address: '' })
    expect(assets[1]).toMatchObject({ address: 'desk@corp.example', machine: 'email', menu: [], appId: '' })
    expect(assets[1]?.form).toEqual({ scriptSelectors: {}, default: '' })
  })

  test('writes languages in their one form, so that an asset finds its texts', () => {
    const [asset] = load({}, smsWith({ language: 'PT-br', texts: { 'pt-BR': { welcome: 'Oi' }, EN: {} } })).assets
    expect(asset).toMatchObject({ language: 'pt-BR', texts: { 'pt-BR': { welcome: 'Oi' }, en: {} } })
  })
})

describe('policy', () => {
  const policyOf = (policy: object, asset: object = sms) =>
    load({}, { assets: [{ ...asset, policy }] }).assets[0]?.policy

  test.each(['representative', 'hardened'] as const)('the preset %s is taken whole', (preset) => {
    expect(policyOf({ preset })).toEqual(presets[preset])
  })
  test('G8: overrides change only what they name, inside retry too', () => {
    expect(policyOf({ preset: 'hardened', menuTimeoutSeconds: 5, retry: { attempts: 2 } })).toEqual({
      ...presets.hardened,
      menuTimeoutSeconds: 5,
      retry: { ...presets.hardened.retry, attempts: 2 },
    })
  })
  test('live chat never reopens a conversation, whatever is asked', () => {
    expect(policyOf({ onClosed: 'reopen' }, chat)?.onClosed).toBe('new')
    expect(policyOf({ onClosed: 'reopen' })?.onClosed).toBe('reopen')
  })
})

/** What is refused, by the guarantee it breaks: the file, and exactly the problems told. */
const refusals: [title: string, file: unknown, problems: Problem[]][] = [
  [
    'an unknown key is refused with the nearest known one',
    smsWith({ policy: { menuTimeoutSecond: 60 } }),
    [
      {
        path: 'assets.0.policy.menuTimeoutSecond',
        expected: 'a known key',
        found: 'unknown key `menuTimeoutSecond`',
        hint: 'did you mean `menuTimeoutSeconds`?',
      },
    ],
  ],
  [
    'an unknown key like no other is refused with all that are known there',
    { assets: [sms], bind: { colour: 1 } },
    [
      {
        path: 'bind.colour',
        expected: 'a known key',
        found: 'unknown key `colour`',
        hint: 'known here: host, port, watchPort, tls',
      },
    ],
  ],
  [
    'the key of a text must be one of ours',
    smsWith({ texts: { en: { welcom: 'Hi' } } }),
    [
      {
        path: 'assets.0.texts.en.welcom',
        expected: 'a known key',
        found: 'unknown key `welcom`',
        hint: 'did you mean `welcome`?',
      },
    ],
  ],
  [
    'a text must be an ICU message',
    smsWith({ texts: { de: { QueuedMessage: 'Noch {minutes' } } }),
    [
      {
        path: 'assets.0.texts.de.QueuedMessage',
        expected: 'an ICU message, or an empty text to send none',
        found: 'EXPECT_ARGUMENT_CLOSING_BRACE at character 6',
      },
    ],
  ],
  [
    'a text must not be blank',
    smsWith({ texts: { en: { welcome: ' ' } } }),
    [{ path: 'assets.0.texts.en.welcome', expected: 'an ICU message', found: 'a blank text' }],
  ],
  [
    'G6: no question, error or warning is taken out by an empty text',
    smsWith({ texts: { en: { CreatedMessage: '', sensitiveDataNotice: '' } } }),
    [
      {
        path: 'assets.0.texts.en.sensitiveDataNotice',
        expected: 'an ICU message',
        found: 'an empty text',
        hint: `only these may be empty: ${noticeKeys.join(', ')}`,
      },
    ],
  ],
  [
    'G6: a notice is taken out by an empty text, not by a blank one',
    smsWith({ texts: { en: { CreatedMessage: ' ' } } }),
    [
      {
        path: 'assets.0.texts.en.CreatedMessage',
        expected: 'an ICU message, or an empty text to send none',
        found: 'a blank text',
      },
    ],
  ],
  [
    'texts stand under a language',
    smsWith({ texts: { 'not a language': {} } }),
    [
      {
        path: 'assets.0.texts.not a language',
        expected: 'a language tag such as "en" or "pt-BR"',
        found: '"not a language"',
      },
    ],
  ],
  [
    'a preset must be known',
    smsWith({ policy: { preset: 'harden' } }),
    [{ path: 'assets.0.policy.preset', expected: 'one of "representative", "hardened"', found: '"harden"' }],
  ],
  [
    'no blank phrase ends every conversation',
    smsWith({ policy: { endPhrases: ['  '] } }),
    [{ path: 'assets.0.policy.endPhrases.0', expected: 'a text that is not blank', found: '"  "' }],
  ],
  [
    'there is at least one asset',
    { assets: [] },
    [{ path: 'assets', expected: 'a list of at least 1', found: 'a list of 0' }],
  ],
  ['a file names its assets', {}, [{ path: 'assets', expected: 'a list of at least 1', found: 'nothing' }]],
  ['a file is an object', [], [{ path: 'the file', expected: 'an object', found: 'a list of 0' }]],
  [
    'a channel must be known',
    smsWith({ channel: 'fax' }),
    [{ path: 'assets.0.channel', expected: 'one of "sms", "live-chat", "email"', found: '"fax"' }],
  ],
  [
    'a machine must fit the channel',
    { assets: [sms, { ...email, machine: 'sms' }, { ...chat, machine: 'email' }] },
    [
      { path: 'assets.1.machine', expected: '"email"', found: '"sms"' },
      {
        path: 'assets.2.machine',
        expected: 'one of "live-chat", "live-chat-with-web-callback"',
        found: '"email"',
      },
    ],
  ],
  [
    'an id that is a number is told to be quoted',
    smsWith({ id: 14155550100 }),
    [{ path: 'assets.0.id', expected: 'a text', found: '14155550100', hint: 'put it in quotes' }],
  ],
  [
    'an asset is configured once, however its id is written',
    { assets: [sms, { ...sms, id: '+14155550100' }] },
    [
      {
        path: 'assets.1.id',
        expected: 'an id that no other sms asset has',
        found: '"+14155550100", the id of assets.0',
        hint: 'its 6 flows would answer every event twice',
      },
    ],
  ],
  [
    'a mailbox is configured once',
    { assets: [email, { ...email, id: 'a_2', address: 'SUPPORT@corp.example' }] },
    [
      {
        path: 'assets.1.address',
        expected: 'an address that no other asset has',
        found: '"SUPPORT@corp.example", the address of assets.0',
        hint: 'its 6 flows would answer every event twice',
      },
    ],
  ],
  [
    'menu keys are unique',
    smsWith({ menu: [option, { ...option, label: 'Support' }] }),
    [
      {
        path: 'assets.0.menu.1.key',
        expected: 'an answer that no other option of the menu has',
        found: '"1", which assets.0.menu.0 has too',
      },
    ],
  ],
  [
    'A9: no keyword means two options',
    smsWith({ menu: [option, { key: '2', label: 'Bills', keywords: [' BILLING '], scriptSelector: 'Bills' }] }),
    [
      {
        path: 'assets.0.menu.1.keywords.0',
        expected: 'an answer that no other option of the menu has',
        found: '" BILLING ", which assets.0.menu.0 has too',
      },
    ],
  ],
  [
    'A9: the default of a menu is one of its options',
    smsWith({ menuDefault: '7' }),
    [{ path: 'assets.0.menuDefault', expected: 'the key of a menu option', found: '"7"' }],
  ],
  [
    'A9: a last wrong answer that goes on as the default needs one',
    smsWith({ policy: { lastWrongAnswer: 'menuDefault' } }),
    [
      {
        path: 'assets.0.menuDefault',
        expected: 'the key of a menu option, since policy.lastWrongAnswer is "menuDefault"',
        found: 'nothing',
      },
    ],
  ],
  [
    'an asset names a provider of texts that is not set',
    smsWith({ provider: 'twilio' }),
    [
      {
        path: 'assets.0.provider',
        expected: '"connect", or an account in `twilio`',
        found: '"twilio"',
        hint: 'set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN',
      },
    ],
  ],
  [
    'two carriers of texts are set, and an asset does not say which is its own',
    { ...smsWith({}), urls: { smpp: 'smpp://centre' }, twilio: { accountSid: 'AC1', authToken: 't' } },
    [
      {
        path: 'assets.0.provider',
        expected: '"connect", "twilio" or "smpp", since both Twilio and SMPP are set',
        found: 'nothing',
      },
    ],
  ],
  [
    'LC12: the live chat domain stands without protocol, path and trailing slash',
    { assets: [{ ...chat, liveChatDomain: 'https://shop.example/help/' }] },
    [
      {
        path: 'assets.0.liveChatDomain',
        expected: 'a host without protocol and path',
        found: '"https://shop.example/help/"',
        hint: 'write it as shop.example',
      },
    ],
  ],
  [
    'CX1, E92, A33: a call variable over 40 bytes is refused, never cut',
    context(['cv_1', 'x'.repeat(40)], ['cv_2', 'x'.repeat(41)]),
    [{ path: 'assets.0.context.1.value', expected: 'at most 40 bytes (Latin-1)', found: '41 bytes' }],
  ],
  [
    'E93, A33: an ECC variable over 210 bytes is refused, never cut',
    context(['user_a', 'x'.repeat(210)], ['user_b', 'x'.repeat(211)]),
    [{ path: 'assets.0.context.1.value', expected: 'at most 210 bytes (Latin-1)', found: '211 bytes' }],
  ],
  [
    'E95, A35: an eleventh call variable, cv_0 and cv_11 are refused',
    context(...Array.from({ length: 12 }, (_, n): [string, string] => [`cv_${n}`, 'x'])),
    [0, 11].map((n) => ({
      path: `assets.0.context.${n}.key`,
      expected: 'a call variable, cv_1 to cv_10',
      found: `cv_${n}`,
    })),
  ],
  [
    'A32: a name that begins with user but not with user_ is refused',
    context(['userTier', 'Gold']),
    [{ path: 'assets.0.context.0.key', expected: 'an ECC name that begins with user_', found: 'userTier' }],
  ],
  [
    'E98: ECC values that leave no room for the conversation id in 2000 bytes are refused',
    context(...Array.from({ length: 10 }, (_, n): [string, string] => [`user_${n}`, 'x'.repeat(n === 9 ? 95 : 210)])),
    [
      {
        path: 'assets.0.context.9.value',
        expected: 'at most 1984 bytes of ECC values beside user_DR_MediaResourceID',
        found: '1985 bytes',
      },
    ],
  ],
  [
    'a variable is set once, in whatever case',
    context(['Tier', 'Gold'], ['TIER', 'Silver']),
    [
      {
        path: 'assets.0.context.1.key',
        expected: 'a name that no other variable has',
        found: '"TIER", the name of assets.0.context.0',
      },
    ],
  ],
  [
    'an adapter address has no query, and is http',
    { assets: [sms], urls: { engage: 'http://engage.example/?a=1', connect: 'ftp://connect.example' } },
    ['engage', 'connect'].map((key) => ({
      path: `urls.${key}`,
      expected: 'an http or https address without user, query and fragment',
      found: key === 'engage' ? '"http://engage.example/?a=1"' : '"ftp://connect.example"',
    })),
  ],
  [
    'client credentials are given whole',
    { assets: [sms], tokens: { engage: { clientId: 'a' } } },
    [
      {
        path: 'tokens.engage',
        expected: 'either `token`, or all of `tokenUrl`, `clientId` and `clientSecret`',
        found: 'only clientId',
      },
    ],
  ],
  [
    'a certificate comes with its key',
    { assets: [sms], nats: { tls: { cert: 'a.pem' } } },
    [{ path: 'nats.tls', expected: 'both `cert` and `key`, or neither', found: 'only `cert`' }],
  ],
]

test('texts go out through what is set, but those of an asset that says otherwise', () => {
  const account = { TWILIO_ACCOUNT_SID: 'AC1', TWILIO_AUTH_TOKEN: 't' }
  const providersOf = (env: Environment) =>
    load(env, { assets: [sms, { ...sms, id: '2222', provider: 'connect' }, email] }).assets.map(
      ({ provider }) => provider,
    )
  expect(providersOf({})).toEqual(['connect', 'connect', 'connect'])
  expect(providersOf(account)).toEqual(['twilio', 'connect', 'connect'])
  expect(providersOf({ SMPP_URL: 'smpp://a:b@centre' })).toEqual(['smpp', 'connect', 'connect'])
})

describe('a wrong value stops the start', () => {
  test.each(refusals)('%s', (_, file, problems) => expect(refusalOf({}, file).problems).toEqual(problems))

  test('all problems are told at once, one line each', () => {
    const broken = { ...smsWith({ policy: { menuAttempts: 0 }, context: [{ key: 'cv_0', value: '' }] }), bnid: {} }
    const error = refusalOf({ PARLEY_PORT: 'abc' }, broken)
    expect(error).toMatchObject({ code: 'E_CONFIG', name: 'ConfigError' })
    expect(error.message.split('\n')).toEqual([
      'assets.0.policy.menuAttempts: expected a whole number above 0, found 0',
      'PARLEY_PORT: expected a whole number from 0 to 65535, found "abc"',
      'bnid: expected a known key, found unknown key `bnid`, did you mean `bind`?',
      'assets.0.context.0.key: expected a call variable, cv_1 to cv_10, found cv_0',
    ])
  })

  test('no secret is quoted, wherever it was put by mistake', () => {
    const { message } = refusalOf(
      { PARLEY_ADMIN_TOKEN: 's3cret with spaces', PARLEY_NATS_URL: 'nats://me:s3cret@host:4222 ' },
      { assets: [sms], tokens: 's3cret', nats: 's3cret', inboundToken: { token: 's3cret' } },
    )
    expect(message).toContain('PARLEY_ADMIN_TOKEN')
    expect(message).not.toContain('s3cret')
  })
})

/** The variables of the documented table: a value each, and what comes of it. */
const variables: [name: string, value: string, want: object][] = [
  ['PARLEY_NATS_URL', 'nats://a:4222, b:4222', { nats: { url: ['nats://a:4222', 'b:4222'] } }],
  ['PARLEY_NATS_CREDS', 'a.creds', { nats: { creds: '/here/a.creds' } }],
  ['PARLEY_NATS_TLS_CA', '/ca.pem', { nats: { tls: { ca: '/ca.pem' } } }],
  ['PARLEY_NATS_PORT', '4333', { nats: { port: 4333 } }],
  ['PARLEY_PORT', '0', { bind: { port: 0 } }],
  ['PARLEY_WATCH_PORT', '4050', { bind: { watchPort: 4050 } }],
  ['PARLEY_HOST', '0.0.0.0', { bind: { host: '0.0.0.0' } }],
  ['PARLEY_DATA_DIR', 'data', { dataDir: '/here/data' }],
  ['PARLEY_REPLICAS', '3', { replicas: 3 }],
  ['PARLEY_PARTITIONS', '8', { partitions: 8 }],
  ['DIGITAL_ROUTING_URL', 'http://dr', { urls: { digitalRouting: 'http://dr' } }],
  ['ENGAGE_URL', 'http://engage', { urls: { engage: 'http://engage' } }],
  ['CONNECT_URL', 'http://connect', { urls: { connect: 'http://connect' } }],
  ['SMTP_URL', 'smtp://u:p@mail:25', { urls: { smtp: 'smtp://u:p@mail:25' } }],
  ['SMPP_URL', 'smpp://u:p@centre', { urls: { smpp: 'smpp://u:p@centre' } }],
  ['DIGITAL_ROUTING_TOKEN', '123', { tokens: { digitalRouting: { token: '123' } } }],
  ['ENGAGE_TOKEN', 'true', { tokens: { engage: { token: 'true' } } }],
  ['CONNECT_TOKEN', '"quoted"', { tokens: { connect: { token: '"quoted"' } } }],
  ['PARLEY_INBOUND_TOKEN', 't', { inboundToken: 't' }],
  ['PARLEY_INBOUND_HMAC_SECRET', 'two words', { inboundHmacSecret: 'two words' }],
  ['PARLEY_ADMIN_TOKEN', 't', { adminToken: 't' }],
  ['PARLEY_PUBLIC_URL', 'https://in.example/', { publicUrl: 'https://in.example' }],
  ['PARLEY_ATTACHMENT_HOSTS', 'files.lan', { attachmentHosts: ['files.lan'] }],
  ['PARLEY_LOG_LEVEL', 'debug', { logLevel: 'debug' }],
  ['PARLEY_CLOCK', 'virtual', { clock: 'virtual' }],
  ['PARLEY_SMTP_PORT', '2525', { smtpPort: 2525 }],
  ['PARLEY_RATE_PER_CUSTOMER', '0', { ratePerCustomer: 0 }],
  ['PARLEY_RECONCILE_PER_SECOND', '25', { reconcilePerSecond: 25 }],
  ['PARLEY_SYNC_ALWAYS', 'false', { syncAlways: false }],
  ['PARLEY_DESK_PORT', '4011', { desk: { port: 4011 } }],
  ['PARLEY_DESK_AUTOMATIC', '0', { desk: { automatic: false } }],
  ['PARLEY_DESK_ANSWER_AFTER_MS', '1', { desk: { answerAfterMs: 1 } }],
  ['PARLEY_DESK_REPLY_AFTER_MS', '1', { desk: { replyAfterMs: 1 } }],
  ['PARLEY_DESK_CLOSE_AFTER_MESSAGES', '1', { desk: { closeAfterMessages: 1 } }],
  ['PARLEY_ASSETS', JSON.stringify([email]), { assets: [{ channel: 'email' }] }],
  ['PARLEY_ASSETS__0__POLICY__MENU_TIMEOUT_SECONDS', '60', { assets: [{ policy: { menuTimeoutSeconds: 60 } }] }],
  ['PARLEY_ASSETS__0__ID', '14155550199', { assets: [{ id: '14155550199' }] }],
  ['PARLEY_ASSETS__0__MENU__0__KEYWORDS', 'a,b', { assets: [{ menu: [{ keywords: ['a', 'b'] }] }] }],
  [
    'PARLEY_ASSETS__0__TEXTS__PT_BR__CREATED_MESSAGE',
    'Oi',
    { assets: [{ texts: { 'pt-BR': { CreatedMessage: 'Oi' } } }] },
  ],
  [
    'PARLEY_ASSETS__1__FORM__SCRIPT_SELECTORS__OTHER',
    'All',
    { assets: [{}, { form: { scriptSelectors: { Other: 'All' } } }] },
  ],
  ['PARLEY_ASSETS__3', JSON.stringify(chat), { assets: [{}, {}, {}, { id: 'SD1' }] }],
  ['PARLEY_BIND__PORT', '1', { bind: { port: 1 } }],
]

describe('environment variables win over the file', () => {
  /** Only the entries of a list that the case speaks of are compared. */
  const seen = (got: unknown, want: unknown): unknown => {
    if (Array.isArray(want)) return want.map((item, index) => seen((got as unknown[])[index], item))
    if (typeof want !== 'object' || want === null) return got
    return Object.fromEntries(
      Object.entries(want).map(([key, item]) => [key, seen((got as Record<string, unknown>)[key], item)]),
    )
  }
  test.each(variables)('%s=%s', (name, value, want) => {
    expect(seen(load({ [name]: value }), want)).toEqual(want)
  })

  test('TLS files and client credentials are taken together', () => {
    const tls = { PARLEY_NATS_TLS_CERT: 'c.pem', PARLEY_NATS_TLS_KEY: 'k.pem' }
    expect(load(tls).nats.tls).toEqual({ cert: '/here/c.pem', key: '/here/k.pem' })
    const client = { ENGAGE_TOKEN_URL: 'http://auth/t', ENGAGE_CLIENT_ID: '7', ENGAGE_CLIENT_SECRET: 's' }
    expect(load(client).tokens.engage).toEqual({ tokenUrl: 'http://auth/t', clientId: '7', clientSecret: 's' })
  })

  test('the file is left alone, and what no variable names keeps its value', () => {
    const file = { assets: [sms], bind: { host: '::1', port: 1 } }
    expect(load({ PARLEY_PORT: '2' }, file).bind).toEqual({ host: '::1', port: 2 })
    expect(load({}, file).bind.port).toBe(1)
  })

  test('a named variable wins over the path of the same place', () => {
    expect(load({ PARLEY_BIND__PORT: '1', PARLEY_PORT: '2' }).bind.port).toBe(2)
  })

  test('an empty named variable counts as not set', () => {
    expect(load({ PARLEY_INBOUND_TOKEN: '', PARLEY_PORT: '', PARLEY_CONFIG: '' }).bind.port).toBe(4000)
  })

  test('every named variable sets a place that the schema knows', () => {
    const unknown = [...namedVariables].filter(([, path]) => schemasAt({}, path).length === 0)
    expect(unknown).toEqual([])
  })
})

const variableRefusals: [title: string, env: Environment, problem: Problem][] = [
  [
    'a value of the wrong kind names the variable',
    { PARLEY_PORT: 'abc' },
    { path: 'PARLEY_PORT', expected: 'a whole number from 0 to 65535', found: '"abc"' },
  ],
  [
    'a value inside what a variable set names the variable and the rest of the path',
    { PARLEY_ASSETS: JSON.stringify([{ ...email, address: 'x' }]) },
    { path: 'PARLEY_ASSETS.0.address', expected: 'an email address', found: '"x"' },
  ],
  [
    'a path to no known key names the variable',
    { PARLEY_ASSETS__0__POLICY__MENU_TIMEOUT_SECOND: '1' },
    {
      path: 'PARLEY_ASSETS__0__POLICY__MENU_TIMEOUT_SECOND',
      expected: 'a known key',
      found: 'unknown key `menuTimeoutSecond`',
      hint: 'did you mean `menuTimeoutSeconds`?',
    },
  ],
  [
    'a path below no known key tells the variable too',
    { PARLEY_BNID__PORT: '1' },
    {
      path: 'bnid (PARLEY_BNID__PORT)',
      expected: 'a known key',
      found: 'unknown key `bnid`',
      hint: 'did you mean `bind`?',
    },
  ],
  [
    'a list is counted',
    { PARLEY_ASSETS__FIRST__ID: '1' },
    { path: 'PARLEY_ASSETS__FIRST__ID', expected: 'the place of an entry, counted from 0', found: 'FIRST' },
  ],
  [
    'a list has no holes',
    { PARLEY_ASSETS__7__ID: '1' },
    { path: 'PARLEY_ASSETS__7__ID', expected: 'the place of an entry, 0 to 3', found: '7' },
  ],
  [
    'a path has no empty names',
    { PARLEY_BIND____PORT: '1' },
    { path: 'PARLEY_BIND____PORT', expected: 'a name between two double underscores', found: 'none' },
  ],
  [
    'a slip of one letter is noticed',
    { PARLEY_PROT: '1' },
    { path: 'PARLEY_PROT', expected: 'a known variable', found: 'an unknown one', hint: 'did you mean `PARLEY_PORT`?' },
  ],
  [
    'the service link of a container platform is explained',
    { PARLEY_PORT: 'tcp://10.0.0.7:4000' },
    {
      path: 'PARLEY_PORT',
      expected: 'a whole number from 0 to 65535',
      found: '"tcp://10.0.0.7:4000"',
      hint: 'this looks like a service link of Kubernetes: set `enableServiceLinks: false`, or set the variable yourself',
    },
  ],
  [
    'time cannot be moved in production',
    { PARLEY_CLOCK: 'virtual', NODE_ENV: 'production' },
    { path: 'PARLEY_CLOCK', expected: '"real" while NODE_ENV is "production"', found: '"virtual"' },
  ],
  [
    'a token and client credentials exclude each other',
    { ENGAGE_TOKEN: 't', ENGAGE_CLIENT_ID: 'i' },
    {
      path: 'tokens.engage (ENGAGE_TOKEN, ENGAGE_CLIENT_ID)',
      expected: 'either `token`, or all of `tokenUrl`, `clientId` and `clientSecret`',
      found: 'both',
    },
  ],
]

const mailbox = { url: 'imaps://me@mail/INBOX', password: 'x' }
const client = { tokenUrl: 'https://auth', clientId: 'i', clientSecret: 's' }
const mailboxRefusals: [name: string, imap: object, problem: object][] = [
  ['a mailbox without a login', { url: mailbox.url }, { found: 'neither' }],
  ['a mailbox with two logins', { ...mailbox, ...client }, { found: 'both' }],
  ['a mailbox with half a login', { url: mailbox.url, clientId: 'i' }, { found: 'only clientId' }],
  [
    'a password in the address of a mailbox',
    { ...mailbox, url: 'imaps://me:x@mail' },
    { expected: /without a password/ },
  ],
]

describe('a wrong mailbox stops the start', () => {
  const refused = (imap: object) => refusalOf({ PARLEY_ASSETS__2__IMAP: JSON.stringify(imap) }).problems
  test.each(mailboxRefusals)('%s', (_, imap, { expected = /./, ...problem }: { expected?: RegExp }) => {
    expect(refused(imap)).toMatchObject([{ ...problem, expected: expect.stringMatching(expected) }])
  })
})

test('certificates and proxies have variables of their own, and their paths begin at the working folder', () => {
  const far = { ENGAGE_TLS_CA: 'ca.pem', ENGAGE_TLS_CERT: 'c.pem', ENGAGE_TLS_KEY: '/k.pem' }
  const proxies = { HTTPS_PROXY: 'http://me:x@proxy:3128', NO_PROXY: 'corp.example,10.0.0.1' }
  const config = load({ ...far, ...proxies, PARLEY_TLS_CERT: 'g.pem', PARLEY_TLS_KEY: 'g.key' })
  expect(config.tls).toEqual({ engage: { ca: '/here/ca.pem', cert: '/here/c.pem', key: '/k.pem' } })
  expect(config.proxy).toEqual({ https: proxies.HTTPS_PROXY, except: ['corp.example', '10.0.0.1'] })
  expect(config.bind.tls).toEqual({ cert: '/here/g.pem', key: '/here/g.key', clientCertificate: 'doors' })
  expect(config.parleyUrl).toBe('https://127.0.0.1:4000')
  expect(JSON.stringify(redacted(config))).not.toContain('me:x@')
  expect(refusalOf({ ENGAGE_TLS_CERT: 'c.pem' }).problems).toMatchObject([{ found: 'only `cert`' }])
  expect(refusalOf({ HTTPS_PROXY: 'proxy:3128' }).problems).toMatchObject([
    { expected: 'an http, https or socks5 address' },
  ])
})

describe('a wrong variable stops the start', () => {
  test.each(variableRefusals)('%s', (_, env, problem) => expect(refusalOf(env).problems).toEqual([problem]))

  test('variables that a container platform sets beside ours are left alone', () => {
    const links = { PARLEY_SERVICE_HOST: '10.0.0.7', PARLEY_PORT_4000_TCP_ADDR: '10.0.0.7', PARLEY_HOME: '/opt' }
    expect(load(links).bind.port).toBe(4000)
  })
})

describe('secrets', () => {
  const file = '/run/secrets/token'

  test('can be read from a file, without the line break at its end', () => {
    const env = { PARLEY_ADMIN_TOKEN_FILE: file, ENGAGE_CLIENT_SECRET_FILE: file, ENGAGE_CLIENT_ID: 'i' }
    const config = load({ ...env, ENGAGE_TOKEN_URL: 'http://auth' }, undefined, { [file]: 'abc\n' })
    expect(config.adminToken).toBe('abc')
    expect(config.tokens.engage).toMatchObject({ clientSecret: 'abc' })
  })

  test('of a mailbox, too', () => {
    const imap = 'PARLEY_ASSETS__2__IMAP__'
    const env = { [`${imap}URL`]: 'imaps://me%40corp.example@mail', [`${imap}PASSWORD_FILE`]: file }
    const { assets, mailboxes } = load(env, undefined, { [file]: 'abc\n' })
    expect(mailboxes).toMatchObject([{ app: 'a_637512345678901234', logsInBy: { password: 'abc' } }])
    expect(JSON.stringify(assets)).not.toContain('abc')
    expect(refusalOf({ ...env, [`${imap}PASSWORD`]: 'x' }, undefined, { [file]: 'abc' }).problems).toMatchObject([
      { path: `${imap}PASSWORD_FILE`, found: 'both' },
    ])
  })

  test('that are missing, empty or given twice stop the start', () => {
    const path = 'PARLEY_INBOUND_TOKEN_FILE'
    const both = { [path]: file, PARLEY_INBOUND_TOKEN: 'x' }
    expect(refusalOf({ [path]: file }).problems).toEqual([
      { path, expected: 'a file that can be read', found: `none at ${file} (ENOENT)` },
    ])
    expect(refusalOf({ [path]: file }, undefined, { [file]: '\n' }).problems).toEqual([
      { path, expected: 'a file with the secret', found: `an empty file at ${file}` },
    ])
    expect(refusalOf(both, undefined, { [file]: 'y' }).problems).toEqual([
      { path, expected: `only one of PARLEY_INBOUND_TOKEN and ${path}`, found: 'both' },
    ])
  })

  test('are starred out in print, and nothing else is', () => {
    const config = load({
      PARLEY_ADMIN_TOKEN: 's3cret',
      PARLEY_INBOUND_TOKEN: 's3cret',
      PARLEY_INBOUND_HMAC_SECRET: 's3cret',
      CONNECT_TOKEN: 's3cret',
      ENGAGE_TOKEN_URL: 'http://auth',
      ENGAGE_CLIENT_ID: 'id',
      ENGAGE_CLIENT_SECRET: 's3cret',
      PARLEY_NATS_URL: 'nats://me:s3cret@host:4222',
      SMTP_URL: 'smtp://me:s3cret@mail:25',
      TWILIO_ACCOUNT_SID: 'AC1',
      TWILIO_AUTH_TOKEN: 's3cret',
      PARLEY_NATS_CREDS: '/a.creds',
    })
    const shown = redacted(config)
    expect(JSON.stringify(shown)).not.toContain('s3cret')
    expect(shown).toMatchObject({
      adminToken: '***',
      nats: { url: ['nats://***@host:4222'], creds: '/a.creds' },
      urls: { smtp: 'smtp://***@mail:25' },
      twilio: { url: 'https://api.twilio.com', accountSid: 'AC1', authToken: '***' },
      tokens: { engage: { tokenUrl: 'http://auth', clientId: 'id', clientSecret: '***' } },
    })
    expect(shown.assets).toEqual(config.assets)
    expect(config.adminToken).toBe('s3cret')
  })
})

test('the published JSON Schema is the one in use (UPDATE_EXPECT=1 rewrites it)', () => {
  const root = join(import.meta.dirname, '..')
  const path = join(root, 'runtime/config.schema.json')
  if (process.env.UPDATE_EXPECT === '1') {
    writeFileSync(path, `${JSON.stringify(configJsonSchema(), null, 2)}\n`)
    execFileSync(join(root, 'node_modules/.bin/biome'), ['format', '--write', path], { cwd: root })
  }
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(JSON.parse(JSON.stringify(configJsonSchema())))
})
