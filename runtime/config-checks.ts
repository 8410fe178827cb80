/**
 * What no value can say alone: names that must differ, byte limits over a list, settings that exclude each other.
 * Looks at the document as it was written, and tolerates what the schema has already refused, so that all problems of a
 * file are told at once. Pure.
 */
import { problemsOf } from '../machines/task-context.ts'
import { bindingFindings } from './binding-checks.ts'
import { type Finding, foundAt } from './config-problems.ts'
import { listAt, type Path, textAt, valueAt } from './config-schema-at.ts'
import { repeated } from './repeated.ts'

/** Everything wrong between the values of a document. `production` as NODE_ENV says. */
export function crossFindings(document: unknown, production: boolean): Finding[] {
  const assets = listAt(document, ['assets'])
  return [
    ...assets.flatMap((_, index) => menuFindings(document, ['assets', index, 'menu'])),
    ...assets.flatMap((_, index) => menuDefaultFindings(document, ['assets', index])),
    ...assets.flatMap((_, index) => contextFindings(document, ['assets', index, 'context'])),
    ...bindingFindings(document, assets.length),
    ...providerFindings(document, assets.length),
    ...tokenFindings(document),
    ...mailboxFindings(document, assets.length),
    ...agentTokenFindings(document),
    ...natsUserFindings(document),
    ...tlsFindings(document),
    ...clockFindings(document, production),
  ]
}

/** A9: an answer means one option, so keys, labels and keywords differ between options, whatever case and spacing. */
function menuFindings(document: unknown, path: Path): Finding[] {
  const answers = listAt(document, path).flatMap((_, option) => {
    const at = [...path, option]
    const keywords = listAt(document, [...at, 'keywords']).map((_keyword, index) => [...at, 'keywords', index])
    return [[...at, 'key'], [...at, 'label'], ...keywords].map((place) => ({ place, option }))
  })
  const answerAt = (place: Path) => textAt(document, place).toLowerCase().replace(/\s+/g, ' ').trim()
  return repeated(answers, ({ place }) => answerAt(place))
    .filter(({ again, first }) => again.option !== first.option)
    .map(({ again, first }) => ({
      path: again.place,
      expected: 'an answer that no other option of the menu has',
      found: `${foundAt(document, again.place)}, which ${[...path, first.option].join('.')} has too`,
    }))
}

/** A9: a default names an option, and a last wrong answer that goes on as the default needs one. */
function menuDefaultFindings(document: unknown, path: Path): Finding[] {
  if (textAt(document, [...path, 'channel']) !== 'sms') return []
  const at = [...path, 'menuDefault']
  const chosen = valueAt(document, at)
  const keys = listAt(document, [...path, 'menu']).map((_, option) =>
    textAt(document, [...path, 'menu', option, 'key']),
  )
  const isNeeded = textAt(document, [...path, 'policy', 'lastWrongAnswer']) === 'menuDefault'
  if (chosen === undefined ? !isNeeded : keys.includes(String(chosen))) return []
  const why = isNeeded ? ', since policy.lastWrongAnswer is "menuDefault"' : ''
  return [{ path: at, expected: `the key of a menu option${why}`, found: foundAt(document, at) }]
}

/** A32, A33, A35: names of variables, their byte limits and their sum; and a name stands for one value in any case. */
function contextFindings(document: unknown, path: Path): Finding[] {
  const variables = listAt(document, path).map((_, index) => ({
    key: textAt(document, [...path, index, 'key']),
    value: textAt(document, [...path, index, 'value']),
  }))
  const places = variables.map((variable, index) => ({ ...variable, index }))
  return [
    ...problemsOf(variables).map(({ index, field, ...problem }) => ({ path: [...path, index, field], ...problem })),
    ...repeated(places, ({ key }) => key.toLowerCase()).map(({ again, first }) => ({
      path: [...path, again.index, 'key'],
      expected: 'a name that no other variable has',
      found: `${foundAt(document, [...path, again.index, 'key'])}, the name of ${[...path, first.index].join('.')}`,
    })),
  ]
}

const providerNeeds = {
  twilio: {
    path: ['twilio'],
    expected: 'an account in `twilio`',
    hint: 'set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN',
  },
  smpp: { path: ['urls', 'smpp'], expected: 'an address in `urls.smpp`', hint: 'set SMPP_URL' },
}

