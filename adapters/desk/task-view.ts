/** A task as the desk's own doors show and check it. Pure. */
import { handOf } from './crew.ts'
import type { Task } from './entries.ts'
import type { Floor } from './floor.ts'
import { Refused } from './refused.ts'
import { taskDetails } from './routing-doors.ts'

/** Get Task's fields, and what only the desk knows: the conversation, the offer, the call. */
export function taskView(task: Task): object {
  const { conversationId, offeredAt, acceptedAt, priority, targetAgentId, dial } = task
  return { ...taskDetails(task), conversationId, offeredAt, acceptedAt, priority, targetAgentId, dial }
}

/** Throws `Refused` 404 for a task that the desk does not know. */
export function taskNamed(floor: Floor, taskId: string): Task {
  const task = floor.tasks.get(taskId)
  if (!task) throw new Refused(404, 'there is no such task')
  return task
}

/** Throws `Refused` 409 for a task in another state. */
export function expectState(task: Task, act: string, states: Task['state'][]): void {
  if (states.includes(task.state)) return
  throw new Refused(409, `${act} needs a task in state ${states.join(' or ')}; this one is ${task.state}`)
}

/** A task that this agent has in hand; others are none of theirs. */
export function taskOfAgent(floor: Floor, taskId: string, agentId: string): Task {
  const task = floor.tasks.get(taskId)
  if (!task || handOf(task) !== agentId) throw new Refused(404, 'you have no such task in hand')
  return task
}
