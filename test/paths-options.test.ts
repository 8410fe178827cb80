/** What `parley paths` can be asked for together: nothing that is given is passed over. */
import { expect, test } from 'vitest'
import { checkTogether, coverIn, type PathsOptions } from '../bin/verbs/paths-options.ts'

const refused: [options: PathsOptions, says: string][] = [
  [{ cluster: true }, '--cluster: expected together with --live, found alone'],
  [{ crash: true }, '--crash: expected together with --live, found alone'],
  [{ runs: '5' }, '--runs: expected together with --protocol, found alone'],
  [{ live: true, crash: true, limit: '2' }, '--limit: expected without --crash, found together with it'],
  [{ live: true, crash: true, cover: 'pairs' }, '--cover: expected without --crash, found together with it'],
  [{ live: true, html: 'page.html' }, '--html: expected without --live, found together with it'],
  [{ protocol: true, live: true }, '--live: expected without --protocol, found together with it'],
  [{ repeats: '2', live: true }, '--live: expected without --repeats, found together with it'],
  [{ repeats: '2', saveFailure: 'failure.yaml' }, '--save-failure: expected without --repeats, found together with it'],
]

test.each(refused)('of %j it says which two do not go together, or what is lacking', (options, says) => {
  expect(() => checkTogether(options)).toThrow(says)
})

test.each<PathsOptions>([
  {},
  { json: true, seed: '2', cover: 'pairs', mutants: true, html: 'page.html', junit: 'junit.xml', stryker: 's.json' },
  { live: true, cluster: true, brokers: '3', limit: '5', cover: 'transitions', seed: '2', json: true },
  { live: true, crash: true, brokers: '3' },
  { protocol: true, runs: '5', seed: '2' },
  { repeats: '2', seed: '2', json: true },
])('%j go together', (options) => {
  expect(() => checkTogether(options)).not.toThrow()
})

test.each([
  ['stateEvent,states', ['states', 'stateEvent']],
  [undefined, ['states', 'transitions', 'pairs', 'stateEvent', 'outcomes', 'races']],
])('criteria given as %s are %j', (text, criteria) => {
  expect(coverIn(text)).toEqual(criteria)
})

test.each(['', 'stateEvent,', 'transitions,stats', 'states,states'])('criteria given as "%s" are refused', (text) => {
  expect(() => coverIn(text)).toThrow(`found ${text}`)
})
