/**
 * The desk's own doors, for people, tests and scenarios. JSON over HTTP; wrong use answers {error} with 400, 404 or 409.
 *
 * | door | does |
 * |---|---|
 * | GET /desk/tasks | {items: task[]}, oldest first |
 * | GET /desk/tasks/{id} | the task: Get Task's fields, conversationId, ownerId, dispositionCode |
 * | POST /desk/tasks/{id}/route {agentId?} | gives a waiting task to an agent: ROUTED |
 * | POST /desk/tasks/{id}/queue {estimatedWaitTime?, variables?} | QUEUED with exactly that estimate, or none; variables are merged into the context |
 * | POST /desk/tasks/{id}/transfer {scriptSelector?, cause?} | takes it from its agent: TRANSFERRED (default CD_TASK_TRANSFER) |
 * | POST /desk/tasks/{id}/close {dispositionCode?} | CLOSED (default: normal end when with an agent, else abandoned) |
 * | POST /desk/tasks/{id}/say {text} | the agent writes: transcript, and handset, line, chat window or mailbox; {text} as it went out |
 * | GET /desk/conversations/{id} | {conversationId, channel, customer, status, userId, participants, taskId, transcript, …} |
 * | GET /desk/ledger?task=&conversation=&customer= | {items: [{at, call, key, attempts, status, taskId, conversationId, customer}]} |
 * | GET, POST, DELETE /desk/faults | see `faults.ts`; POST {call, times?, then, status?, body?, headers?, onlyFor?} |
 * | GET, PUT /desk/webhooks {hold?, duplicate?} | hold webhooks back; send each of them `duplicate` extra times |
 * | GET /desk/webhooks/held | {items: [{eventId, eventType, taskId}]} in the order they would go out |
 * | POST /desk/webhooks/release {types, task?} | sends the oldest held one of each named type, in the order given; {items} sent |
 * | GET, DELETE /desk/troubles, PUT /desk/troubles/{what} | what goes wrong on the way to the runtime: `troubles.ts` |
 * | GET, PUT /desk/agents/automatic | see `AgentSettings` and `EstimateSettings`; any of their fields |
 * | PUT /desk/queue {limit} | how many tasks may wait before create answers 20286 |
 * | POST /desk/handset/sms/send, GET /desk/handset/sms/inbox | see `handset.ts` |
 * | POST /desk/handset/mail/send, GET /desk/handset/mail/inbox | see `mailbox.ts` |
 * | POST /desk/handset/chat/open, say, form, press, typing, close, GET /desk/handset/chat/inbox | see `chat-window.ts` |
 *
 * The people who work here and their queues have doors of their own: `crew-doors.ts`, `agent-doors.ts`.
 * Settings, faults and holds belong to a run; tasks, conversations, texts and undelivered webhooks survive it.
 */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Delivery, Draft, Task } from './entries.ts'
import { FaultRequest, type Faults } from './faults.ts'
import type { Floor } from './floor.ts'
import type { Journal } from './journal.ts'
import type { Ledger } from './ledger.ts'
import { Refused } from './refused.ts'
import { DeskSettings, type Settings } from './settings.ts'
import { closeTask, queueTask, routeTask, sayAsAgent, transferTask, usualDisposition } from './task-acts.ts'
import { expectState, taskNamed, taskView } from './task-view.ts'
import type { Webhooks } from './webhooks.ts'

export interface ControlMeans {
  journal: Journal
  faults: Faults
  ledger: Ledger
  webhooks: Webhooks
  settings: Settings
  /** See `Saying`. */
  hasLine: (asset: string) => boolean
}

export function openControl(server: FastifyInstance, means: ControlMeans): void {
  openTaskControl(server, means)
  openReadings(server, means)
  openTrouble(server, means)
}

function openTaskControl(server: FastifyInstance, { journal, settings, hasLine }: ControlMeans): void {
  const act = (name: string, decide: (task: Task, body: unknown, at: string, floor: Floor) => Draft) =>
    server.post<{ Params: { id: string } }>(`/desk/tasks/:id/${name}`, (request) =>
      journal.write((floor, at) => {
        const entry = decide(taskNamed(floor, request.params.id), request.body ?? {}, at, floor)
        return { entry, result: viewOf(entry) }
      }),
    )

  act('route', (task, body, at) => {
    expectState(task, 'route', ['CREATED', 'QUEUED'])
    return routeTask(task, RouteTask.parse(body).agentId ?? settings.current().agentId, at)
  })
  act('queue', (task, body, at) => {
    expectState(task, 'queue', ['CREATED', 'QUEUED', 'ROUTED', 'TRANSFERRED'])
    const { estimatedWaitTime, variables } = QueueTask.parse(body)
    return queueTask(task, estimatedWaitTime, variables, at)
  })
  act('transfer', (task, body, at) => {
    expectState(task, 'transfer', ['ROUTED'])
    const { scriptSelector, cause } = TransferTask.parse(body)
    return transferTask(task, scriptSelector ?? task.scriptSelector, cause, at)
  })
  act('close', (task, body, at) => {
    expectState(task, 'close', ['CREATED', 'QUEUED', 'ROUTED', 'TRANSFERRED'])
    return closeTask(task, CloseTask.parse(body).dispositionCode ?? usualDisposition(task), [], at)
  })
  act('say', (task, body, at, floor) => {
    expectState(task, 'say', ['ROUTED'])
    return sayAsAgent(floor, task, { written: Say.parse(body).text, automatic: false, hasLine }, at)
  })
}

