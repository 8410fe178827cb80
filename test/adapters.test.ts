/**
 * Which far side hears of what: every effect that a conversation asks for is performed by exactly one adapter.
 */
import { expect, test } from 'vitest'
import type { Adapter } from '../adapters/adapter.ts'
import { connect } from '../adapters/connect/connect.ts'
import { digitalRouting } from '../adapters/digital-routing/digital-routing.ts'
import { engage } from '../adapters/engage/engage.ts'
import { definitions } from '../machines/definitions.ts'
import { farSideAt } from './adapter-contract.ts'
import { driveInto, waysInto } from './states.ts'

const farSide = farSideAt('http://127.0.0.1:9')
const adapters: Adapter[] = [digitalRouting(farSide), engage(farSide), connect(farSide, undefined)]
/** The types of effects that conversations ask for on their way into every state there is. */
const asked = new Set(
  definitions
    .flatMap(({ id }) => Object.keys(waysInto(id)).map((state) => driveInto(state, id)))
    .flatMap(({ history }) => history.flatMap(({ effects }) => effects.map(({ type }) => type))),
)

test('G2: tasks are the business of Digital Routing alone, conversations and who takes part that of Engage alone', () => {
  expect(adapters.map(({ destination, performs }) => [destination, [...performs].sort()])).toEqual([
    ['digital-routing', ['checkTask', 'createTask', 'endTask']],
    [
      'engage',
      [
        'addParticipant',
        'appendConversation',
        'closeConversation',
        'createConversation',
        'removeParticipant',
        'reopenConversation',
        'searchConversation',
        'updateConversation',
      ],
    ],
    ['connect', ['sendMessage']],
  ])
})

test('G2: whatever a conversation asks for has exactly one adapter; alerts stay here', () => {
  const homesOf = (type: string) => adapters.filter(({ performs }) => performs.some((one) => one === type)).length
  expect(asked.size).toBeGreaterThan(8)
  expect([...asked].filter((type) => type !== 'raiseAlert' && homesOf(type) !== 1)).toEqual([])
})
