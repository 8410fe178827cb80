/**
 * What happens between an agent and a task, each as a draft for the journal with the webhooks that follow. Pure; called by
 * the agents' doors, the dispatch and the time limits. Nothing here checks who asks.
 * A callback is over for the router when the agent's phone dials (flows.md section 5): CLOSED without ROUTED; how the call
 * goes stays at the desk.
 */
import type { Agent, DialState, Draft, Task } from './entries.ts'
import { closeTask, routeTask, transferTask } from './task-acts.ts'

/** The task rings at the agent: ROUTED for everyone outside. */
export function offerTask(task: Task, agent: Agent, at: string): Draft {
  const routed = routeTask(task, agent.agentId, at)
  return withTask(routed, { offeredAt: at }, { ...agent, idleSince: at })
}

/** The agent's phone dials the customer. */
export function placeCall(task: Task, agent: Agent, at: string): Draft {
  const closed = closeTask(task, 'CD_NORMAL_END_TASK', [], at)
  const dial = { agentId: agent.agentId, number: task.origin, at, state: 'dialling' } as const
  return withTask(closed, { dial }, { ...agent, idleSince: at })
}

/** How the call goes on. Nobody outside is told. */
export function dialled(task: Task, state: DialState): Draft<'taskDialled'> {
  const dial = task.dial && { ...task.dial, state }
  return { type: 'taskDialled', data: { task: { ...task, ...(dial && { dial }) } } }
}

export function acceptTask(task: Task, at: string): Draft<'taskChanged'> {
  return { type: 'taskChanged', data: { task: { ...task, acceptedAt: at } } }
}

export function prioritiseTask(task: Task, priority: number): Draft<'taskChanged'> {
  return { type: 'taskChanged', data: { task: { ...task, priority } } }
}

/** RONA: the task is taken back, and its agent is not ready until they say so. An agent who left is nobody to change. */
export function ringOut(task: Task, agent: Agent | undefined, at: string): Draft {
  const taken = transferTask(task, task.scriptSelector, 'CD_RING_NO_ANSWER', at)
  return agent ? { ...taken, agent: { ...agent, state: 'notReady', reason: 'RONA' } } : taken
}

/** To a queue, or to one agent of the same queue (flows.md 2.6: the webhook names the new selector). */
export function handOver(task: Task, to: { scriptSelector?: string; agentId?: string }, at: string): Draft {
  const moved = transferTask(task, to.scriptSelector ?? task.scriptSelector, 'CD_TASK_TRANSFER', at)
  return to.agentId === undefined ? moved : withTask(moved, { targetAgentId: to.agentId })
}

export function agentSays(agent: Agent, state: Agent['state'], reason: string | undefined, at: string): Draft {
  const { reason: _old, ...kept } = agent
  const changed: Agent = {
    ...kept,
    state,
    ...(reason === undefined ? {} : { reason }),
    ...(state === 'ready' && agent.state !== 'ready' ? { idleSince: at } : {}),
    ...(state === 'loggedOut' ? { wrapping: [] } : {}),
  }
  return { type: 'agentChanged', data: { agent: changed } }
}

/** The webhooks of these acts tell nothing of what is added here. */
function withTask(draft: Draft, more: Partial<Task>, agent?: Agent): Draft {
  if (!('task' in draft.data)) return draft
  const data = { task: { ...draft.data.task, ...more } }
  return { ...draft, data, ...(agent && { agent }) } as Draft
}
