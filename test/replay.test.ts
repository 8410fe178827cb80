/**
 * replay: a recorded history on a version of its machine. The histories are those of the ways into every state.
 */
import { describe, expect, test } from 'vitest'
import { type Definition, definitions } from '../machines/definitions.ts'
import { turnReading } from '../runtime/history.ts'
import { type Difference, replay } from '../runtime/replay.ts'
import { actor, assetWith, type Drive, drive, plainSay } from './drive.ts'
import { everyWait, lineOf } from './lines.ts'
import { driveInto, waysInto } from './states.ts'
import { first, second } from './two-versions.ts'

const turnsOf = ({ records }: Drive) => records.map(({ record, revision }) => turnReading(record, revision, undefined))

function replayed(recorded: Drive, on: Definition, asset = assetWith()): Difference | undefined {
  const { address } = recorded.loaded()!.record
  return replay(on, { actor, address, turns: turnsOf(recorded) }, { asset, say: plainSay })
}

const ways = definitions.flatMap((definition) =>
  Object.keys(waysInto(definition.id)).map((state) => ({ machine: definition.id, state, definition })),
)

test.each(ways)(
  'T2: the history of $machine into $state is the same on its own version',
  ({ machine, state, definition }) => {
    expect(replayed(driveInto(state, machine), definition, lineOf(machine).assetWith(everyWait))).toBeUndefined()
  },
)

describe('The first difference is told', () => {
  const talk = () => {
    const conversation = drive(assetWith(), first)
    conversation.play({ says: 'Hi' }, { answers: 'search' })
    return conversation
  }

  test('in the state', () => {
    expect(replayed(talk(), second!)).toMatchObject({ turn: 1, what: 'state', recorded: 'asking', replayed: 'looking' })
  })

  test('in an effect: the settings of today say something else', () => {
    const recorded = drive()
    recorded.play(
      { says: 'Hi' },
      { answers: 'searchConversation' },
      { answers: 'createConversation' },
      { says: 'pizza' },
    )
    const found = replay(
      definitions[0]!,
      { actor, address: recorded.loaded()!.record.address, turns: turnsOf(recorded) },
      { asset: assetWith(), say: (key, values) => (key === 'menuInvalid' ? 'No.' : plainSay(key, values)) },
    )
    expect(found).toMatchObject({ turn: 4, revision: 4, event: 'parley.message.received', what: 'effects' })
    expect(JSON.stringify(found?.recorded)).toContain('<menuInvalid')
    expect(JSON.stringify(found?.replayed)).toContain('No.')
  })

  test('where an effect is there only once', () => {
    const recorded = talk()
    const turns = turnsOf(recorded).map((turn) => ({ ...turn, effects: [] }))
    const { address } = recorded.loaded()!.record
    expect(replay(first!, { actor, address, turns }, { asset: assetWith(), say: plainSay })).toMatchObject({
      what: 'effects',
      recorded: null,
      replayed: { type: 'searchConversation' },
    })
  })

  test('where the machine throws', () => {
    const recorded = talk()
    const turns = turnsOf(recorded).map((turn) => ({ ...turn, event: { ...turn.event, id: undefined as never } }))
    const { address } = recorded.loaded()!.record
    expect(replay(first!, { actor, address, turns }, { asset: assetWith(), say: plainSay })).toMatchObject({
      what: 'machine',
      replayed: 'an event without an id or a type',
    })
  })
})
