/**
 * An agent's own doors, with the agent's bearer token (`POST /desk/agents/{id}/token`); 401 without one. JSON over HTTP;
 * wrong use answers {error} with 400, 404 (a task of somebody else) or 409.
 *
 * | door | does |
 * |---|---|
 * | GET /desk/agent/me | {…agent, tasks: task[]}: activity, what rings, what is talked in, what is to wrap up |
 * | PUT /desk/agent/state {state: ready, notReady or loggedOut, reason?} | open tasks of who logs out go back to the head of their line |
 * | POST /desk/agent/wrapped {taskId?} | ends the wrap-up of that task, or of all |
 * | GET /desk/agent/tasks/{id} | {task, conversation} of a task in hand |
 * | POST /desk/agent/tasks/{id}/accept | takes what rings |
 * | POST /desk/agent/tasks/{id}/decline | as if it rang out: TRANSFERRED with CD_RING_NO_ANSWER, the agent is not ready |
 * | POST /desk/agent/tasks/{id}/say {text} | writes to the customer |
 * | POST /desk/agent/tasks/{id}/transfer {scriptSelector?, agentId?} | to a queue, or to an agent who is logged in |
 * | POST /desk/agent/tasks/{id}/close {dispositionCode?} | CLOSED, then wrap-up |
 * | POST /desk/agent/tasks/{id}/hang-up | puts down: a call that is not answered yet is cancelled, another ends |
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { acceptTask, agentSays, handOver, ringOut } from './agent-acts.ts'
import { activityOf, isRinging, tasksInHand, wrappingAt } from './crew.ts'
import { agentView, hashOf, settleCall } from './crew-doors.ts'
import type { Agent, Draft, Task } from './entries.ts'
import type { Floor } from './floor.ts'
import type { Journal } from './journal.ts'
import { Refused } from './refused.ts'
import { closeTask, sayAsAgent } from './task-acts.ts'
import { taskOfAgent, taskView } from './task-view.ts'

type Means = { journal: Journal; now: () => string; hasLine: (asset: string) => boolean }

export function openAgentDoors(server: FastifyInstance, means: Means): void {
  openOwnState(server, means)
  openOwnTasks(server, means)
}

function openOwnState(server: FastifyInstance, { journal, now }: Means): void {
  server.get('/desk/agent/me', async (request) => ownView(journal.floor, whoAsks(journal.floor, request), now()))
  server.put('/desk/agent/state', async (request) => {
    whoAsks(journal.floor, request)
    const { state, reason } = StateBody.parse(request.body)
    return journal.write((floor, at) => {
      const agent = whoAsks(floor, request)
      return { entry: agentSays(agent, state, reason, at), result: { state, ...(reason && { reason }) } }
    })
  })
  server.post('/desk/agent/wrapped', async (request) => {
    whoAsks(journal.floor, request)
    const { taskId } = WrappedBody.parse(request.body ?? {})
    return journal.write((floor, at) => {
      const agent = whoAsks(floor, request)
      const wrapping = wrappingAt(agent, at).filter((one) => taskId !== undefined && one.taskId !== taskId)
      return { entry: { type: 'agentChanged', data: { agent: { ...agent, wrapping } } }, result: { wrapping } }
    })
  })
}

function openOwnTasks(server: FastifyInstance, { journal, hasLine }: Means): void {
  server.get<{ Params: { id: string } }>('/desk/agent/tasks/:id', async (request) => {
    const { agentId } = whoAsks(journal.floor, request)
    const task = taskOfAgent(journal.floor, request.params.id, agentId)
    return { task: taskView(task), conversation: journal.floor.conversations.get(task.conversationId) ?? null }
  })
  const act = (name: keyof typeof ownActs) =>
    server.post<{ Params: { id: string } }>(`/desk/agent/tasks/:id/${name}`, async (request) => {
      whoAsks(journal.floor, request)
      return journal.write((floor, at) => {
        const agent = whoAsks(floor, request)
        const task = taskOfAgent(floor, request.params.id, agent.agentId)
        const entry = ownActs[name](floor, task, agent, { body: request.body ?? {}, at, hasLine })
        return { entry, result: 'task' in entry.data ? taskView(entry.data.task) : {} }
      })
    })
  for (const name of Object.keys(ownActs)) act(name as keyof typeof ownActs)
}

const ownActs = {
  accept(_floor, task, _agent, { at }) {
    expectRinging(task, true)
    return acceptTask(task, at)
  },
  decline(_floor, task, agent, { at }) {
    expectRinging(task, true)
    return ringOut(task, agent, at)
  },
  say(floor, task, _agent, { body, at, hasLine }) {
    expectRinging(task, false)
    return sayAsAgent(floor, task, { written: SayBody.parse(body).text, automatic: false, hasLine }, at)
  },
  transfer(floor, task, agent, { body, at }) {
    expectRinging(task, false)
    const { scriptSelector, agentId } = TransferBody.parse(body)
    if (agentId !== undefined) expectReachable(floor, agentId, agent, at)
    return handOver(task, { ...(scriptSelector && { scriptSelector }), ...(agentId && { agentId }) }, at)
  },
  close(_floor, task, _agent, { body, at }) {
    expectRinging(task, false)
    return closeTask(task, CloseBody.parse(body).dispositionCode, [], at)
  },
  'hang-up'(floor, task) {
    return settleCall(floor, task.taskId, task.dial?.state === 'dialling' ? 'cancelled' : 'ended')
  },
} satisfies Record<string, (floor: Floor, task: Task, agent: Agent, asked: AskedAct) => Draft>

type AskedAct = { body: unknown; at: string; hasLine: Means['hasLine'] }

/** Throws `Refused` 401 for a token that is nobody's. */
function whoAsks(floor: Floor, { headers }: FastifyRequest): Agent {
  const token = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1]
  const hash = token === undefined ? undefined : hashOf(token)
  const agent = hash && [...floor.agents.values()].find(({ tokenHash }) => tokenHash === hash)
  if (!agent) throw new Refused(401, 'expected the token of an agent as Authorization: Bearer, found none or another')
  return agent
}

