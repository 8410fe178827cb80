/**
 * The people of the desk and the line in front of them: who serves what, who is free, whose turn it is, how long tasks
 * keep an agent. Pure on the floor; `dispatch.ts`, `estimates.ts` and the doors ask it.
 * Invariant: what an agent is doing is worked out from their tasks and never stored beside them.
 */
import type { Agent, Queue, Task } from './entries.ts'
import type { Floor } from './floor.ts'

export type Activity = 'loggedOut' | 'notReady' | 'ready' | 'reserved' | 'talking' | 'wrapUp'

/** How many tasks of a media type an agent has at once where nobody has said: a phone is held alone. */
export const usualCapacity: Record<string, number> = { Chat: 3, Social: 3, Email: 5, 'Web Callback': 1 }

/** How tasks of this selector are handled: as was set, else by agents who have the selector's own name as a skill. */
export function queueOf({ queues }: Floor, scriptSelector: string): Queue {
  return queues.get(scriptSelector) ?? { scriptSelector, skill: scriptSelector, ...usualQueue }
}

/** What an agent is doing: an offer that rings comes first, then talking, then wrap-up, then what they said themselves. */
export function activityOf(floor: Floor, agent: Agent, at: string): Activity {
  if (agent.state === 'loggedOut') return 'loggedOut'
  const tasks = tasksInHand(floor, agent)
  if (tasks.some(isRinging)) return 'reserved'
  if (tasks.length > 0) return 'talking'
  return wrappingAt(agent, at).length > 0 ? 'wrapUp' : agent.state
}

/** What rings at an agent or is talked in, calls included; oldest first. */
export function tasksInHand({ inHand, tasks }: Floor, { agentId }: Agent): Task[] {
  return [...(inHand.get(agentId) ?? [])].flatMap((id) => tasks.get(id) ?? [])
}

/** The agent who has a task in hand, one whom the desk does not know included. */
export function handOf({ state, ownerId, dial }: Task): string | undefined {
  if (state === 'ROUTED') return ownerId
  return dial && (dial.state === 'dialling' || dial.state === 'answered') ? dial.agentId : undefined
}

export const isRinging = ({ state, offeredAt, acceptedAt }: Task): boolean =>
  state === 'ROUTED' && offeredAt !== undefined && acceptedAt === undefined

/** What an agent has still to wrap up. */
export const wrappingAt = ({ wrapping }: Agent, at: string): Agent['wrapping'] =>
  wrapping.filter(({ until }) => until > at)

/** Tasks that wait for an agent, in the order in which they get one: by priority, requeued ones at the head, then by age. */
export function lineOf(floor: Floor): Task[] {
  const priorityOf = (task: Task) => task.priority ?? queueOf(floor, task.scriptSelector).priority
  return [...floor.waiting]
    .flatMap((id) => floor.tasks.get(id) ?? [])
    .sort(
      (a, b) =>
        priorityOf(a) - priorityOf(b) ||
        Number(b.atHead ?? false) - Number(a.atHead ?? false) ||
        Date.parse(a.waitingSince) - Date.parse(b.waitingSince),
    )
}

/** The next task that an agent is free for, and who it is: the one it was meant for, else the one idle the longest. */
export function nextOffer(floor: Floor, at: string): { task: Task; agent: Agent } | undefined {
  if (floor.agents.size === 0) return undefined
  for (const task of lineOf(floor)) {
    const free = [...floor.agents.values()]
      .filter(
        (agent) => agent.state === 'ready' && serves(floor, agent, task) && freePlaces(floor, agent, task, at) > 0,
      )
      .sort((a, b) => Date.parse(a.idleSince) - Date.parse(b.idleSince))
    const agent = free.find(({ agentId }) => agentId === task.preferredOwner) ?? free[0]
    if (agent) return { task, agent }
  }
  return undefined
}

/** True when this agent may be offered the task at all, busy or not. A transfer to an agent reaches that agent only. */
export function serves(floor: Floor, agent: Agent, task: Task): boolean {
  const target = floor.agents.get(task.targetAgentId ?? '')
  if (target && target.state !== 'loggedOut') return target.agentId === agent.agentId
  return isSkilled(floor, agent, task) && placesOf(agent, task) > 0
}

/** Places for tasks like this one among the agents at work: those ready, or busy and not on a break. */
export function placesFor(floor: Floor, task: Task): number {
  const atWork = [...floor.agents.values()].filter(({ state }) => state === 'ready')
  return atWork.filter((agent) => serves(floor, agent, task)).reduce((sum, agent) => sum + placesOf(agent, task), 0)
}

