/**
 * Plays one scenario on a stack: each step through the real doors, then all is waited for that follows from it, then
 * what came about is written down. Invariants: nothing here sleeps; virtual time moves only with `time` steps.
 */
import { act, type Play, playOf, restore } from './acts.ts'
import type { Row } from './effect-row.ts'
import { expectations } from './expectations.ts'
import type { Scenario } from './scenario.ts'
import { type Stack, StackError } from './stack.ts'
import type { StepRows } from './transcript.ts'
import { namesOfPlay, type TurnRows, turnRows } from './turn-rows.ts'

export interface Played {
  steps: StepRows[]
  /** What was not as expected, one line each, with its place in the file; empty when the scenario holds. */
  problems: string[]
}

/** Resolves also when the scenario does not hold; rejects only when the stack is gone. */
export async function play(stack: Stack, scenario: Scenario): Promise<Played> {
  const one = playOf(stack, scenario)
  const expected = expectations(one)
  const look = onlooker(one)
  const steps: StepRows[] = []
  const problems: string[] = []
  let at_ms = 0
  let state = ''
  try {
    await stack.devices[one.channel]?.begin(one)
    for (const [index, step] of scenario.steps.entries()) {
      const place = `steps.${index}`
      if (step.expect) {
        problems.push(...(await expected.check(step.expect, state)).map((line) => `${place}.expect.${line}`))
        continue
      }
      try {
        const done = await act(one, step)
        await stack.advance(step.time?.ms ?? 0)
        const seen = await look()
        state = seen.state
        steps.push({ at_ms, rows: [...done, ...seen.rows], state })
        at_ms += step.time?.ms ?? 0
      } catch (error) {
        if (!(error instanceof StackError)) throw error
        return { steps, problems: [...problems, `${place}: ${error.message}`] }
      }
    }
    problems.push(...(await expected.leftOver()).map((line) => `the end: ${line}`))
    return { steps, problems }
  } finally {
    await restore(one)
  }
}

/** Says what is new in the conversations of a play, one after the other, and where the one stands that moved last. */
function onlooker({ stack, places }: Play): () => Promise<{ rows: Row[]; state: string }> {
  const names = namesOfPlay()
  const followed = new Map<string, { rowsOf: TurnRows; turns: number }>()
  let state = ''
  return async () => {
    const rows: Row[] = []
    for (const place of places) {
      const conversation = await stack.conversationOf(place)
      if (!conversation) continue
      const turns = await stack.turnsOf(conversation.id)
      const one = followed.get(conversation.id) ?? { rowsOf: turnRows(names), turns: 0 }
      if (turns.length > one.turns) state = conversation.state
      followed.set(conversation.id, { ...one, turns: turns.length })
      rows.push(...one.rowsOf(turns))
    }
    return { rows, state }
  }
}