function expectRinging(task: Task, wanted: boolean): void {
  if (task.state !== 'ROUTED') throw new Refused(409, 'this is a call: hang up, or wait how it goes on')
  if (isRinging(task) === wanted) return
  throw new Refused(409, wanted ? 'this task does not ring any more' : 'accept this task first')
}

function expectReachable(floor: Floor, agentId: string, self: Agent, at: string): void {
  const other = floor.agents.get(agentId)
  if (!other || other.agentId === self.agentId) throw new Refused(404, 'there is no other agent of that name')
  if (activityOf(floor, other, at) === 'loggedOut') throw new Refused(409, 'that agent is logged out')
}

function ownView(floor: Floor, agent: Agent, at: string): object {
  return { ...agentView(floor, agent, at), tasks: tasksInHand(floor, agent).map(taskView) }
}

export const StateBody = z.strictObject({
  state: z.enum(['ready', 'notReady', 'loggedOut']),
  reason: z.string().min(1).max(100).optional(),
})
export const WrappedBody = z.strictObject({ taskId: z.string().min(1).optional() })
export const SayBody = z.strictObject({ text: z.string().min(1) })
export const TransferBody = z
  .strictObject({ scriptSelector: z.string().min(1).optional(), agentId: z.string().min(1).optional() })
  .refine(({ scriptSelector, agentId }) => scriptSelector !== undefined || agentId !== undefined, {
    message: 'name a scriptSelector or an agentId',
  })
/** One of the codes of the field (flows.md 2.8), or a desk's own. */
export const CloseBody = z.strictObject({
  dispositionCode: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]{1,63}$/, 'is a word in capitals, such as CD_NORMAL_END_TASK')
    .default('CD_NORMAL_END_TASK'),
})
