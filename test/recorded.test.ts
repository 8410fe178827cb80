/**
 * A conversation exported as a scenario: played again on a running system, it goes the same way.
 */
import { basename } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { ConversationReading, TurnReading } from '../runtime/history.ts'
import { parseScenario } from '../scenarios/parse-scenario.ts'
import { play } from '../scenarios/player.ts'
import { scenarioOf } from '../scenarios/recorded.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import { readScenario, scenarioFiles } from '../scenarios/scenario-files.ts'
import { type Stack, startStack } from '../scenarios/stack.ts'

/** Every channel; time-outs, wrong answers, card numbers, transfers, a callback, a call that failed, a second window. */
const stories = [
  ...['sms-inbound', 'email-inbound', 'transferred', 'live-chat-inbound-with-web-callback'],
  ...['card-number-in-menu', 'wrong-answers', 'menu-time-out', 'transfer-refused', 'window-closed-in-queue'],
]
const files = (await scenarioFiles()).filter((path) => stories.includes(basename(path, '.yaml')))
const scenarios = await Promise.all(files.map((path) => readScenario(path)))
let stack: Stack
beforeAll(async () => {
  stack = await startStack({ scenarios, natsServerBin: inject('natsServerBin'), under: inject('brokersDir') })
})
afterAll(() => stack.stop())

interface Recorded {
  conversation: ConversationReading
  turns: TurnReading[]
}

/** Plays it, and reads the conversations that there are only since. */
async function recorded(scenario: Scenario): Promise<{ problems: string[]; made: Recorded[] }> {
  const all = async () =>
    (await stack.node<{ items: ConversationReading[] }>('GET', '/v1/conversations?limit=500')).items
  const before = new Set((await all()).map(({ id }) => id))
  const { problems } = await play(stack, scenario)
  const made = (await all()).filter(({ id }) => !before.has(id))
  return {
    problems,
    made: await Promise.all(
      made.map(async ({ id }) => ({
        conversation: await stack.node<ConversationReading>('GET', `/v1/conversations/${id}`),
        turns: await stack.turnsOf(id),
      })),
    ),
  }
}

/** What was done at the far sides, in order. */
const doneBy = ({ turns }: Recorded) =>
  turns.flatMap(({ effects }) => effects.map(({ type, status }) => `${type} ${status}`))

const titled = scenarios.map((scenario) => [scenario.scenario.replace(/ \(.*/, ''), scenario] as const)
test.each(titled)('%s', async (_title, scenario) => {
  const { made } = await recorded(scenario)
  const yaml = scenarioOf(made[0]!.conversation, made[0]!.turns)
  const again = await recorded(parseScenario(`again-${scenario.file}`, yaml))
  expect(again.problems, yaml).toEqual([])
  expect(again.made.map(doneBy), yaml).toEqual([doneBy(made[0]!)])
})
