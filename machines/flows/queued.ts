/**
 * QUEUED_Flow: the task waits in the contact centre; a usable estimate is relayed to the customer as the policy says
 * (QU1-QU5), updated variables are kept (QU6). The first QUEUED has no estimate and is silent (QU2).
 * Hears task.queued; asks for a message. An update leaves the state and its timers alone.
 */
import { checkAgain } from '../reconcile.ts'
import { conversation } from '../setup.ts'

/** Once the task waits: relay, remember, stay. */
export const onTaskQueued = [
  { guard: 'estimateToTell', actions: ['learnTask', 'notifyWait', 'rememberEstimate'] },
  { guard: 'mine', actions: ['learnTask', 'hearEstimate'] },
] as const

/** The same, and the task has now reached the queue. */
export const onFirstQueued = [
  { guard: 'estimateToTell', target: '#queued', actions: ['learnTask', 'notifyWait', 'rememberEstimate'] },
  { guard: 'mine', target: '#queued', actions: 'learnTask' },
] as const

export const queued = conversation.createStateConfig({ id: 'queued', after: checkAgain('#queued') })
