/**
 * Everything that can happen to a conversation at one moment, as named steps: what its customer, the contact centre, the
 * adapters and the clock may do, one step for each class of payload that a guard can tell from another.
 * Speaks to the driver, from which it learns who is waited for. Foreign, late and doubled webhooks are part of it (T10).
 */
import { type Drive, type Step, thread } from '../drive.ts'

export interface Happening {
  /** The same for the same thing in every state: what coverage of states by events is counted in. */
  name: string
  step: Step
  /** No chart hears it, so its state stands for all the places with that state: it is tried in one of them. */
  unheard?: true
}

/** All of it for that channel, now. Answers and timers are there only for whom they can come to. */
export function happenings(machine: string, drive: Drive): Happening[] {
  const own = { sms: smsCustomer, email: mailCustomer }[machine] ?? chatCustomer(drive)
  return [...own, ...webhooks(drive), ...foreign, ...answers(drive), ...timers(drive), ...reports]
}

/** The type of the event that a step is to a machine; undefined for answers and timers, which come to whom they are for. */
export function typeOf(step: Step): string | undefined {
  if ('task' in step) return `task.${step.task}`
  for (const word in types) if (word in step) return types[word]
  return undefined
}
const types: Record<string, string> = {
  says: 'message.received',
  form: 'form.submitted',
  press: 'postback.received',
  closes: 'thread.closed',
  lost: 'effect.failed',
  receipt: 'receipt.updated',
}

const named = (name: string, step: Step): Happening => ({ name, step })
const unheard = (name: string, step: Step): Happening => ({ name, step, unheard: true })

const file = { name: 'card.pdf', contentType: 'application/pdf', url: '' }
const attachments = [{ ...file, dropped: 'sensitive' as const }]
const written = [
  named('says something', { says: 'Hello there' }),
  named('says nothing', { says: '' }),
  named('says a masked card number', { says: 'my card is ************1111', scan: 'masked' }),
  named('says something unscanned', { says: '', scan: 'failed' }),
  named('sends a dropped file', { says: '', attachments }),
  named('says half a card number', { says: '4111 1111' }),
  named('says the other half', { says: '1111 1111' }),
]
const ending = named('says End Conversation', { says: 'please  END conversation now' })

const smsCustomer = [
  ...written,
  ending,
  named('chooses by key', { says: '1' }),
  named('chooses by word', { says: 'agent' }),
]

const mailCustomer = [
  ...written,
  ending,
  named('mails as a machine', { says: 'I am away', mail: { automatic: true } }),
  named('mails masked as a machine', { says: '**** 1111', scan: 'masked', mail: { automatic: true } }),
  named('somebody in copy mails', { says: 'Me too', mail: { from: 'bo@example.test', cc: ['ana.ruiz@example.test'] } }),
]

const form = { Name: 'Ana Ruiz', Email: 'ana.ruiz@example.test', Query: 'Insurance' }
/** Windows and buttons are of a moment: the newest window, another one, the question about this task or about another. */
function chatCustomer(drive: Drive): Happening[] {
  const current = drive.context().thread || thread
  const window = { thread: current }
  const chat = written.map(({ name, step }) => named(name, { ...(step as { says: string }), ...window }))
  return [
    ...chat,
    named('says End Conversation', { ...(ending.step as { says: string }), ...window }),
    named('writes from a new window', { says: 'I am back', thread: current === thread ? 'T2' : thread }),
    named('fills in the form, with a phone', { form: { ...form, Phone: '+1 (415) 555-0123' }, ...window }),
    named('fills in the form, without a phone', { form: { ...form, Query: 'Pets', Phone: '555' }, ...window }),
    named('fills in the form, masked', { form, scan: 'masked', ...window }),
    named('presses yes', { press: 'callback-yes' }),
    named('presses no', { press: 'callback-no' }),
    unheard('presses yes of another question', { press: 'callback-yes', taskId: 'of-another-question' }),
    ...(drive.context().chatTaskId
      ? [named('presses yes again', { press: 'callback-yes', taskId: drive.context().chatTaskId })]
      : []),
    named('closes the window', { closes: current }),
    named('closes a window', { closes: '' }),
    named('closes an earlier window', { closes: 'T0' }),
  ]
}

export const otherAgent = '5022'
const long_ago = '2026-03-01T00:00:00.000Z'
const dispositions: Record<string, string> = {
  'by the agent': 'CD_NORMAL_END_TASK',
  'after too long': 'CD_MAX_DIALOG_LIFETIME_EXCEEDED',
  'by the customer': 'CD_TASK_CUSTOMER_ABANDON',
  'by a fault': 'CD_FAILED_NO_SCRIPT',
  'for reasons unknown': 'CD_NEVER_SEEN',
}

