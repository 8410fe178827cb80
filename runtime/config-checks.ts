/**
 * What no value can say alone: names that must differ, byte limits over a list, settings that exclude each other.
 * Looks at the document as it was written, and tolerates what the schema has already refused, so that all problems of a
 * file are told at once. Pure.
 */
import { normaliseAsset } from '../adapters/identity.ts'
import { channels } from '../machines/events.ts'
import { problemsOf } from '../machines/task-context.ts'
import { type Finding, foundAt } from './config-problems.ts'
import { type Path, valueAt } from './config-schema-at.ts'

/** Everything wrong between the values of a document. `production` as NODE_ENV says. */
export function crossFindings(document: unknown, production: boolean): Finding[] {
  const assets = listAt(document, ['assets'])
  return [
    ...assets.flatMap((_, index) => menuFindings(document, ['assets', index, 'menu'])),
    ...assets.flatMap((_, index) => menuDefaultFindings(document, ['assets', index])),
    ...assets.flatMap((_, index) => contextFindings(document, ['assets', index, 'context'])),
    ...assetFindings(document, assets.length),
    ...tokenFindings(document),
    ...tlsFindings(document),
    ...clockFindings(document, production),
  ]
}

/** Asset ids differ within a channel, and no two email assets share an address (DE4: one event, one flow). */
function assetFindings(document: unknown, count: number): Finding[] {
  const channelOf = (index: number) =>
    channels.find((channel) => channel === textAt(document, ['assets', index, 'channel']))
  const all = Array.from({ length: count }, (_, index) => index)
  const ids = repeated(all, (index) => {
    const id = textAt(document, ['assets', index, 'id'])
    return id && `${channelOf(index)} ${normaliseAsset(channelOf(index), id)}`
  })
  const addresses = repeated(all, (index) => textAt(document, ['assets', index, 'address']).trim().toLowerCase())
  return [
    ...ids.map(({ again, first }) => ({
      path: ['assets', again, 'id'],
      expected: `an id that no other ${channelOf(again) ?? 'such'} asset has`,
      found: `${foundAt(document, ['assets', again, 'id'])}, the id of assets.${first}`,
    })),
    ...addresses.map(({ again, first }) => ({
      path: ['assets', again, 'address'],
      expected: 'an address that no other asset has',
      found: `${foundAt(document, ['assets', again, 'address'])}, the address of assets.${first}`,
    })),
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

const client_keys = ['tokenUrl', 'clientId', 'clientSecret']

/** CONTRACTS section 2: a fixed token, or all three of the client credentials. */
function tokenFindings(document: unknown): Finding[] {
  return ['digitalRouting', 'engage', 'connect'].flatMap((key) => {
    const path = ['tokens', key]
    const has = (name: string) => valueAt(document, [...path, name]) !== undefined
    const given = client_keys.filter(has)
    if (given.length === 0) return []
    const expected = 'either `token`, or all of `tokenUrl`, `clientId` and `clientSecret`'
    if (has('token')) return [{ path, expected, found: 'both' }]
    return given.length === client_keys.length ? [] : [{ path, expected, found: `only ${given.join(', ')}` }]
  })
}

function tlsFindings(document: unknown): Finding[] {
  const path = ['nats', 'tls']
  const [cert, key] = ['cert', 'key'].map((name) => valueAt(document, [...path, name]) !== undefined)
  if (cert === key) return []
  return [{ path, expected: 'both `cert` and `key`, or neither', found: `only \`${cert ? 'cert' : 'key'}\`` }]
}

/** Time that a request may move has no place where customers are served. */
function clockFindings(document: unknown, production: boolean): Finding[] {
  if (!production || valueAt(document, ['clock']) !== 'virtual') return []
  return [{ path: ['clock'], expected: '"real" while NODE_ENV is "production"', found: '"virtual"' }]
}

/** Each item whose name an earlier one has; items without a name are left out. */
function repeated<Item>(items: Item[], nameOf: (item: Item) => string): { again: Item; first: Item }[] {
  const firsts = new Map<string, Item>()
  return items.flatMap((again) => {
    const name = nameOf(again)
    const first = firsts.get(name)
    if (name === '') return []
    if (first !== undefined) return [{ again, first }]
    firsts.set(name, again)
    return []
  })
}

function listAt(document: unknown, path: Path): unknown[] {
  const value = valueAt(document, path)
  return Array.isArray(value) ? value : []
}

function textAt(document: unknown, path: Path): string {
  const value = valueAt(document, path)
  return typeof value === 'string' ? value : ''
}
