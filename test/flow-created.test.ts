/**
 * CREATED_Flow: the request was received (flows.md section 9, CR1 and CR2).
 */
import { at, toCreated, toRecreating, toTalking } from './drive.ts'
import { createdNotice, stories, transferredNotice, waitNotice } from './story.ts'

stories('CREATED', [
  {
    title: 'CR1: the customer is told, and the transcript records it as an announcement',
    given: toCreated,
    steps: [{ task: 'created' }],
    ends: 'inQueue.created',
    sent: createdNotice,
  },
  {
    title: 'CR2: the answer to create task alone tells nothing',
    given: toCreated,
    steps: [{ later: 600 }, { receipt: 'Delivered' }],
    ends: 'inQueue.created',
    sent: [],
  },
  {
    title: 'E39: delivered twice it is told once',
    given: toCreated,
    steps: [{ task: 'created' }, { task: 'created' }],
    ends: 'inQueue.created',
    sent: createdNotice,
  },
  {
    title: 'E34: after QUEUED it is still told, and the task stays queued',
    given: toCreated,
    steps: [{ task: 'queued', estimatedWaitSeconds: 120 }, { task: 'created' }],
    ends: 'inQueue.queued',
    sent: [...waitNotice(2), ...createdNotice],
  },
  {
    title: 'E35: after ROUTED nobody is told any more that the request was received',
    given: toCreated,
    steps: [{ task: 'routed' }, { task: 'created' }],
    ends: 'active.addingAgent.asking',
    sent: ['addParticipant 5021'],
  },
  {
    title: 'E38, E39: while talking it changes nothing',
    given: toTalking,
    steps: [{ task: 'created' }],
    ends: 'active.talking',
    sent: [],
  },
  {
    title: "E75: another conversation's task tells nothing",
    given: toCreated,
    steps: [{ task: 'created', taskId: 'another' }],
    ends: 'inQueue.created',
    sent: [],
  },
])

stories('CREATED after a transfer (A17)', [
  {
    title: 'A17 representative: it is told again',
    given: [...toRecreating, { answers: 'recreateTask' }],
    steps: [{ task: 'created' }],
    ends: 'inQueue.created',
    sent: createdNotice,
  },
  {
    title: 'A17 representative, E36: also when it comes before the answer to the re-creation, and then only once',
    given: toRecreating,
    steps: [{ task: 'created' }, { late: 'recreateTask' }, { task: 'created' }],
    ends: 'inQueue.created',
    sent: [...transferredNotice, ...createdNotice],
  },
  {
    title: 'A17 hardened: the customer just heard of the transfer, so it is held back',
    policy: { createdAfterTransfer: 'suppress' },
    given: [...toRecreating, { answers: 'recreateTask' }],
    steps: [{ task: 'created' }],
    ends: 'inQueue.created',
    sent: [],
  },
  {
    title: 'A17 hardened, E36: held back also when it comes before the answer to the re-creation',
    policy: { createdAfterTransfer: 'suppress' },
    given: toRecreating,
    steps: [{ task: 'created' }],
    ends: 'inQueue.created',
    sent: transferredNotice,
  },
  {
    title: 'E36, T10: one of before the transfer does not prove that the task is back in',
    given: toRecreating,
    steps: [{ task: 'created', at: at(5) }],
    ends: 'inQueue.transferring.recreatingTask',
    sent: [],
  },
])
