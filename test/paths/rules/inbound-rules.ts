/**
 * From the first word to a task (SMS_Inbound, Live_Chat_Inbound, Email_Inbound): search, reopen, create, ask, create the task.
 */
import type { Case, Message } from './case.ts'
import { closes, endsQueued, endsWithAgent, lines, meets, transfers } from './courses.ts'
import {
  beginsNothing,
  choiceOf,
  endKept,
  ends,
  type Heard,
  isCode,
  isEstimate,
  isLastTry,
  isMachine,
  isUnreadable,
  mine,
} from './heard.ts'
import { finding } from './phases.ts'
import { nothing, type Rule, rule } from './rule.ts'

const keeps = (c: Case, { message }: Heard) => {
  if (c.channel !== 'sms') c.learns(message)
  c.is.kept.push({ ...message })
}
const relays = (c: Case, { message }: Heard) => {
  if (c.is.phase !== 'menu') c.learns(message)
  c.relays(message)
}
const found =
  (...outcomes: string[]) =>
  (_: Case, { output }: Heard) =>
    outcomes.includes(output.outcome ?? '')
const isOver = (c: Case): boolean => endKept(c) || (c.channel !== 'email' && c.is.windowGone)

/** SM2, LC3, EM7: what was found is ours, and what was written goes into it. */
function adopts(c: Case, { output }: Heard): void {
  Object.assign(c.is, { conversation: output.conversationId, agent: output.agentId ?? '' })
  c.is.endedInWords = endKept(c)
  c.relaysKept()
}
function sorry(c: Case): void {
  c.is.kept = []
  c.says('error-technical-issue')
}
/** SM5: the menu; LC5: the form; EM6: at once. */
function goesOn(c: Case): void {
  if (c.channel === 'sms') menu(c)
  else if (c.channel === 'live-chat') form(c)
  else asksTask(c, c.is.asset.scriptSelector)
}
function menu(c: Case): void {
  c.says('menu')
  c.goes('menu')
}
function form(c: Case): void {
  showsForm(c)
  c.goes('form')
}
function showsForm(c: Case): void {
  c.says('pre-chat-form', 'alone', c.is.customer, ' with a form')
  c.is.forms++
}
function asksTask(c: Case, selector: string): void {
  c.is.selector = selector
  c.namesTask()
  c.goes('creatingTask')
}
function sayingClosed(c: Case): void {
  c.says('closed')
  closes(c)
}

const search: Rule[] = [
  rule('E12', 'message', 'idle', (c, heard) => c.channel === 'email' && isMachine(c, heard), nothing),
  rule('SM1', 'message', 'idle', (c, heard) => {
    keeps(c, heard)
    c.goes('searching')
  }),
  rule('E24', 'message', finding, keeps),
  rule('LX6', 'window closed', finding, (c, { thread }) => void c.loses(thread)),
  rule(
    'SM11',
    'answered',
    'searching',
    (c, heard) => endKept(c) && found('conversationActive', 'conversationOnHold')(c, heard),
    (c, heard) => {
      adopts(c, heard)
      endsWithAgent(c)
    },
  ),
  rule(
    'LX3',
    'answered',
    'searching',
    (c, heard) => isOver(c) && found('conversationInQueue')(c, heard),
    (c, heard) => {
      adopts(c, heard)
      endsQueued(c)
    },
  ),
  rule(
    'LX2',
    'answered',
    'searching',
    (c, heard) =>
      c.channel === 'live-chat' && c.is.windowGone && found('conversationActive', 'conversationOnHold')(c, heard),
    (c, heard) => {
      adopts(c, heard)
      c.notes('Announcement', 'a remark')
      c.goes('left')
    },
  ),
  ...(
    [
      ['conversationActive', 'talking'],
      ['conversationOnHold', 'onHold'],
      ['conversationInQueue', 'queued'],
    ] as const
  ).map(([outcome, phase]) =>
    rule('SM2', 'answered', 'searching', found(outcome), (c, heard) => {
      adopts(c, heard)
      c.is.endedInWords = false
      c.goes(phase)
    }),
  ),
  rule('A7', 'answered', 'searching', isOver, (c) => {
    c.is.endedInWords = endKept(c)
    c.is.kept = []
    sayingClosed(c)
  }),
  rule(
    'A1',
    'answered',
    'searching',
    (c, heard) => found('conversationClosed')(c, heard) && c.channel !== 'live-chat' && c.policy.onClosed === 'reopen',
    (c, { output }) => {
      Object.assign(c.is, { conversation: output.conversationId, agent: output.agentId ?? '' })
      c.goes('reopening')
    },
  ),
  rule('SM4', 'answered', 'searching', (c) => c.goes('creating')),
  rule('errorTechnicalIssue', ['failed', 'due'], 'searching', (c) => {
    sorry(c)
    c.goes('searchFailed')
  }),
]

/** What waited is in it; the customer may have ended it in words, or by closing the window, meanwhile. */
function isThere(c: Case, first: 'too' | 'is there', next: (c: Case) => void): void {
  const over = isOver(c)
  const inWords = endKept(c)
  c.relaysKept(first)
  if (!over) {
    next(c)
    return
  }
  if (c.is.phase !== 'opening') c.is.endedInWords = inWords
  sayingClosed(c)
}

const create: Rule[] = [
  rule('A1', 'answered', 'reopening', (c) => {
    c.begins(c.is.conversation)
    isThere(c, 'too', goesOn)
  }),
  rule('A1', ['failed', 'due'], 'reopening', (c) => {
    c.begins()
    c.goes('creating')
  }),
  rule('SM5', 'answered', 'creating', (c, { output }) => {
    c.is.conversation = output.conversationId!
    isThere(c, 'is there', goesOn)
  }),
  rule('A8', 'answered', 'opening', (c, { output }) => {
    c.is.conversation = output.conversationId!
    isThere(c, 'too', c.channel === 'sms' ? menu : (c) => c.goes('creatingTask'))
  }),
  rule('errorTechnicalIssue', ['failed', 'due'], ['creating', 'opening'], (c) => {
    sorry(c)
    closes(c)
  }),
]

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

export function tellsEstimate(c: Case, { task }: Heard): void {
  const seconds = task.estimatedWaitSeconds ?? 0
  c.says('queued', 'Announcement', c.is.customer, `: ${Math.ceil(seconds / 60)} minutes`)
  c.is.estimate = { told: seconds, told_at_ms: c.is.now_ms, heard: task.at }
}

export const inboundRules: Rule[] = [...search, ...create, ...questions, ...task]
