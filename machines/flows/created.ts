/**
 * CREATED_Flow: the routing service has accepted the task; the customer is told that the request was received (CR1),
 * not that anybody is in a queue (CR2). Hears task.created; asks for a message. May come before the answer to create
 * task (E36), after QUEUED (E34), or again after a transfer (A17).
 */
import { checkAgain } from '../reconcile.ts'
import { conversation } from '../setup.ts'

/** In any waiting state: told once a task, and the state is left alone. */
export const onTaskCreated = [
  {
    guard: 'mineAndNotTold',
    actions: ['learnTask', { type: 'notify', params: { text: 'CreatedMessage' } }, 'markCreatedTold'],
  },
  { guard: 'mine', actions: 'learnTask' },
] as const

/** The task exists; nobody has put it into a queue yet. */
export const created = conversation.createStateConfig({ id: 'created', after: checkAgain('#created') })
