/**
 * What each step does at the doors of the stack, and the row that says so. Speaks to the handset, the contact centre and
 * the trouble makers of the desk; the customer's words go through the SMS door. Nothing here waits for what follows.
 */
import { z } from 'zod'
import type { Row } from './effect-row.ts'
import type { CustomerSays, DeskAct, Step, WebhooksAct } from './scenario.ts'
import { type Stack, StackError } from './stack.ts'

/** One play: its customer writes to its asset, and everything done at the desk is about this customer. */
export interface Play {
  stack: Stack
  /** Id of the SMS asset. */
  asset: string
  customer: string
  /** Messages sent so far: the next one without a name of its own gets the next number. */
  messages: number
}

/** Does what the step says; `expect` and `time` do nothing here. Throws `StackError` when a door refuses it. */
export async function act(play: Play, step: Step): Promise<Row[]> {
  if (step.customer) return [await says(play, step.customer)]
  if (step.together) {
    const rows: Row[] = []
    for (const { customer } of step.together) rows.push(await says(play, customer))
    return rows
  }
  if (step.agent !== undefined) {
    const task = await newestTask(play)
    await play.stack.desk('POST', `/desk/tasks/${task.taskId}/say`, { text: step.agent })
    return [{ who: `agent ${task.ownerId}`, what: step.agent }]
  }
  if (step.desk) return [await atDesk(play, step.desk)]
  if (step.fault) {
    await play.stack.desk('POST', '/desk/faults', { ...step.fault, onlyFor: play.customer })
    return [{ who: 'fault', what: faultText(step.fault) }]
  }
  if (step.webhooks) return [await setWebhooks(play, step.webhooks)]
  return step.time ? [{ who: 'time', what: `${step.time.written} pass` }] : []
}

/** Takes back what a play may have left switched on. */
export async function restore({ stack }: Play): Promise<void> {
  await stack.desk('DELETE', '/desk/faults')
  await stack.desk('PUT', '/desk/queue', { limit: room_usual })
  await stack.desk('PUT', '/desk/webhooks', { hold: false, duplicate: 0 })
  await stack.advance(0)
}

const room_usual = 1_000

/** Message ids are made of the customer's number, which no other play on the stack has: nothing here is random. */
async function says(play: Play, { says: text, id, keyword }: CustomerSays): Promise<Row> {
  const { stack, customer, asset } = play
  const tid = `${customer}.${id ?? ++play.messages}`
  const row = { who: 'customer', what: keyword === undefined ? text : `${keyword} ${text}`.trim() }
  if (keyword === undefined) {
    await stack.desk('POST', '/desk/handset/sms/send', { from: customer, to: asset, text, tid })
    return row
  }
  // The handset has no keywords: they are made by Connect, where one is configured for the number (E4).
  await stack.node('POST', '/v1/inbound/sms', { tid, channel: 'SMS', keyword, message: text, oa: customer, da: asset })
  return row
}

const DeskTask = z.object({
  taskId: z.string(),
  origin: z.string(),
  ownerId: z.string().optional(),
  dispositionCode: z.string().optional(),
})
export type DeskTask = z.output<typeof DeskTask>

/** The tasks of the play's customer, oldest first. */
export async function tasksOf({ stack, customer }: Play): Promise<DeskTask[]> {
  const { items } = z.object({ items: z.array(DeskTask) }).parse(await stack.desk('GET', '/desk/tasks'))
  return items.filter(({ origin }) => origin === customer)
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
  if (release) {
    const { taskId } = await newestTask(play)
    const types = release.map((name) => name.toUpperCase())
    const { items } = await stack.desk<{ items: object[] }>('POST', '/desk/webhooks/release', { types, task: taskId })
    if (items.length < types.length) {
      throw new StackError(`expected to release ${types.join(', ')}, found only ${items.length} of them held`)
    }
    return { who: 'desk', what: `held webhooks go out: ${types.join(', ')}` }
  }
  if (duplicate !== undefined) {
    await stack.desk('PUT', '/desk/webhooks', { duplicate })
    return { who: 'desk', what: `every webhook is sent ${duplicate === 1 ? 'twice' : `${duplicate + 1} times`}` }
  }
  await stack.desk('PUT', '/desk/webhooks', { hold })
  return { who: 'desk', what: hold ? 'webhooks are held back' : 'held webhooks go out, in order' }
}
