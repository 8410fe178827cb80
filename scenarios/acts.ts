/**
 * What each step does at the doors of the stack, and the row that says so. Speaks to the contact centre and the trouble
 * makers of the desk; what the customer does is in `customer-acts.ts`. Nothing here waits for what follows.
 */
import { z } from 'zod'
import type { Address, Channel } from '../machines/events.ts'
import { actAsCustomer, threadOf } from './customer-acts.ts'
import type { DeskAct, WebhooksAct } from './desk-steps.ts'
import type { Row } from './effect-row.ts'
import { addressOf, customer_name } from './mail-addresses.ts'
import { placeOf, type Scenario, type Step } from './scenario.ts'
import { type Stack, StackError } from './stack.ts'

/** One play: its customer writes to its asset, and everything done at the desk is about this customer. */
export interface Play {
  stack: Stack
  channel: Channel
  /** Id of the asset, without its channel. */
  asset: string
  /** Phone number, chat user or mail address. */
  customer: string
  /** Where somebody has written, or may have: a conversation each. Email has one for each writer and topic. */
  places: Address[]
  /** Email: how its mails come in. */
  via: 'connect' | 'smtp'
  /** Four digits that no other play on the stack has: part of all its addresses. */
  line: string
  /** Live chat: the phone number of the form, under which the contact centre knows a callback; empty without. */
  phone: string
  /** Live chat: the thread of the window the customer writes in, and how many windows there were. */
  thread: string
  windows: number
  /** Messages sent so far: the next one without a name of its own gets the next number. */
  messages: number
}

/** A play that is about to begin. */
export function playOf(stack: Stack, { asset: written, file, via = 'connect' }: Scenario): Play {
  const { channel, id: asset } = placeOf(written)
  const number = stack.customerFor(file)
  const line = number.slice(-4)
  const customer = {
    sms: number,
    'live-chat': `visitor-${number.replace('+', '')}`,
    email: addressOf(customer_name, line),
  }[channel]
  const places = channel === 'email' ? [] : [{ channel, asset, customer }]
  return {
    stack,
    channel,
    asset,
    customer,
    places,
    via,
    line,
    phone: '',
    thread: threadOf(customer, 1),
    windows: 1,
    messages: 0,
  }
}

/** Everybody who has written so far, the customer first, as the contact centre knows them. */
export const writersOf = ({ customer, places }: Play): string[] => [
  ...new Set([customer, ...places.map((place) => place.customer)]),
]

/** Does what the step says; `expect` and `time` do nothing here. Throws `StackError` when a door refuses it. */
export async function act(play: Play, step: Step): Promise<Row[]> {
  const asCustomer = await actAsCustomer(play, step)
  if (asCustomer) return asCustomer
  if (step.agent !== undefined) {
    const task = await newestTask(play)
    const path = `/desk/tasks/${task.taskId}/say`
    const said = (await play.stack.desk('POST', path, { text: step.agent })) as { text: string }
    const row = { who: `agent ${task.ownerId}`, what: step.agent }
    return said.text === step.agent ? [row] : [row, { who: 'to customer', what: said.text }]
  }
  if (step.desk) return [await atDesk(play, step.desk)]
  if (step.fault) {
    const onlyFor = [...writersOf(play), play.phone].filter(Boolean)
    await play.stack.desk('POST', '/desk/faults', { ...step.fault, onlyFor })
    return [{ who: 'fault', what: faultText(step.fault) }]
  }
  if (step.webhooks) return [await setWebhooks(play, step.webhooks)]
  return step.time ? [{ who: 'time', what: `${step.time.written} pass` }] : []
}

/** Takes back what a play may have left switched on, and the tasks it left open: the next play finds an empty queue. */
export async function restore(play: Play): Promise<void> {
  const { stack } = play
  await stack.desk('DELETE', '/desk/faults')
  await stack.desk('PUT', '/desk/queue', { limit: room_usual })
  await stack.desk('PUT', '/desk/webhooks', { hold: false, duplicate: 0 })
  for (const { taskId, state } of await tasksOf(play)) {
    if (state !== 'CLOSED') await stack.desk('POST', `/desk/tasks/${taskId}/close`, {})
  }
  await stack.advance(0)
}

const room_usual = 1_000

const DeskTask = z.object({
  taskId: z.string(),
  origin: z.string(),
  state: z.string(),
  variables: z.array(z.object({ key: z.string(), value: z.string() })),
  ownerId: z.string().optional(),
  dispositionCode: z.string().optional(),
})
export type DeskTask = z.output<typeof DeskTask>

