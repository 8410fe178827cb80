/** docs/configuration.md names every setting there is, what it takes, its default and the variable that sets it. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { presets } from '../machines/policy.ts'
import { englishTexts, noticeKeys, standInOf, standIns, textKeys } from '../machines/texts.ts'
import { overridden } from '../runtime/config-overrides.ts'
import { type SettingReference, settingsAt } from '../runtime/config-reference.ts'
import { valueAt } from '../runtime/config-schema-at.ts'
import { namedVariables, otherVariables } from '../runtime/config-variables.ts'
import { defaultConfig } from '../runtime/default-config.ts'

const root = join(import.meta.dirname, '..')
const textOf = (path: string) => readFileSync(join(root, path), 'utf8')

const node = settingsAt([])
const assets = defaultConfig.assets.map(({ channel }, index) => ({ channel, settings: settingsAt(['assets', index]) }))
const every = [...node, ...assets.flatMap(({ settings }) => settings)]

const isText = ({ setting }: SettingReference) => setting.includes('.<language>.')

test('every setting says what it does', () => {
  expect(every.length).toBeGreaterThan(200)
  expect(every.filter((one) => one.does === '' && !isText(one)).map(({ setting }) => setting)).toEqual([])
})

test('every variable sets its place and no other', () => {
  const faults = every.filter(({ variable, path }) => {
    const { document, sources, problems } = overridden(defaultConfig, { [variable]: 'x' }, () => '')
    const isSet = [valueAt(document, path)].flat()[0] === 'x' && sources.get(path.join('.')) === variable
    return problems.length > 0 || sources.size !== 1 || !isSet
  })
  expect(faults.map(({ variable }) => variable)).toEqual([])
})

test('every variable with a name of its own is in the reference', () => {
  const known = every.map(({ variable }) => variable)
  expect([...namedVariables.keys()].filter((name) => !known.includes(name))).toEqual([])
})

/** Read by the process itself, and between a harness and its peer. */
const notForUsers = ['PATH', 'PARLEY_PEER']

test('every other variable that the code reads is in the reference', () => {
  const files = ['runtime', 'bin', 'adapters', 'scenarios', 'machines'].flatMap((folder) =>
    (readdirSync(join(root, folder), { recursive: true }) as string[]).map((name) => `${folder}/${name}`),
  )
  const sources = files.filter((path) => /\.(ts|mjs)$/.test(path)).map(textOf)
  const read = sources.flatMap((text) => [...text.matchAll(/\benv\.([A-Z][A-Z0-9_]+)/g)].map(([, name]) => name!))
  expect(read).toContain('NODE_ENV')
  expect(read.filter((name) => !(name in otherVariables) && !notForUsers.includes(name))).toEqual([])
})

/** The settings of a node by what a reader looks for. Each stands in one of them. */
const parts: [title: string, keys: string[]][] = [
  ['This node', ['bind', 'publicUrl', 'parleyUrl', 'logLevel', 'otlpEndpoint', 'clock']],
  ['The broker', ['nats', 'replicas', 'partitions', 'dataDir', 'syncAlways']],
  ['Who may', ['inboundToken', 'inboundHmacSecret', 'inboundWebhookSecrets', 'adminToken', 'agentToken']],
  ['What lies on the disk', ['masterKeys']],
  ['What comes in', ['ratePerCustomer', 'attachmentHosts', 'smtpPort', 'smtpTls']],
  ['Far sides', ['urls', 'tokens', 'tls', 'proxy', 'twilio', 'limits', 'reconcilePerSecond']],
  ['The embedded desk', ['desk']],
]

test('every setting of a node has its part of the page', () => {
  const placed = [...parts.flatMap(([, keys]) => keys), 'assets']
  expect([...new Set(node.map(({ path }) => path[0]))].sort()).toEqual(placed.sort())
})

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;')
const usual = (value: unknown) => (value === undefined ? '' : `\`${JSON.stringify(value)}\``)
const variable = (one: SettingReference) => `\`${one.variable}\`${one.isSecret ? ', `…_FILE`' : ''}`

const table = (settings: SettingReference[], inside = '') => [
  '| setting | variable | takes | default | unit | what it does |\n|---|---|---|---|---|---|',
  ...settings.map((one) => {
    const name = one.setting.slice(inside.length)
    const does = one.isSecret ? `**Secret.** ${one.does}` : one.does
    return `| \`${name}\` | ${variable(one)} | ${cell(one.takes)} | ${usual(one.usual)} | ${one.unit} | ${cell(does)} |`
  }),
  '',
]