/** What Digital Routing says of the conversation's own task, in time and too late, and of the ones before it. */
function webhooks(drive: Drive): Happening[] {
  const { taskId, lastTransfer, chatTaskId, givenUpTaskIds = [] } = drive.context()
  const once = lastTransfer?.at
  return [
    ...(taskId === '' ? ofOwnTask(once).map(adopted) : ofOwnTask(once)),
    ...(chatTaskId ? ofTask('of the chat task', chatTaskId) : []),
    ...givenUpTaskIds.slice(0, 1).flatMap((id) => ofTask('of the given-up task', id)),
  ]
}

/** The first webhook of an adopted conversation names the task that it did not know of (A45). */
const adopted = ({ name, step }: Happening): Happening => named(name, { ...step, taskId: 'task-of-elsewhere' } as Step)

function ofOwnTask(once: string | undefined): Happening[] {
  return [
    named('CREATED', { task: 'created' }),
    named('QUEUED without an estimate', { task: 'queued' }),
    named('QUEUED 0', { task: 'queued', estimatedWaitSeconds: 0 }),
    named('QUEUED 170', { task: 'queued', estimatedWaitSeconds: 170 }),
    named('QUEUED from long ago', { task: 'queued', estimatedWaitSeconds: 600, at: long_ago }),
    named('CREATED from long ago', { task: 'created', at: long_ago }),
    named('ROUTED', { task: 'routed' }),
    named('ROUTED to another agent', { task: 'routed', agentId: otherAgent }),
    named('ROUTED from long ago', { task: 'routed', at: long_ago }),
    named('TRANSFERRED', { task: 'transferred', scriptSelector: 'Support' }),
    named('TRANSFERRED by nobody', { task: 'transferred', agentId: '', cause: 'CD_RING_NO_ANSWER' }),
    named('TRANSFERRED from long ago', { task: 'transferred', at: long_ago }),
    ...(once ? [named('TRANSFERRED, told again', { task: 'transferred', at: once })] : []),
    ...Object.entries(dispositions).map(([why, disposition]) =>
      named(`CLOSED ${why}`, { task: 'closed', disposition }),
    ),
  ]
}

const told = ['created', 'queued', 'routed', 'transferred', 'closed'] as const
const ofTask = (which: string, taskId: string) =>
  told.map((task) => named(`${task.toUpperCase()} ${which}`, { task, taskId, estimatedWaitSeconds: 60 }))
const foreign = told.map((task) =>
  unheard(`${task.toUpperCase()} of a foreign task`, {
    task,
    taskId: 'of-somebody-else',
    mediaResourceId: 'ELSEWHERE2',
  }),
)

const codes = ['queueFull', 'tooManyRequests', 'serviceUnavailable', 'refused', 'notFound', 'failed'] as const
const found = [
  'noConversationFound',
  'conversationInQueue',
  'conversationActive',
  'conversationClosed',
  'conversationOnHold',
]
const outcomes: Record<string, object[]> = {
  searchConversation: found.map((outcome) => ({ outcome, conversationId: outcome === found[0] ? '' : 'ELSEWHERE1' })),
  createTask: [{ how: 'created' }, { how: 'existed' }],
}

/** Every outcome of every ask that is waiting, and a late one of every ask of the past. */
function answers(drive: Drive): Happening[] {
  const now = drive.pending()
  const { asked } = drive.memory()
  const inTime = now.flatMap((ask) => {
    const { type } = drive.loaded()!.record.pending[ask]!
    const good = (outcomes[type] ?? [{}]).map((output) =>
      named(`${ask} answered${valuesOf(output)}`, { answers: ask, with: output }),
    )
    return [...good, ...codes.map((code) => named(`${ask} failed: ${code}`, { fails: ask, code }))]
  })
  const past = [...new Set(asked.map(({ ask }) => ask))].filter((ask) => !now.includes(ask))
  const late = past.flatMap((ask) => [
    unheard(`${ask} answered late`, { late: ask }),
    unheard(`${ask} failed late`, { late: ask, code: 'failed' }),
  ])
  return [...inTime, ...late]
}

const valuesOf = (output: object): string => {
  const [value] = Object.values(output)
  return value === undefined ? '' : `: ${value}`
}

/** Every timer that is armed, and every one that was armed once and is no longer. */
function timers(drive: Drive): Happening[] {
  const now = drive.timers()
  const past = [...new Set(drive.memory().armed.map(({ timer }) => timer))].filter((timer) => !now.includes(timer))
  return [
    ...now.map((timer) => named(`after ${delayOf(timer)}`, { timer: delayOf(timer) })),
    ...[...new Set(past.map(delayOf))]
      .filter((delay) => !now.map(delayOf).includes(delay))
      .map((delay) => unheard(`after ${delay}, late`, { lateTimer: delay })),
  ]
}

/** `xstate.after.menuTimeout.menu` → `menuTimeout`. */
export const delayOf = (timer: string): string => timer.split('.')[2]!

const reports = [
  named('the transcript is lost', { lost: 'appendConversation', direction: 'Inbound' }),
  unheard('a message is lost', { lost: 'sendMessage' }),
  unheard('a receipt', { receipt: 'Delivered' }),
]
