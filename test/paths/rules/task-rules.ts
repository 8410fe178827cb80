/**
 * From a conversation to a task (SMS_Inbound, Live_Chat_Inbound): the menu, the form, and the task while it is being created.
 */
import type { Case, Message } from './case.ts'
import {
  asksTask,
  closes,
  endsQueued,
  endsWithAgent,
  lines,
  meets,
  sayingClosed,
  showsForm,
  tellsEstimate,
  transfers,
} from './courses.ts'
import {
  beginsNothing,
  choiceOf,
  ends,
  type Heard,
  isCode,
  isEstimate,
  isLastTry,
  isUnreadable,
  mine,
} from './heard.ts'
import { nothing, type Rule, rule } from './rule.ts'

const relays = (c: Case, { message }: Heard) => {
  if (c.is.phase !== 'menu') c.learns(message)
  c.relays(message)
}
const questions: Rule[] = [
  rule('SM9', 'message', 'menu', ends, (c, heard) => {
    relays(c, heard)
    c.is.endedInWords = true
    sayingClosed(c)
  }),
  rule('E23', 'message', 'menu', isUnreadable, (c, heard) => {
    relays(c, heard)
    c.says('menu')
  }),
  rule(
    'SM6',
    'message',
    'menu',
    (c, heard) => choiceOf(c, heard) !== undefined,
    (c, heard) => {
      relays(c, heard)
      asksTask(c, choiceOf(c, heard)!.scriptSelector)
    },
  ),
  rule('A9', 'message', 'menu', isLastTry, (c, heard) => {
    relays(c, heard)
    const { menu, menuDefault } = c.is.asset
    const usual = menu.find(({ key }) => key === menuDefault)
    if (c.policy.lastWrongAnswer === 'menuDefault' && usual) asksTask(c, usual.scriptSelector)
    else sayingClosed(c)
  }),
  rule('A9', 'message', 'menu', (c, heard) => {
    relays(c, heard)
    c.is.wrong++
    c.says('menu-invalid')
  }),
  rule('LC6', 'form', 'form', (c, { form }) => {
    c.notes('Inbound', `a form of ${form.fields.length} answers`)
    c.warns({ id: form.id, at: form.at, text: '', scan: form.scan } as Message)
    const answer = (name: string) => form.fields.find((field) => field.name === name)?.value.trim() ?? ''
    const phone = answer('Phone').replace(/[\s().-]/g, '')
    c.is.phone = /^\+[1-9]\d{7,14}$/.test(phone) ? phone : ''
    c.is.windowGone = false
    if (form.thread) c.is.window = form.thread
    const { scriptSelectors, default: other } = c.is.asset.form
    asksTask(c, scriptSelectors[answer('Query')] ?? other)
  }),
  rule('A7', 'message', 'form', ends, (c, heard) => {
    relays(c, heard)
    sayingClosed(c)
  }),
  rule('A11', 'message', 'form', (c, heard) => {
    relays(c, heard)
    if (c.is.forms < 2) showsForm(c)
  }),
  rule('LX6', 'window closed', 'form', (c, { thread }) => {
    if (c.loses(thread)) closes(c)
  }),
  rule('A10', 'due', ['menu', 'form'], (c) => {
    c.notes('Announcement', 'a remark')
    closes(c)
  }),
]

const updates = (c: Case, task = c.is.task) => c.tells(`updateConversation ${c.is.conversation} with ${task}`)
/** E36, A45: a webhook proves it before the answer does. */
const proves = (c: Case, { task }: Heard) => {
  c.is.task = task.taskId
  updates(c)
}
const gaveUp = (purpose: string) => (c: Case) => {
  c.doubts()
  c.says(purpose)
  closes(c)
}

const task: Rule[] = [
  rule('SM15', 'answered', 'creatingTask', (c) => {
    updates(c)
    lines(c, 'created')
  }),
  rule('LC16', 'failed', 'creatingTask', isCode('tooManyRequests'), (c) =>
    gaveUp(c.channel === 'live-chat' ? 'err-msg-toomanyrequests' : 'error-service-not-available')(c),
  ),
  rule(
    'errorServiceNotAvailable',
    'failed',
    'creatingTask',
    isCode('queueFull', 'serviceUnavailable'),
    gaveUp('error-service-not-available'),
  ),
  rule('errorTechnicalIssue', ['failed', 'due'], 'creatingTask', gaveUp('error-technical-issue')),
  rule('E33', 'message', 'creatingTask', ends, (c, heard) => {
    relays(c, heard)
    c.is.endedInWords = true
    c.goes('taskUnwanted', { keeps: true })
  }),
  rule('LC3', 'message', 'creatingTask', relays),
  rule('E33', 'window closed', 'creatingTask', (c, { thread }) => {
    if (c.loses(thread)) c.goes('taskUnwanted', { keeps: true })
  }),
  rule('E36', 'CREATED', 'creatingTask', mine, (c, heard) => {
    proves(c, heard)
    c.says('created', 'Announcement')
    c.is.createdTold = true
    lines(c, 'created')
  }),
  rule('E36', 'QUEUED', 'creatingTask', mine, (c, heard) => {
    const isTold = isEstimate(c, heard)
    proves(c, heard)
    if (isTold) tellsEstimate(c, heard)
    lines(c, 'queued')
  }),
  rule('E35', 'ROUTED', 'creatingTask', mine, (c, heard) => {
    proves(c, heard)
    meets(c, heard)
  }),
  rule('TR1', 'TRANSFERRED', 'creatingTask', mine, (c, heard) => {
    proves(c, heard)
    transfers(c, heard)
  }),
  rule('E37', 'CLOSED', ['creatingTask', 'taskUnwanted'], mine, (c, heard) => {
    proves(c, heard)
    c.says('closed', 'Announcement')
    closes(c)
  }),
  rule('E33', 'answered', 'taskUnwanted', endsQueued),
  rule('E33', ['failed', 'due'], 'taskUnwanted', gaveUp('closed')),
  rule('E33', ['CREATED', 'QUEUED', 'TRANSFERRED'], 'taskUnwanted', mine, (c, { task }) => {
    c.is.task = task.taskId
    endsQueued(c)
  }),
  rule('E33', 'ROUTED', 'taskUnwanted', mine, (c, { task }) => {
    Object.assign(c.is, { task: task.taskId, agent: task.agentId, attempts: 0 })
    endsWithAgent(c)
  }),
  rule('LX5', 'message', 'taskUnwanted', beginsNothing, nothing),
  rule('E54', 'message', 'taskUnwanted', (c, { message }) => void c.is.kept.push({ ...message })),
  rule('E51', 'window closed', 'taskUnwanted', (c, { thread }) => void c.loses(thread)),
]

export const taskRules: Rule[] = [...questions, ...task]
