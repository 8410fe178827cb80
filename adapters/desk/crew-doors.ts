/**
 * The admin's doors to the people and the queues of the desk. JSON over HTTP; wrong use answers {error} with 400 or 404.
 *
 * | door | does |
 * |---|---|
 * | GET /desk/agents | {items: agent[]}: what each one said, is doing (`activity`), has in hand and may take |
 * | PUT /desk/agents/{id} {name?, skills?, capacity?} | makes an agent, logged out at first, or changes what is given |
 * | DELETE /desk/agents/{id} | only while logged out |
 * | POST /desk/agents/{id}/token | {token}: the agent's bearer token from now on; shown once, stored as a hash |
 * | GET /desk/queues | {items}: settings, how many wait, agents at work and free, measured handling time, estimate for the next |
 * | PUT /desk/queues/{selector} {skill?, priority?, ringMs?, wrapUpMs?} | how tasks of this selector are handled |
 * | GET /desk/media, PUT /desk/media/{type} {limit?, waitMaxMs?} | limits of a media type; `limit: null` for none of its own |
 * | POST /desk/tasks/{id}/priority {priority} | a waiting task's own place in line, 1 first |
 * | GET /desk/calls, POST /desk/calls/{taskId} {outcome} | the callbacks' calls; the customer answers, is busy, does not answer, or hangs up (`ended`) |
 *
 * All of it is journalled: it survives a restart and holds at every desk on the same journal.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { dialled, prioritiseTask } from './agent-acts.ts'
import { activityOf, lineOf, measuredHandlingMs, queueOf, tasksInHand, usualCapacity, wrappingAt } from './crew.ts'
import type { Agent, Draft, Task } from './entries.ts'
import { measuredEstimate } from './estimates.ts'
import type { Floor } from './floor.ts'
import type { Journal } from './journal.ts'
import { Refused } from './refused.ts'
import { expectState, taskNamed, taskView } from './task-view.ts'
import { mediaLimitsOf } from './time-limits.ts'

type Means = { journal: Journal; now: () => string }

export function openCrewDoors(server: FastifyInstance, means: Means): void {
  openAgents(server, means)
  openQueues(server, means)
  openMedia(server, means)
  openCallsOfAgents(server, means)
}

/** What others see of an agent; nothing of the token. */
export function agentView(floor: Floor, agent: Agent, at: string): object {
  const { tokenHash, wrapping: _wrapping, ...told } = agent
  return {
    ...told,
    activity: activityOf(floor, agent, at),
    tasks: tasksInHand(floor, agent).map(({ taskId }) => taskId),
    wrapping: wrappingAt(agent, at),
    hasToken: tokenHash !== undefined,
  }
}

export const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url')

/** Settles a call; refused when it is over, or not where `from` says. */
export function settleCall(floor: Floor, taskId: string, outcome: z.infer<typeof Outcome>): Draft<'taskDialled'> {
  const task = taskNamed(floor, taskId)
  if (!task.dial) throw new Refused(409, 'no call was placed for this task')
  const wanted = outcome === 'ended' ? 'answered' : 'dialling'
  if (task.dial.state !== wanted) {
    throw new Refused(409, `${outcome} needs a call that is ${wanted}; this one is ${task.dial.state}`)
  }
  return dialled(task, outcome)
}

function openAgents(server: FastifyInstance, { journal, now }: Means): void {
  const change = (id: string, decide: (agent: Agent | undefined, at: string) => Agent) =>
    journal.write((floor, at) => {
      const agent = decide(floor.agents.get(id), at)
      return { entry: { type: 'agentChanged', data: { agent } }, result: agentView(floor, agent, at) }
    })

  server.get('/desk/agents', async () => ({
    items: [...journal.floor.agents.values()].map((agent) => agentView(journal.floor, agent, now())),
  }))
  server.put<{ Params: { id: string } }>('/desk/agents/:id', async ({ params, body }) => {
    const given = AgentFields.parse(body ?? {})
    return change(params.id, (known, at) => {
      const agent = known ?? newAgent(params.id, at)
      const fields = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
      return { ...agent, ...fields, capacity: { ...agent.capacity, ...given.capacity } }
    })
  })
  server.delete<{ Params: { id: string } }>('/desk/agents/:id', ({ params }) =>
    journal.write((floor) => {
      if (agentNamed(floor, params.id).state !== 'loggedOut') throw new Refused(409, 'log this agent out first')
      return { entry: { type: 'agentRemoved', data: { agentId: params.id } }, result: {} }
    }),
  )
  server.post<{ Params: { id: string } }>('/desk/agents/:id/token', async ({ params }) => {
    const token = `agent_${randomBytes(token_bytes).toString('base64url')}`
    await change(params.id, () => ({ ...agentNamed(journal.floor, params.id), tokenHash: hashOf(token) }))
    return { token }
  })
}

