/**
 * What becomes of a failure: it is the shortest there is, can be saved, and breaks the same way when it is played again. Faults
 * are planted in the machine of mails, since it has none of its own.
 */
import { expect, test } from 'vitest'
import { type Definition, latestDefinition } from '../machines/definitions.ts'
import type { Step } from './drive.ts'
import { driveFast, plays } from './paths/line.ts'
import { born } from './paths/mutation/mutant.ts'
import { mutantsOf } from './paths/mutation/mutants.ts'
import { kindOf } from './paths/one-of-a-kind.ts'
import { replayedSteps } from './paths/replayed.ts'
import { readFailure, type Saved, SavedError, savedFailure } from './paths/saved.ts'
import { search, wayTo } from './paths/search.ts'
import { type Fault, faultIn, shortest } from './paths/trial.ts'

const email = latestDefinition('email')!
const planted = (id: string): Definition => {
  const mutant = mutantsOf(email).find((one) => one.id.startsWith(id))
  if (mutant === undefined) throw new Error(`no fault ${id} can be planted`)
  return born(email, mutant)!
}

function kindOn(machine: Definition, steps: Step[]): string {
  const conversation = driveFast(machine, 'waits')
  for (const step of steps) plays(conversation, step)
  return kindOf(faultIn(conversation) ?? '')
}

test('a failure comes back by the fewest steps there are, whatever path met it', () => {
  const broken = planted('drop after: askTimeout @ noConversation.creatingConversation')
  const graph = search('email', 'waits', { definition: broken })
  const ways = graph.places
    .flatMap((place) =>
      place.out.map(({ happening }) => [...wayTo(place).map((edge) => edge.happening.step), happening.step]),
    )
    .sort((one, other) => one.length - other.length)
  const longest = ways.findLast((way) => kindOn(broken, way) !== '')!
  const kind = kindOn(broken, longest)
  const fewest = ways.find((way) => kindOn(broken, way) === kind)!.length
  const met: Fault = { id: 'x', path: 'x', policy: 'waits', disturbance: 'undisturbed', found: kind, steps: longest }
  const { steps, found } = shortest('email', met, graph, broken)
  expect(longest.length).toBeGreaterThan(fewest)
  expect(steps.length).toBe(fewest)
  expect(kindOf(found)).toBe(kind)
})

test('a failure that is saved is read again as it was, and breaks the same way for as long as the fault is there', () => {
  const steps: Step[] = [
    { says: 'Hello there' },
    { answers: 'searchConversation', with: { outcome: 'conversationActive', conversationId: 'E1' } },
    { says: 'More' },
  ]
  const broken = planted('drop action: relayMessage @ active.talking · message.received')
  const saved: Saved = {
    machine: 'email',
    policy: 'waits',
    id: 'email/waits/1~swapped~3',
    seed: 1,
    breaks: 'PC1',
    steps,
  }
  const text = savedFailure(saved, 'parley paths --replay here.yaml')
  expect(text).toContain('# parley paths --replay here.yaml\n')
  expect(text).toContain('#   Customer->>Conversation: says Hello there\n')
  const read = readFailure('here.yaml', text)
  expect(read).toEqual(saved)
  const again = { machine: 'email', policy: 'waits' as const, steps: read.steps as Step[] }
  expect(replayedSteps(read.id, again, broken).found.map(kindOf)).toEqual([kindOn(broken, steps)])
  expect(replayedSteps(read.id, again).found).toEqual([])
})

test.each([
  ['no YAML', 'a: [', /here\.yaml: expected YAML, found/],
  [
    'no policy of paths',
    'machine: email\npolicy: none\nid: x\nseed: 1\nbreaks: x\nsteps: [{ says: Hi }]',
    /here\.yaml: policy: /,
  ],
  [
    'a step without its word',
    'machine: email\nid: x\nseed: 1\nbreaks: x\nsteps: [{ say: Hi }]',
    /here\.yaml: steps\.0: a step with one of says, /,
  ],
])('a file with %s is refused, with the place and what is expected', (_, text, expected) => {
  expect(() => readFailure('here.yaml', text)).toThrow(expected)
  expect(() => readFailure('here.yaml', text)).toThrow(SavedError)
})
