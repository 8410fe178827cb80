/**
 * The agent for demos without people: takes a waiting task after a few seconds, answers each message of the customer,
 * and closes the task after a few of them. Pure: it only says what is due; `duties.ts` keeps the time.
 */

import type { DutiesOf, Duty } from './duties.ts'
import type { Task } from './entries.ts'
import { closeTask, routeTask, sayAsAgent } from './task-acts.ts'

export interface AgentSettings {
  automatic: boolean
  /** From the moment a task waits until the agent takes it. */
  answerAfterMs: number
  /** From a customer's message to the agent's answer, and from the last answer to the close. */
  replyAfterMs: number
  closeAfterMessages: number
  agentId: string
}

export const defaultAgents: AgentSettings = {
  automatic: true,
  answerAfterMs: 3_000,
  replyAfterMs: 1_500,
  closeAfterMessages: 3,
  agentId: '5021',
}

/** What is due from the automatic agent for a task, under the settings of the moment. */
export function automaticAgent(settings: () => AgentSettings, hasLine: (asset: string) => boolean): DutiesOf {
  return (floor, task) => {
    const agents = settings()
    // What a person of the crew has in hand is theirs.
    if (!agents.automatic || floor.agents.has(task.ownerId ?? '')) return []
    if (task.state === 'QUEUED')
      return [task.mediaType === 'Web Callback' ? placeCall(task, agents) : take(task, agents)]
    return task.state === 'ROUTED' ? [...answer(task, agents, hasLine), ...close(task, agents)] : []
  }
}

function take(task: Task, { answerAfterMs, agentId }: AgentSettings): Duty {
  return {
    name: 'take',
    dueMs: Date.parse(task.waitingSince) + answerAfterMs,
    decide: (_floor, current, at) => (current.state === 'QUEUED' ? routeTask(current, agentId, at) : undefined),
  }
}

/** A callback ends for the service when the agent's phone dials (flows.md section 5): CLOSED, without ROUTED. */
function placeCall(task: Task, { answerAfterMs }: AgentSettings): Duty {
  return {
    name: 'placeCall',
    dueMs: Date.parse(task.waitingSince) + answerAfterMs,
    decide: (_floor, current, at) =>
      current.state === 'QUEUED' ? closeTask(current, 'CD_NORMAL_END_TASK', [], at) : undefined,
  }
}

function answer(
  task: Task,
  { replyAfterMs, closeAfterMessages }: AgentSettings,
  hasLine: (asset: string) => boolean,
): Duty[] {
  const heardAt = task.heard[task.answered]
  if (heardAt === undefined || task.answered >= closeAfterMessages) return []
  const { answered } = task
  const decide: Duty['decide'] = (floor, current, at) => {
    if (current.state !== 'ROUTED' || current.answered !== answered) return undefined
    const last = answered + 1 >= closeAfterMessages
    const line = last ? goodbye : (lines[answered % lines.length] ?? goodbye)
    return sayAsAgent(floor, current, { written: line, automatic: true, hasLine }, at)
  }
  return [{ name: 'answer', dueMs: Date.parse(heardAt) + replyAfterMs, decide }]
}

function close(task: Task, { replyAfterMs, closeAfterMessages }: AgentSettings): Duty[] {
  if (task.answeredAt === undefined || task.answered < closeAfterMessages) return []
  const decide: Duty['decide'] = (_floor, current, at) =>
    current.state === 'ROUTED' ? closeTask(current, 'CD_NORMAL_END_TASK', [], at) : undefined
  return [{ name: 'close', dueMs: Date.parse(task.answeredAt) + replyAfterMs, decide }]
}

const lines = [
  'Thank you for writing. Let me look into that for you.',
  'I see. One moment, please, while I check.',
  'Thank you for your patience. I have noted that down.',
]
const goodbye = 'All done on my side. Thank you for contacting us, and have a good day.'