function openQueues(server: FastifyInstance, { journal, now }: Means): void {
  server.get('/desk/queues', async () => ({
    items: selectorsOf(journal.floor).map((selector) => queueView(journal.floor, selector, now())),
  }))
  server.put<{ Params: { selector: string } }>('/desk/queues/:selector', ({ params, body }) => {
    const given = QueueFields.parse(body ?? {})
    return journal.write((floor) => {
      const fields = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
      const queue = { ...queueOf(floor, params.selector), ...fields }
      return { entry: { type: 'queueSet', data: { queue } }, result: queue }
    })
  })
  server.post<{ Params: { id: string } }>('/desk/tasks/:id/priority', ({ params, body }) => {
    const { priority } = PriorityBody.parse(body)
    return journal.write((floor) => {
      const task = taskNamed(floor, params.id)
      expectState(task, 'priority', ['CREATED', 'QUEUED'])
      const entry = prioritiseTask(task, priority)
      return { entry, result: taskView(entry.data.task) }
    })
  })
}

function openMedia(server: FastifyInstance, { journal }: Means): void {
  server.get('/desk/media', async () => {
    const names = new Set([...Object.keys(usualCapacity), ...journal.floor.media.keys()])
    return { items: [...names].map((name) => mediaLimitsOf(journal.floor, name)) }
  })
  server.put<{ Params: { type: string } }>('/desk/media/:type', ({ params, body }) => {
    const { limit, waitMaxMs } = MediaFields.parse(body ?? {})
    return journal.write((floor) => {
      const known = mediaLimitsOf(floor, params.type)
      const media = { ...known, ...(limit !== undefined && { limit }), ...(waitMaxMs !== undefined && { waitMaxMs }) }
      return { entry: { type: 'mediaSet', data: { media } }, result: media }
    })
  })
}

function openCallsOfAgents(server: FastifyInstance, { journal }: Means): void {
  server.get('/desk/calls', async () => ({
    items: [...journal.floor.tasks.values()].flatMap(({ taskId, dial }) => (dial ? [{ taskId, ...dial }] : [])),
  }))
  server.post<{ Params: { taskId: string } }>('/desk/calls/:taskId', ({ params, body }) => {
    const { outcome } = CallOutcome.parse(body)
    return journal.write((floor) => {
      const entry = settleCall(floor, params.taskId, outcome)
      return { entry, result: { taskId: params.taskId, ...entry.data.task.dial } }
    })
  })
}

/** Every selector that was set, is waited for or has been measured. */
function selectorsOf({ queues, tasks, waiting, handled }: Floor): string[] {
  const waitedFor = [...waiting].flatMap((id) => tasks.get(id)?.scriptSelector ?? [])
  return [...new Set([...queues.keys(), ...waitedFor, ...handled.keys()])].sort()
}

function queueView(floor: Floor, scriptSelector: string, at: string): object {
  const queue = queueOf(floor, scriptSelector)
  const atWork = [...floor.agents.values()].filter(
    ({ state, skills }) => state === 'ready' && (skills.includes('*') || skills.includes(queue.skill)),
  )
  const handlingMs = measuredHandlingMs(floor, scriptSelector)
  const waiting = lineOf(floor).filter((task) => task.scriptSelector === scriptSelector)
  return {
    ...queue,
    waiting: waiting.length,
    longestWaitSeconds: longestWait(waiting, at),
    agentsAtWork: atWork.length,
    agentsReady: atWork.filter((agent) => activityOf(floor, agent, at) === 'ready').length,
    handlingSeconds: handlingMs === undefined ? null : Math.round(handlingMs / 1_000),
    estimatedWaitTime: measuredEstimate(floor, nextTask(scriptSelector, waiting.at(-1), at), at),
  }
}

/** Who would come next: like the last that waits, behind everyone. */
function nextTask(scriptSelector: string, last: Task | undefined, at: string): Task {
  return { mediaType: last?.mediaType ?? 'Social', taskId: '', scriptSelector, waitingSince: at } as Task
}

function longestWait(waiting: Task[], at: string): number {
  const since = waiting.map(({ waitingSince }) => Date.parse(waitingSince))
  return since.length === 0 ? 0 : Math.round((Date.parse(at) - Math.min(...since)) / 1_000)
}

function newAgent(agentId: string, at: string): Agent {
  if (agentId === 'automatic') throw new Refused(400, 'automatic is the name of the settings beside the agents')
  const idle = { state: 'loggedOut' as const, idleSince: at, wrapping: [] }
  return { agentId, name: agentId, skills: ['*'], capacity: usualCapacity, ...idle }
}

function agentNamed(floor: Floor, agentId: string): Agent {
  const agent = floor.agents.get(agentId)
  if (!agent) throw new Refused(404, 'there is no such agent')
  return agent
}

const Priority = z.number().int().min(1).max(10)
const Outcome = z.enum(['answered', 'busy', 'noAnswer', 'cancelled', 'ended'])
export const AgentFields = z
  .strictObject({
    name: z.string().min(1).max(100),
    skills: z.array(z.string().min(1)),
    capacity: z.record(z.string(), z.number().int().min(0).max(100)),
  })
  .partial()
export const QueueFields = z
  .strictObject({
    skill: z.string().min(1),
    priority: Priority,
    ringMs: z.number().int().min(1_000),
    wrapUpMs: z.number().int().min(0),
  })
  .partial()
export const MediaFields = z
  .strictObject({ limit: z.number().int().min(0).nullable(), waitMaxMs: z.number().int().min(1_000) })
  .partial()
export const PriorityBody = z.strictObject({ priority: Priority })
export const CallOutcome = z.strictObject({ outcome: Outcome.exclude(['cancelled']) })

const token_bytes = 24