type PolicyKey = keyof typeof presets.representative
const policyRow = ({ path, takes, unit, does }: SettingReference) => {
  const [key, ofRetry] = path.slice(3) as [PolicyKey, (keyof typeof presets.representative.retry)?]
  const preset = (name: keyof typeof presets) => (ofRetry ? presets[name].retry[ofRetry] : presets[name][key])
  const values = (Object.keys(presets) as (keyof typeof presets)[]).map((name) => usual(preset(name)))
  return `| \`${path.slice(3).join('.')}\` | ${cell(takes)} | ${values.join(' | ')} | ${unit} | ${cell(does)} |`
}

const textRow = (key: (typeof textKeys)[number]) => {
  const words = key in standIns ? `as \`${standInOf(key)}\`` : cell(englishTexts[standInOf(key)])
  return `| \`${key}\` | ${noticeKeys.includes(key) ? 'yes' : ''} | ${words} |`
}

const isPolicy = ({ path }: SettingReference) => path[2] === 'policy'
const [, ...rest] = assets
const isForAll = ({ path }: SettingReference) =>
  rest.every(({ settings }) => settings.some((one) => one.path[2] === path[2])) &&
  !['id', 'machine'].includes(String(path[2]))
const [{ settings: ofAny }] = assets as [(typeof assets)[0]]
const asset = 'assets[].'

test('docs/configuration.md is what the code says (UPDATE_EXPECT=1 rewrites it)', () => {
  const page = [
    '# Configuration\n\nMade from the schema. Guides: [connect.md](connect.md), [operations.md](operations.md).\n',
    'A setting stands in `parley.config.json`, a file of JSON, or comes from its variable, which wins. A variable’s list is',
    'words with commas, or JSON; its object is JSON. `__0__` is the first place in a list. A secret can stand in a file that',
    '`…_FILE` names. A wrong value stops the start with its path, what was expected and what was found; an unknown key does',
    'so, too. Editors check the file against [config.schema.json](../runtime/config.schema.json).\n',
    ...parts.flatMap(([title, keys]) => {
      const own = keys.flatMap((key) => node.filter(({ path }) => path[0] === key))
      return [`## ${title}\n`, ...table(own)]
    }),
    '## Assets\n',
    'What customers write to: `assets` is a list of them (`PARLEY_ASSETS` is all of it as JSON). For every channel:\n',
    ...table(
      ofAny.filter((one) => isForAll(one) && !isPolicy(one) && !isText(one)),
      asset,
    ),
    ...assets.flatMap(({ channel, settings }) => [
      `### \`"channel": "${channel}"\`\n`,
      ...table(
        settings.filter((one) => !isForAll(one)),
        asset,
      ),
    ]),
    '## Policy\n',
    `\`policy\` of an asset: a preset, and what it does otherwise. \`PARLEY_ASSETS__0__POLICY__PRESET\`: ${Object.keys(presets).map(usual).join(' or ')},`,
    `${usual('representative')} unless set. The variables of the others are made in the same way (\`…__POLICY__RETRY__BACKOFF_MS\`).\n`,
    `| policy | takes | ${Object.keys(presets).join(' | ')} | unit | what it does |\n|---|---|---|---|---|---|`,
    ...ofAny.filter((one) => isPolicy(one) && one.path[3] !== 'preset').map(policyRow),
    '',
    '## Texts\n',
    '`texts.<language>.<key>` of an asset, ICU messages (`PARLEY_ASSETS__0__TEXTS__EN__WELCOME`). A language that lacks one says it',
    'without its region, then in English. `menu` gets `options`, `QueuedMessage` gets `minutes` and `seconds`, `errorCallbackFailed`',
    'gets `next` (`chat` when the customer is in line for a chat again), `attachmentDropped` gets `reason`, `named` and `names`.\n',
    '| key | may be empty: not sent | unless set |\n|---|---|---|',
    ...textKeys.map(textRow),
    '',
    '## Variables that are no settings\n',
    '| variable | what it does |\n|---|---|',
    ...Object.entries(otherVariables).map(([name, does]) => `| \`${name}\` | ${does} |`),
    '',
  ].join('\n')
  if (process.env.UPDATE_EXPECT === '1') writeFileSync(join(root, 'docs/configuration.md'), page)
  expect(textOf('docs/configuration.md')).toBe(page)
})
