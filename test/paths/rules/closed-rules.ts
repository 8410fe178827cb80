/**
 * When it is over, and what holds always: Engage is closed once, who writes begins anew, and a task in doubt is ended.
 */
import { anew, rests } from './courses.ts'
import { beginsNothing, isInDoubt } from './heard.ts'
import { over, type Phase, phases } from './phases.ts'
import { nothing, type Rule, rule } from './rule.ts'

const everywhere = Object.keys(phases) as Phase[]

export const closedRules: Rule[] = [
  rule('CL1', 'answered', 'closing', rests),
  rule('E71', ['failed', 'due'], 'closing', (c) => {
    c.tells('alert conversation-not-closed')
    rests(c)
  }),
  rule('LX5', 'message', over, beginsNothing, nothing),
  rule('SM4', 'message', over, (c, { message }) => {
    c.is.kept.push({ ...message })
    if (c.is.phase === 'resting') rests(c)
    else if (c.is.phase !== 'closing') anew(c, 'searching')
  }),
  rule('LX5', 'window closed', over, (c, { thread }) => {
    if (c.channel === 'live-chat') c.loses(thread)
  }),
  rule('retention', 'due', ['resting', 'searchFailed'], (c) => {
    if (c.is.kept.length > 0) anew(c, 'searching')
    else c.goes('archived')
  }),
  rule('T10', ['CREATED', 'QUEUED', 'ROUTED'], everywhere, isInDoubt, (c, { task }) =>
    c.tells(`endTask ${task.taskId} as CD_TASK_CUSTOMER_ABANDON`),
  ),
  rule(
    'errorSendingMessage',
    'lost',
    everywhere,
    (c, { lost }) =>
      (c.channel !== 'live-chat' || c.is.window !== '') &&
      lost.effect === 'appendConversation' &&
      lost.direction === 'Inbound',
    (c) => c.says('error-sending'),
  ),
]
