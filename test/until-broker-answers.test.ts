/** A start beside brokers that are not ready yet. */
import { TimeoutError } from '@nats-io/transport-node'
import { expect, test } from 'vitest'
import { virtualClock } from '../adapters/clock.ts'
import { untilBrokerAnswers } from '../runtime/until-broker-answers.ts'

const settled = () => new Promise<void>((resolve) => setImmediate(resolve))
const silence = () => Promise.reject(new TimeoutError())

test.each([
  { what: 'no answer', failure: new TimeoutError() },
  { what: 'no leader yet', failure: Object.assign(new Error('temporarily unavailable'), { code: 10_008 }) },
  { what: 'a bucket that another node is making', failure: new Error('object store not found') },
])('$what: asked again until there is an answer', async ({ failure }) => {
  const clock = virtualClock(0)
  let asked = 0
  const answer = untilBrokerAnswers(clock, async () => {
    asked += 1
    if (asked < 3) throw failure
    return 'made'
  })
  await settled()
  await clock.advance(1_000, settled)
  expect([await answer, asked]).toEqual(['made', 3])
})

test('a refusal is no matter of time: it is told at once', async () => {
  const refusal = Object.assign(new Error('permissions violation'), { code: 403 })
  await expect(untilBrokerAnswers(virtualClock(0), () => Promise.reject(refusal))).rejects.toBe(refusal)
})

test('a minute without an answer ends the start, with what to do', async () => {
  const clock = virtualClock(0)
  const failed = expect(untilBrokerAnswers(clock, silence)).rejects.toMatchObject({
    code: 'E_BROKER_SILENT',
    message: expect.stringContaining('nats server report jetstream'),
  })
  await settled()
  await clock.advance(61_000, settled)
  await failed
})