/** Those of `placesFor` that nobody occupies. */
export function freePlacesFor(floor: Floor, task: Task, at: string): number {
  const atWork = [...floor.agents.values()].filter(({ state }) => state === 'ready')
  return atWork
    .filter((agent) => serves(floor, agent, task))
    .reduce((sum, agent) => sum + Math.max(0, freePlaces(floor, agent, task, at)), 0)
}

/** Waiting tasks that get an agent earlier and that one of this task's agents could be given. */
export function aheadOf(floor: Floor, task: Task): number {
  const agents = [...floor.agents.values()].filter((agent) => agent.state === 'ready' && serves(floor, agent, task))
  const line = lineOf(floor)
  const place = line.findIndex(({ taskId }) => taskId === task.taskId)
  const before = place === -1 ? line : line.slice(0, place)
  return before.filter((other) => agents.some((agent) => serves(floor, agent, other))).length
}

/** The mean of what the last tasks of a selector kept an agent, wrap-up included; undefined below `measured_min` of them. */
export function measuredHandlingMs({ handled }: Floor, scriptSelector: string): number | undefined {
  const all = handled.get(scriptSelector) ?? []
  return all.length < measured_min ? undefined : all.reduce((sum, { ms }) => sum + ms, 0) / all.length
}

/** Folds a task's change into what its agent has in hand, has to wrap up, and was kept by. Called before it is put. */
export function noteHandled(floor: Floor, before: Task | undefined, after: Task, at: string): void {
  const left = before && handOf(before)
  const taken = handOf(after)
  if (left !== undefined && left !== taken) {
    floor.inHand.get(left)?.delete(after.taskId)
    if (floor.inHand.get(left)?.size === 0) floor.inHand.delete(left)
    if (before && !isRinging(before)) noteEnded(floor, before, left, at)
  }
  if (taken === undefined) return
  const inHand = floor.inHand.get(taken)
  if (inHand) inHand.add(after.taskId)
  else floor.inHand.set(taken, new Set([after.taskId]))
}

/** An agent who wraps up earlier than they might has been kept for less. Called before the agent is put. */
export function endWrapUp(floor: Floor, after: Agent, at: string): void {
  const still = new Set(after.wrapping.map(({ taskId }) => taskId))
  for (const { taskId, until } of wrappingAt(floor.agents.get(after.agentId) ?? after, at)) {
    if (still.has(taskId)) continue
    const kept = floor.handled.get(floor.tasks.get(taskId)?.scriptSelector ?? '')?.find((one) => one.taskId === taskId)
    if (kept) kept.ms -= Date.parse(until) - Date.parse(at)
  }
}

function noteEnded(floor: Floor, task: Task, agentId: string, at: string): void {
  const { taskId, mediaType, scriptSelector } = task
  const began = task.dial?.at ?? task.acceptedAt ?? task.history.at(-1)?.time ?? at
  const agent = floor.agents.get(agentId)
  const isWrapping = agent !== undefined && agent.state !== 'loggedOut'
  const wrapUpMs = isWrapping ? queueOf(floor, scriptSelector).wrapUpMs : 0
  const handled = [...(floor.handled.get(scriptSelector) ?? []), { taskId, ms: msBetween(began, at) + wrapUpMs }]
  floor.handled.set(scriptSelector, handled.slice(-measured_max))
  if (!isWrapping || wrapUpMs === 0) return
  const until = new Date(Date.parse(at) + wrapUpMs).toISOString()
  // A task that came back is wrapped up once.
  const others = wrappingAt(agent, at).filter((one) => one.taskId !== taskId)
  floor.agents.set(agentId, { ...agent, wrapping: [...others, { taskId, mediaType, until }] })
}

function freePlaces(floor: Floor, agent: Agent, task: Task, at: string): number {
  const { mediaType } = task
  const held = [...tasksInHand(floor, agent), ...wrappingAt(agent, at)].filter((one) => one.mediaType === mediaType)
  return placesOf(agent, task) - held.length
}

function isSkilled(floor: Floor, { skills }: Agent, { scriptSelector }: Task): boolean {
  return skills.includes('*') || skills.includes(queueOf(floor, scriptSelector).skill)
}

const placesOf = ({ capacity }: Agent, { mediaType }: Task): number =>
  capacity[mediaType] ?? usualCapacity[mediaType] ?? 1

const msBetween = (from: string, to: string): number => Math.max(0, Date.parse(to) - Date.parse(from))

const usualQueue = { priority: 5, ringMs: 15_000, wrapUpMs: 30_000 }
/** Fewer would make an estimate of one lucky call; more would be slow to notice a hard day. */
const measured_min = 3
const measured_max = 50