/** Texts go out through what is set; where two are, every SMS asset says which. */
function providerFindings(document: unknown, assets: number): Finding[] {
  const isSet = (name: keyof typeof providerNeeds) => valueAt(document, providerNeeds[name].path) !== undefined
  const isOpen = isSet('twilio') && isSet('smpp')
  return Array.from({ length: assets }, (_, index): Path => ['assets', index, 'provider']).flatMap((path) => {
    const found = foundAt(document, path)
    const named = textAt(document, path)
    if (named === 'twilio' || named === 'smpp') {
      const { expected, hint } = providerNeeds[named]
      return isSet(named) ? [] : [{ path, expected: `"connect", or ${expected}`, found, hint }]
    }
    const isSms = textAt(document, [...path.slice(0, -1), 'channel']) === 'sms'
    if (!isSms || !isOpen || valueAt(document, path) !== undefined) return []
    return [{ path, expected: '"connect", "twilio" or "smpp", since both Twilio and SMPP are set', found }]
  })
}

const farSides = ['digitalRouting', 'engage', 'connect']
const client_keys = ['tokenUrl', 'clientId', 'clientSecret']

/** CONTRACTS section 2: a fixed token, or all three of the client credentials. */
function tokenFindings(document: unknown): Finding[] {
  return farSides.flatMap((key) => loginFindings(document, ['tokens', key], 'token'))
}

/** Of the client credentials all three or none, and none beside a secret that is fixed. */
function loginFindings(document: unknown, path: Path, fixed: 'token' | 'password'): Finding[] {
  const has = (name: string) => valueAt(document, [...path, name]) !== undefined
  const given = client_keys.filter(has)
  if (given.length === 0 && !has('scope')) return []
  const expected = `either \`${fixed}\`, or all of \`tokenUrl\`, \`clientId\` and \`clientSecret\``
  if (has(fixed)) return [{ path, expected, found: 'both' }]
  return given.length === client_keys.length
    ? []
    : [{ path, expected, found: `only ${[...given, 'scope'].filter(has).join(', ')}` }]
}

/** A mailbox is read with one login, and for one asset. */
function mailboxFindings(document: unknown, assets: number): Finding[] {
  const places = Array.from({ length: assets }, (_, index): Path => ['assets', index, 'imap']).filter(
    (path) => valueAt(document, path) !== undefined,
  )
  const withoutLogin = places.filter((path) =>
    ['password', ...client_keys].every((key) => valueAt(document, [...path, key]) === undefined),
  )
  return [
    ...places.flatMap((path) => loginFindings(document, path, 'password')),
    ...withoutLogin.map((path) => ({
      path,
      expected: 'a `password`, or `tokenUrl`, `clientId` and `clientSecret`',
      found: 'neither',
    })),
    ...repeated(places, (path) => textAt(document, [...path, 'url'])).map(({ again, first }) => ({
      path: [...again, 'url'],
      expected: 'a mailbox that no other asset reads',
      found: `${foundAt(document, [...again, 'url'])}, which ${first.join('.')} reads`,
    })),
  ]
}

/** Whoever may do less has another token than whoever may do all; without the latter everybody may do everything. */
function agentTokenFindings(document: unknown): Finding[] {
  const [admin, agent] = ['adminToken', 'agentToken'].map((key) => valueAt(document, [key]))
  if (agent === undefined) return []
  const path = ['agentToken']
  if (admin === undefined) return [{ path, expected: 'an `adminToken` beside it', found: 'none' }]
  return admin === agent ? [{ path, expected: 'another token than `adminToken`', found: 'the same' }] : []
}

function natsUserFindings(document: unknown): Finding[] {
  const path = ['nats']
  const [user, password, creds] = ['user', 'password', 'creds'].map(
    (key) => valueAt(document, [...path, key]) !== undefined,
  )
  if (user !== password) {
    return [
      { path, expected: 'both `user` and `password`, or neither', found: `only \`${user ? 'user' : 'password'}\`` },
    ]
  }
  return user && creds ? [{ path, expected: 'either `creds`, or `user` and `password`', found: 'both' }] : []
}

/** A certificate is of no use without its key. */
function tlsFindings(document: unknown): Finding[] {
  const places = [['nats', 'tls'], ...farSides.map((key) => ['tls', key])]
  return places.flatMap((path) => pairFindings(document, path))
}

function pairFindings(document: unknown, path: Path): Finding[] {
  const [cert, key] = ['cert', 'key'].map((name) => valueAt(document, [...path, name]) !== undefined)
  if (cert === key) return []
  return [{ path, expected: 'both `cert` and `key`, or neither', found: `only \`${cert ? 'cert' : 'key'}\`` }]
}

/** Time that a request may move has no place where customers are served. */
function clockFindings(document: unknown, production: boolean): Finding[] {
  if (!production || valueAt(document, ['clock']) !== 'virtual') return []
  return [{ path: ['clock'], expected: '"real" while NODE_ENV is "production"', found: '"virtual"' }]
}