function openReadings(server: FastifyInstance, { journal, ledger }: ControlMeans): void {
  server.get('/desk/tasks', async () => ({ items: [...journal.floor.tasks.values()].map(taskView) }))
  server.get<{ Params: { id: string } }>('/desk/tasks/:id', async (request) =>
    taskView(taskNamed(journal.floor, request.params.id)),
  )
  server.get<{ Params: { id: string } }>('/desk/conversations/:id', async (request) => {
    const conversation = journal.floor.conversations.get(request.params.id)
    if (!conversation) throw new Refused(404, 'there is no such conversation')
    return conversation
  })
  server.get('/desk/ledger', async (request) => {
    const { task, conversation, customer } = LedgerQuery.parse(request.query)
    return { items: ledger.rows({ taskId: task, conversationId: conversation, customer }) }
  })
}

function openTrouble(server: FastifyInstance, { faults, webhooks, settings }: ControlMeans): void {
  server.get('/desk/faults', async () => ({ items: faults.list() }))
  server.post('/desk/faults', async (request) => {
    faults.add(FaultRequest.parse(request.body))
    return { items: faults.list() }
  })
  server.delete('/desk/faults', async () => {
    faults.clear()
    return { items: [] }
  })
  server.get('/desk/webhooks', async () => webhooks.settings())
  server.put('/desk/webhooks', async (request) => {
    webhooks.set(WebhookSettings.parse(request.body))
    return webhooks.settings()
  })
  server.get('/desk/webhooks/held', async () => ({ items: webhooks.held().map(webhookView) }))
  server.post('/desk/webhooks/release', async (request) => {
    const { types, task } = Release.parse(request.body)
    return { items: (await webhooks.release(types, task)).map(webhookView) }
  })
  server.get('/desk/agents/automatic', async () => settings.current())
  server.put('/desk/agents/automatic', async (request) => settings.change(DeskSettings.parse(request.body)))
  server.put('/desk/queue', async (request) => settings.change({ waiting_max: QueueLimit.parse(request.body).limit }))
}

function viewOf({ data }: Draft): object {
  if ('task' in data) return taskView(data.task)
  return 'line' in data ? { text: data.line.text } : {}
}

function webhookView({ id, type, taskId }: Delivery) {
  return { eventId: id, eventType: type, taskId }
}

export const RouteTask = z.strictObject({ agentId: z.string().min(1).optional() })
export const QueueTask = z.strictObject({
  estimatedWaitTime: z.union([z.number(), z.string(), z.null()]).optional(),
  variables: z
    .array(z.strictObject({ key: z.string().min(1), type: z.string().default('String'), value: z.string() }))
    .default([]),
})
export const TransferTask = z.strictObject({
  scriptSelector: z.string().min(1).optional(),
  cause: z
    .enum(['CD_TASK_TRANSFER', 'CD_RING_NO_ANSWER', 'CD_TASK_TRANSFERRED_ON_AGENT_LOGOUT'])
    .default('CD_TASK_TRANSFER'),
})
export const CloseTask = z.strictObject({ dispositionCode: z.string().min(1).optional() })
export const Say = z.strictObject({ text: z.string().min(1) })
const LedgerQuery = z.object({
  task: z.string().default(''),
  conversation: z.string().default(''),
  customer: z.string().default(''),
})
export const WebhookSettings = z.strictObject({
  hold: z.boolean().optional(),
  duplicate: z.number().int().min(0).max(10).optional(),
})
export const Release = z.strictObject({
  types: z.array(z.enum(['CREATED', 'QUEUED', 'ROUTED', 'TRANSFERRED', 'CLOSED'])).min(1),
  task: z.string().min(1).optional(),
})
export const QueueLimit = z.strictObject({ limit: z.number().int().min(0) })
