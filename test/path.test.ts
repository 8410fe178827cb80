/**
 * A recorded conversation as a path: driven again, it goes the same way. The conversations are those into every state.
 */
import { expect, test } from 'vitest'
import { definitions } from '../machines/definitions.ts'
import { turnReading } from '../runtime/history.ts'
import { pathOf } from '../scenarios/path.ts'
import { type Drive, driveOn, plain, type Step, toMenu, toTalking } from './drive.ts'
import { everyWait, lineOf } from './lines.ts'
import { driveInto, waysInto } from './states.ts'

const turnsOf = ({ records }: Drive) => records.map(({ record, revision }) => turnReading(record, revision, undefined))
/** As a file would hold it. */
const exported = (recorded: Drive) => plain(pathOf(turnsOf(recorded))) as Step[]
const told = ({ history }: Drive) => history.map(({ state, sent }) => ({ state, sent }))

const ways = definitions.flatMap(({ id }) => Object.keys(waysInto(id)).map((state) => ({ machine: id, state })))

test.each(ways)('the path of $machine into $state leads there, and says the same on the way', ({ machine, state }) => {
  const recorded = driveInto(state, machine)
  const again = driveOn(lineOf(machine), everyWait)
  again.play(...exported(recorded))
  expect(told(again)).toEqual(told(recorded))
})

const others: [what: string, machine: string, steps: Step[]][] = [
  ['time that passes', 'sms', [...toMenu, { later: 60 }, { says: '1' }]],
  ['a receipt', 'sms', [...toMenu, { receipt: 'Failed' }]],
  ['a message that was given up', 'sms', [...toTalking, { lost: 'appendConversation', direction: 'Inbound' }]],
  [
    'an answer that failed, with its code',
    'sms',
    [...toMenu, { says: '1' }, { fails: 'createTask', code: 'tooManyRequests' }],
  ],
  ['a task of somebody else', 'sms', [...toTalking, { task: 'closed', taskId: 'another' }]],
]
test.each(others)('%s is on the path', (_, machine, steps) => {
  const recorded = driveOn(lineOf(machine), everyWait)
  recorded.play(...steps)
  const path = exported(recorded)
  expect(path.at(-1)).toMatchObject(plain(steps.at(-1)!))
  const again = driveOn(lineOf(machine), everyWait)
  again.play(...path)
  expect(told(again)).toEqual(told(recorded))
  expect(again.at_ms).toBe(recorded.at_ms)
})
