/**
 * Kill -9 at every stage boundary: the whole system, desk and broker included, dies in the middle of a conversation and
 * is started again on its data. Whatever the moment, the conversation ends as if nothing had happened, and so do its far
 * sides: nothing is lost, nothing is done twice.
 */
import { describe, expect, test } from 'vitest'
import { systemClock } from '../adapters/clock.ts'
import { crashPoints } from '../runtime/crash-points.ts'
import { type Answer, asset, customer, type Json, smsBody } from './node.ts'
import { type System, system } from './system.ts'

const clock = systemClock()
/** A step may begin with a system that is started anew, beside other tests. */
const step_ms_max = 90_000
const look_again_ms = 25

/** `always` in every run; `besides` with PARLEY_TEST_ALL=1, as each one starts the whole system twice. */
const moments: { point: (typeof crashPoints)[number]; always: number[]; besides: number[] }[] = [
  { point: 'accept.before-store', always: [1], besides: [3] },
  { point: 'accept.after-store', always: [4], besides: [] },
  { point: 'activate.loaded', always: [6], besides: [1] },
  { point: 'decide.decided', always: [7], besides: [1] },
  { point: 'persist.committed', always: [1, 8], besides: [] },
  { point: 'settle.timers-armed', always: [3], besides: [1] },
  { point: 'settle.acked', always: [2], besides: [9] },
  { point: 'transmit.before-perform', always: [3], besides: [9] },
  { point: 'transmit.after-perform', always: [1, 6], besides: [2, 3, 10] },
  { point: 'transmit.answered', always: [2], besides: [6] },
  { point: 'transmit.before-ack', always: [4], besides: [1] },
]
const isWhole = process.env.PARLEY_TEST_ALL === '1'
const cases = moments.flatMap(({ point, always, besides }) =>
  [...always, ...(isWhole ? besides : [])].map((nth) => ({ point, nth })),
)

test('every stage boundary is among the moments', () => {
  expect(moments.map(({ point }) => point)).toEqual([...crashPoints])
})

describe('killed', () => {
  test.each(cases)('E114: at $point, the time number $nth', { timeout: 300_000 }, ({ point, nth }) =>
    playThrough(`${point}:${nth}`, nth > 1 ? { PARLEY_MASTER_KEYS: 'a1'.repeat(32) } : {}),
  )
})

/** `env`: of every start. Every second case runs encrypted at rest: no stage tells the difference. */
async function playThrough(crashAt: string, env: Record<string, string>): Promise<void> {
  const one = await system(env)
  try {
    await one.start({ PARLEY_CRASH_AT: crashAt })
    let deaths = 0
    for (const step of story) deaths += await untilDone(one, step)
    expect(deaths, 'the system died at the moment it was told to').toBe(1)
    await expectOneConversation(one)
  } finally {
    await one.remove()
  }
}

/** What happens, and how to see that it has. `act` is repeated as a provider would: with the same id, until it is heard. */
interface Step {
  name: string
  act(at: System): Promise<Answer | undefined>
  done(at: System): Promise<boolean>
}

const says = (message: string, done: Step['done']): Step => ({
  name: message,
  act: (at) => at.ask('POST', '/v1/inbound/sms', smsBody(message, { tid: `tid of ${message}` })),
  done,
})
/** At the desk an act is only asked for while it is still to be done. */
const atDesk = (name: string, from: string, body: object, done: Step['done']): Step => ({
  name,
  done,
  async act(at) {
    const task = (await tasks(at))[0]
    return task?.state === from ? at.ask('POST', `/desk/tasks/${task.taskId}/${name}`, body) : undefined
  },
})
const inState = (state: string) => async (at: System) => (await conversation(at))?.state === state
const transcribed = (text: string) => async (at: System) => (await transcript(at)).some(([, said]) => said === text)

const story: Step[] = [
  says('Hi', inState('noConversation.menu')),
  says('1', inState('inQueue.queued')),
  atDesk('route', 'QUEUED', { agentId: '5021' }, transcribed('An agent is about to join the conversation.')),
  says('thanks', transcribed('thanks')),
  atDesk('say', 'ROUTED', { text: 'All done.' }, transcribed('All done.')),
  atDesk('close', 'ROUTED', {}, inState('closed.resting')),
]

/** Plays one step, starting the system again when it dies on the way. Resolves to how often it died. */
async function untilDone(at: System, step: Step): Promise<number> {
  const give_up_ms = clock.now() + step_ms_max
  let deaths = 0
  let acted = false
  while (clock.now() < give_up_ms) {
    if (!at.isRunning()) {
      deaths += 1
      acted = false
      await at.start()
    }
    const done = await step.done(at).catch(() => false)
    if (done) return deaths
    if (!acted) acted = (await step.act(at)) !== undefined
    await clock.sleep(look_again_ms)
  }
  throw new Error(
    `"${step.name}" was not done after ${step_ms_max} ms; the conversation: ${JSON.stringify(await conversation(at))}`,
  )
}

async function conversation(at: System): Promise<Json> {
  const query = new URLSearchParams({ channel: 'sms', asset, customer })
  return (await at.ask('GET', `/v1/conversations?${query}`))?.body.items?.[0]
}
const tasks = async (at: System): Promise<Json[]> => (await at.ask('GET', '/desk/tasks'))?.body.items ?? []
async function transcript(at: System): Promise<[direction: string, text: string][]> {
  const { conversationId = '' } = (await conversation(at)) ?? {}
  const found = conversationId === '' ? undefined : await at.ask('GET', `/desk/conversations/${conversationId}`)
  return (found?.body.transcript ?? []).map(({ direction, text }: Json) => [direction, text])
}

async function expectOneConversation(at: System): Promise<void> {
  const menu =
    "Welcome! How can we help you today? Reply 1 for Billing. Reply 2 for Support. Reply 'End Conversation' to stop."
  const created = 'Your request for a live agent has been received.'
  const routed = 'An agent is about to join the conversation.'
  const closed = 'This conversation is now closed. Write to us any time to start a new one.'
  expect(await transcript(at)).toEqual([
    ['Inbound', 'Hi'],
    ['Outbound', menu],
    ['Inbound', '1'],
    ['Announcement', created],
    ['Announcement', routed],
    ['Inbound', 'thanks'],
    ['Outbound', 'All done.'],
    ['Announcement', closed],
  ])
  const inbox = await at.ask('GET', `/desk/handset/sms/inbox?number=${encodeURIComponent(customer)}`)
  expect(inbox?.body.items.map(({ text }: Json) => text)).toEqual([menu, created, routed, 'All done.', closed])
  expect(await tasks(at)).toMatchObject([{ state: 'CLOSED' }])

  const calls: Record<string, number> = {}
  const ledger: Json[] = (await at.ask('GET', '/desk/ledger'))?.body.items ?? []
  for (const { call, key } of ledger) {
    expect(key).not.toBeNull()
    calls[call] = (calls[call] ?? 0) + 1
  }
  expect(calls).toEqual({
    searchConversation: 1,
    createConversation: 1,
    createTask: 1,
    updateConversation: 1,
    addParticipant: 1,
    closeConversation: 1,
    sendMessage: 4,
    appendConversation: 6,
  })
  expect((await at.ask('GET', '/v1/dead-letters'))?.body).toEqual([])
}
