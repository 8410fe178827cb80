/**
 * Digital Routing as the runtime sees it: create task, get task, task action (flows.md 2.2-2.6, samples/dr-api).
 * Speaks to `calls.ts`. Invariants: a taskId names one task until 15 minutes after it closed; create never makes two.
 */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Call, Calls, Decision } from './calls.ts'
import { contextProblem, mediaResourceOf } from './context-limits.ts'
import type { About, Task, TaskFields } from './entries.ts'
import type { Floor } from './floor.ts'
import { closeTask, createTask, reinjectTask, transferTask, usualDisposition } from './task-acts.ts'
import { isMediaFull } from './time-limits.ts'

export function openRoutingDoors(server: FastifyInstance, calls: Calls, waiting_max: () => number): void {
  server.post('/drapi/v1/tasks', (request, reply) => calls.take(request, reply, creating(request.body, waiting_max())))
  server.get<{ Params: { id: string } }>('/drapi/v1/tasks/:id', (request, reply) =>
    calls.take(request, reply, getting(request.params.id)),
  )
  server.post<{ Params: { id: string } }>('/drapi/v1/tasks/:id/taskAction', (request, reply) =>
    calls.take(request, reply, acting(request.params.id, request.body)),
  )
}

/** The task as Get Task Details and the control doors show it (samples/dr-api/get-task-response.json). */
export function taskDetails(task: Task): object {
  const {
    conversationId: _c,
    waitingSince: _w,
    heard: _h,
    answered: _a,
    answeredAt: _t,
    estimatedAt: _e,
    offeredAt: _o,
    acceptedAt: _ac,
    atHead: _head,
    priority: _p,
    targetAgentId: _to,
    dial: _d,
    ...told
  } = task
  return told
}

function creating(body: unknown, waiting_max: number): Call {
  const parsed = CreateTask.safeParse(body)
  const fields = parsed.success ? parsed.data : undefined
  return {
    name: 'createTask',
    about: () => ({
      taskId: fields?.taskId ?? '',
      conversationId: mediaResourceOf(fields?.variables ?? []),
      customer: fields?.origin ?? '',
    }),
    decide(floor, at) {
      if (!fields)
        return refused(parsed.error?.issues.map((issue) => issue.path.join('.')).join(', ') ?? '', 'is wrong')
      const problem = contextProblem(fields.variables)
      return problem ? refused(problem) : createOrReinject(floor, fields, waiting_max, at)
    },
  }
}

function createOrReinject(floor: Floor, fields: TaskFields, waiting_max: number, at: string): Decision {
  const { taskId } = fields
  const existing = remembered(floor, taskId, at)
  if (existing?.state === 'TRANSFERRED') {
    return { answer: { status: 200, body: { taskId } }, draft: reinjectTask(existing, fields, at) }
  }
  if (existing) return { answer: { status: 200, body: { errorCode: 20200, errorMessage: 'Task already exists' } } }
  if (floor.waiting.size >= waiting_max || isMediaFull(floor, fields.mediaType)) {
    return { answer: { status: 503, body: { errorCode: 20286, errorMessage: 'MEDIA_TYPE_QUEUE_LIMIT_EXCEEDED' } } }
  }
  return {
    answer: { status: 201, body: { taskId }, location: `/drapi/v1/tasks/${encodeURIComponent(taskId)}` },
    draft: createTask(fields, at),
  }
}

function getting(taskId: string): Call {
  return {
    name: 'getTask',
    about: (floor) => aboutTask(floor, taskId),
    decide(floor, at) {
      const task = remembered(floor, taskId, at)
      return { answer: task ? { status: 200, body: taskDetails(task) } : notFound }
    },
  }
}

function acting(taskId: string, body: unknown): Call {
  const parsed = TaskAction.safeParse(body)
  return {
    name: 'endTask',
    about: (floor) => aboutTask(floor, taskId),
    decide(floor, at) {
      if (!parsed.success) return refused('operation', 'must be Close or routed-transfer')
      const task = remembered(floor, taskId, at)
      if (!task) return { answer: notFound }
      const action = parsed.data
      if (action.operation === 'routed-transfer') {
        if (task.state !== 'ROUTED') return refused('task', 'is not with an agent')
        return { answer: done, draft: transferTask(task, action.scriptSelector, action.dispositionCode, at) }
      }
      // Finesse closes what is already closed, and that is tolerated (flows.md 2.4).
      if (task.state === 'CLOSED') return { answer: done }
      const code = action.dispositionCode ?? usualDisposition(task)
      return { answer: done, draft: closeTask(task, code, action.variables, at) }
    },
  }
}

/** A task that the service still knows: closed ones are remembered for 15 minutes (flows.md 2.6). */
function remembered(floor: Floor, taskId: string, at: string): Task | undefined {
  const task = floor.tasks.get(taskId)
  const gone = task?.state === 'CLOSED' && Date.parse(at) - Date.parse(task.lastUpdatedTime) >= closed_remembered_ms
  return gone ? undefined : task
}

function aboutTask(floor: Floor, taskId: string): About {
  const task = floor.tasks.get(taskId)
  return { taskId, conversationId: task?.conversationId ?? '', customer: task?.origin ?? '' }
}

function refused(...words: string[]): Decision {
  return { answer: { status: 400, body: { errorCode: 400, errorMessage: words.join(' ') } } }
}

const notFound = { status: 404, body: { errorMessage: 'Task not found' } }
const done = { status: 200, body: {} }
const closed_remembered_ms = 15 * 60_000

const Variable = z.object({ key: z.string().min(1), type: z.string().default('String'), value: z.string() })

const CreateTask = z.object({
  taskId: z.string().min(1).max(100),
  customerId: z.string().default(''),
  origin: z.string().min(1),
  destination: z.string().min(1),
  mediaType: z.string().min(1),
  mediaChannel: z.string().min(1),
  direction: z.string().default('inbound'),
  scriptSelector: z.string().min(1),
  preferredOwner: z.string().default(''),
  variables: z.array(Variable),
})

const TaskAction = z.discriminatedUnion('operation', [
  z.object({
    operation: z.literal('Close'),
    dispositionCode: z.string().min(1).optional(),
    variables: z.array(Variable).default([]),
  }),
  z.object({
    operation: z.literal('routed-transfer'),
    scriptSelector: z.string().min(1),
    dispositionCode: z.string().min(1).default('CD_TASK_TRANSFER'),
  }),
])
