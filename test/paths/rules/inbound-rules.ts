/**
 * From the first word to a conversation (SMS_Inbound, Live_Chat_Inbound, Email_Inbound): search, adopt, reopen, create.
 */
import type { Case } from './case.ts'
import { asksTask, closes, endsQueued, endsWithAgent, form, menu, sayingClosed } from './courses.ts'
import { endKept, type Heard, isMachine } from './heard.ts'
import { finding } from './phases.ts'
import { nothing, type Rule, rule } from './rule.ts'

const keeps = (c: Case, { message }: Heard) => {
  if (c.channel !== 'sms') c.learns(message)
  c.is.kept.push({ ...message })
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

export const inboundRules: Rule[] = [...search, ...create]