/** The tasks of those who write in the play, oldest first; a callback is known by the chat user it began with. */
export async function tasksOf(play: Play): Promise<DeskTask[]> {
  const { items } = z.object({ items: z.array(DeskTask) }).parse(await play.stack.desk('GET', '/desk/tasks'))
  const writers = writersOf(play)
  const isTheirs = ({ key, value }: { key: string; value: string }) =>
    key === 'LiveChatUserID' && value === play.customer
  return items.filter(({ origin, variables }) => writers.includes(origin) || variables.some(isTheirs))
}

async function newestTask(play: Play): Promise<DeskTask> {
  const task = (await tasksOf(play)).at(-1)
  if (!task) throw new StackError('the contact centre has no task of this customer yet')
  return task
}

const causes = {
  transfer: { cause: 'CD_TASK_TRANSFER', row: 'hands the task over' },
  'no answer': { cause: 'CD_RING_NO_ANSWER', row: 'does not answer' },
  logout: { cause: 'CD_TASK_TRANSFERRED_ON_AGENT_LOGOUT', row: 'logs out' },
} as const

async function atDesk(play: Play, { queued, variables, routed, transferred, closed, room }: DeskAct): Promise<Row> {
  if (room !== undefined) {
    await play.stack.desk('PUT', '/desk/queue', { limit: room })
    return { who: 'desk', what: room === 0 ? 'the queue is full' : `the queue has room for ${room}` }
  }
  const task = await newestTask(play)
  const post = (name: string, body: object) => play.stack.desk('POST', `/desk/tasks/${task.taskId}/${name}`, body)
  if (routed !== undefined) {
    await post('route', { agentId: routed })
    return { who: 'desk', what: `gives the task to agent ${routed}` }
  }
  if (transferred) {
    const { to, because = 'transfer' } = transferred
    const { cause, row } = causes[because]
    await post('transfer', { cause, ...(to === undefined ? {} : { scriptSelector: to }) })
    return { who: `agent ${task.ownerId}`, what: to === undefined ? row : `${row}; the task goes to ${to}` }
  }
  if (closed !== undefined) {
    await post('close', closed === null ? {} : { dispositionCode: closed })
    return { who: 'desk', what: closed === null ? 'the task is closed' : `the task is closed, ${closed}` }
  }
  const learned = Object.entries(variables ?? {}).map(([key, value]) => ({ key, value }))
  await post('queue', { ...(queued === null ? {} : { estimatedWaitTime: queued }), variables: learned })
  const estimate = queued === null ? 'no estimate' : `estimate ${JSON.stringify(queued)}`
  const context = learned.map(({ key, value }) => `, ${key} becomes ${value}`).join('')
  return { who: 'desk', what: `the task is queued, ${estimate}${context}` }
}

function faultText({ call, times, then, status, body }: NonNullable<Step['fault']>): string {
  const which = times === 1 ? `the next ${call}` : `the next ${times} ${call}`
  if (then === 'lose') return `${which}: done, but the answer is lost`
  if (then === 'hang') return `${which}: no answer comes`
  const { outcome } = z.object({ outcome: z.string() }).catch({ outcome: '' }).parse(body)
  return `${which}: answered ${[status, outcome].filter(Boolean).join(' ')}`
}

async function setWebhooks(play: Play, { hold, release, duplicate }: WebhooksAct): Promise<Row> {
  const { stack } = play
  if (release) return letGo(play, release)
  if (duplicate !== undefined) {
    await stack.desk('PUT', '/desk/webhooks', { duplicate })
    return { who: 'desk', what: `every webhook is sent ${duplicate === 1 ? 'twice' : `${duplicate + 1} times`}` }
  }
  await stack.desk('PUT', '/desk/webhooks', { hold })
  return { who: 'desk', what: hold ? 'webhooks are held back' : 'held webhooks go out, in order' }
}

/** Those of the customer's tasks, the older task's first where two hold one of that name. */
async function letGo(play: Play, release: NonNullable<WebhooksAct['release']>): Promise<Row> {
  const { stack } = play
  const tasks = (await tasksOf(play)).map(({ taskId }) => taskId)
  const types = release.map((name) => name.toUpperCase())
  for (const type of types) {
    const { items } = await stack.desk<{ items: { eventType: string; taskId: string }[] }>('GET', '/desk/webhooks/held')
    const held = items.find(({ eventType, taskId }) => eventType === type && tasks.includes(taskId))
    if (!held) throw new StackError(`expected to release ${types.join(', ')}, found no ${type} held`)
    await stack.desk('POST', '/desk/webhooks/release', { types: [type], task: held.taskId })
  }
  return { who: 'desk', what: `held webhooks go out: ${types.join(', ')}` }
}
