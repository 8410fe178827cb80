/**
 * Nobody's clock is compared with another's: what the routing service or a customer's provider calls now may be far from
 * what this node calls now, and nothing waits longer, ends sooner or is told differently for it.
 */
import { describe, expect, test } from 'vitest'
import { callbackLine, toForm } from './chat.ts'
import { at, driveOn, type Line, type Step, smsLine, toMenu } from './drive.ts'

const day_seconds = 86_400
const skews: [what: string, seconds: number][] = [
  ['a day behind', -day_seconds],
  ['a day ahead', day_seconds],
  ['two seconds behind', -2],
]

/** Everything a task may tell of itself, each with the moment by the service's own clock. */
const story = (skew_seconds: number): Step[] => {
  const now = (seconds: number) => ({ at: at(seconds + skew_seconds) })
  return [
    { answers: 'createTask' },
    { task: 'created', ...now(6) },
    { task: 'queued', ...now(7) },
    { task: 'queued', estimatedWaitSeconds: 300, ...now(8) },
    { task: 'queued', estimatedWaitSeconds: 600, ...now(5) },
    { task: 'queued', estimatedWaitSeconds: 120, ...now(9) },
    { task: 'routed', ...now(10) },
    { answers: 'addParticipant' },
    { says: 'Hello' },
    { task: 'transferred', scriptSelector: 'Support', ...now(13) },
    { task: 'routed', ...now(10) },
    { answers: 'removeParticipant' },
    { answers: 'recreateTask' },
    { task: 'created', ...now(16) },
    { task: 'queued', ...now(17) },
    { task: 'routed', agentId: '5022', ...now(18) },
    { answers: 'addParticipant' },
    { task: 'closed', ...now(20) },
  ]
}

const lines: { line: Line; given: Step[] }[] = [
  { line: smsLine, given: [...toMenu, { says: '1' }] },
  { line: callbackLine, given: [...toForm, { form: { Query: 'Billing', Phone: '+14155550123' } }] },
]

describe.each(lines)('$line.machine', ({ line, given }) => {
  test.each(skews)(
    'E116: with the routing service %s everything is told, asked and waited for as ever',
    (_, seconds) => {
      expect(traced(line, given, seconds)).toEqual(traced(line, given, 0))
    },
  )

  test('E116, E40: by its own clock it is still told apart what is older', () => {
    const told = traced(line, given, day_seconds).flatMap(({ sent }) => sent)
    expect(told).toContain('send queued: <QueuedMessage 5>')
    expect(told).toContain('send queued: <QueuedMessage 2>')
    expect(told).not.toContain('send queued: <QueuedMessage 10>')
    expect(told.filter((line) => line.startsWith('addParticipant'))).toEqual([
      'addParticipant 5021',
      'addParticipant 5022',
    ])
  })
})

/** After each step: the state, what went out, by when it has to be answered, and when every armed timer will be due. */
function traced(line: Line, given: Step[], skew_seconds: number) {
  const conversation = driveOn(line, { idleTimeoutSeconds: 600 })
  conversation.play(...given)
  return story(skew_seconds).map((step) => {
    const { state, sent, effects } = conversation.play(step)
    const deadlines = effects.map(({ type, withinMs }) => [type, withinMs])
    const timers = Object.entries(conversation.loaded()!.record.timers).map(([name, { due_ms }]) => [name, due_ms])
    return { state, sent, deadlines, timers }
  })
}
