/**
 * Email_Inbound_Flow: from the first mail to a task in the queue, and what an email customer is told afterwards (flows.md
 * section 9, EM1-EM10). What the calls carry is told at the end; what the door makes of payloads, in the door's tests.
 */
import { describe, expect, test } from 'vitest'
import type { AskErrorCode, OutboundMail, SearchOutput } from '../machines/effects.ts'
import type { Attachment, Mail } from '../machines/events.ts'
import { payloadOf } from './chat.ts'
import { agentId, driveOn, type Step } from './drive.ts'
import {
  mailAddress,
  mailbox,
  mailed,
  mailLine,
  mailSearched,
  toMailClosed,
  toMailCreated,
  toMailQueued,
  toMailTalking,
  toMailTask,
  toMailTransferring,
} from './mail.ts'
import { bot, createdNotice, failedTransfer, type Story, sensitive, stories } from './story.ts'

const mails = (about: string, list: Story[]): void => stories(about, list, mailLine)
const technicalIssue = ['send error-technical-issue: <errorTechnicalIssue>']
const machineMail: Step = { says: 'I am away', mail: { automatic: true } }
const dropped = (name: string, why: Attachment['dropped']): Attachment => ({
  name,
  contentType: 'application/pdf',
  url: '',
  ...(why ? { dropped: why } : {}),
})

mails('the first mail', [
  {
    title: 'EM7: it is searched for in Engage',
    steps: [mailed],
    ends: 'noConversation.searching',
    sent: ['searchConversation'],
  },
  {
    title: 'EM7: with none found, a conversation is created with the text as its first message',
    given: [mailed],
    steps: [{ answers: 'searchConversation' }],
    ends: 'noConversation.creatingConversation',
    sent: ['createConversation: Where is my claim?'],
  },
  {
    title: "EM6: the task follows at once with the asset's script selector, and nothing is asked back",
    given: mailSearched,
    steps: [{ answers: 'createConversation' }],
    ends: 'noConversation.creatingTask.wanted',
    sent: ['createTask Insurance'],
  },
  {
    title: 'EM10: the flow ends when the task id is written into the conversation',
    given: toMailTask,
    steps: [{ answers: 'createTask' }],
    ends: 'inQueue.created',
    sent: ['updateConversation'],
  },
  {
    title: 'E1, E24: a second mail before there is a conversation waits for it, and makes no second task',
    steps: [mailed, { says: 'And the invoice?' }, { answers: 'searchConversation' }, { answers: 'createConversation' }],
    ends: 'noConversation.creatingTask.wanted',
    sent: [
      'searchConversation',
      'createConversation: Where is my claim?',
      'append Inbound: And the invoice?',
      'createTask Insurance',
    ],
  },
  {
    title: 'EM3-EM5: card data in it begins the conversation masked, and the sender is notified once',
    steps: [
      { says: 'card ************1111', scan: 'masked' },
      { answers: 'searchConversation' },
      { answers: 'createConversation' },
    ],
    ends: 'noConversation.creatingTask.wanted',
    sent: ['searchConversation', 'createConversation: card ************1111', ...sensitive, 'createTask Insurance'],
  },
  {
    title: 'A7: "End Conversation" in a mail ends nothing, since people quote what they answer',
    steps: [
      { says: "> Reply 'End Conversation' to stop." },
      { answers: 'searchConversation' },
      { answers: 'createConversation' },
    ],
    ends: 'noConversation.creatingTask.wanted',
    sent: ['searchConversation', "createConversation: > Reply 'End Conversation' to stop.", 'createTask Insurance'],
  },
])

const found = (outcome: SearchOutput['outcome']): Step[] => [
  mailed,
  {
    answers: 'searchConversation',
    with: { outcome, conversationId: 'ELSEWHERE1', agentId: outcome === 'conversationInQueue' ? '' : agentId },
  },
]

mails('a conversation exists already (EM7)', [
  ...(
    [
      ['conversationActive', 'active.talking'],
      ['conversationInQueue', 'inQueue.queued'],
      ['conversationOnHold', 'active.onHold'],
    ] as const
  ).map(
    ([outcome, ends]): Story => ({
      title: `EM7, A36: ${outcome}: the mail is appended and no task is created`,
      steps: found(outcome),
      ends,
      sent: ['searchConversation', 'append Inbound: Where is my claim?'],
    }),
  ),
  {
    title: 'EM7: later mails are appended in every stage',
    given: toMailTask,
    steps: [
      { says: 'one' },
      { answers: 'createTask' },
      { says: 'two' },
      { task: 'routed' },
      { says: 'three' },
      { answers: 'addParticipant' },
      { says: 'four' },
    ],
    ends: 'active.talking',
    sent: [
      'append Inbound: one',
      'updateConversation',
      'append Inbound: two',
      'addParticipant 5021',
      'append Inbound: three',
      'append Inbound: four',
    ],
  },
  {
    title: 'A38: a mail after the end begins a new conversation with a new task (onClosed: new)',
    given: toMailClosed,
    steps: [{ says: 'One more thing' }, { answers: 'createConversation', with: { conversationId: 'NEW2' } }],
    ends: 'noConversation.creatingTask.wanted',
    sent: ['createConversation: One more thing', 'createTask Insurance'],
  },
  {
    title: 'A1, A38: or reopens the old one, with a new task (onClosed: reopen)',
    policy: { onClosed: 'reopen' },
    given: toMailClosed,
    steps: [{ says: 'One more thing' }, { answers: 'reopenConversation' }],
    ends: 'noConversation.creatingTask.wanted',
    sent: ['reopenConversation', 'append Inbound: One more thing', 'createTask Insurance'],
  },
  {
    title: 'A1: when Engage will not reopen it, a new one is created',
    policy: { onClosed: 'reopen' },
    given: toMailClosed,
    steps: [{ says: 'One more thing' }, { fails: 'reopenConversation' }],
    ends: 'noConversation.creatingConversation',
    sent: ['reopenConversation', 'createConversation: One more thing'],
  },
])

mails('what an email customer is told (CR1, QU1, RO3, CL5, TR4, TR5)', [
  {
    title: 'CR1: CREATED is told by mail',
    given: toMailCreated,
    steps: [{ task: 'created' }],
    ends: 'inQueue.created',
    sent: createdNotice,
  },
  {
    title: 'QU1, E45: an estimated wait is not',
    given: toMailCreated,
    steps: [{ task: 'queued', estimatedWaitSeconds: 900 }],
    ends: 'inQueue.queued',
    sent: [],
  },
  {
    title: 'RO3, RO4: ROUTED adds the agent and is not told',
    given: toMailQueued,
    steps: [{ task: 'routed' }, { answers: 'addParticipant' }],
    ends: 'active.talking',
    sent: ['addParticipant 5021'],
  },
  {
    title: 'CL5, E73: CLOSED closes the conversation silently',
    given: toMailTalking,
    steps: [{ task: 'closed' }, { answers: 'closeConversation' }],
    ends: 'closed.resting',
    sent: ['closeConversation'],
  },
  {
    title: 'TR4: a transfer that works is not told',
    given: toMailTransferring,
    steps: [{ answers: 'removeParticipant' }, { answers: 'recreateTask' }],
    ends: 'inQueue.created',
    sent: ['createTask Claims'],
  },
  {
    title: 'TR5, E67: one that fails is, by mail',
    given: toMailTransferring,
    steps: [{ answers: 'removeParticipant' }, { fails: 'recreateTask' }],
    ends: 'inQueue.transferFailed.askingEnd',
    sent: ['createTask Claims', ...failedTransfer, 'endTask CD_TASK_CUSTOMER_ABANDON'],
  },
  ...(
    [
      ['refused', 'error-technical-issue', 'errorTechnicalIssue'],
      ['queueFull', 'error-service-not-available', 'errorServiceNotAvailable'],
      ['serviceUnavailable', 'error-service-not-available', 'errorServiceNotAvailable'],
      ['tooManyRequests', 'error-service-not-available', 'errorServiceNotAvailable'],
    ] as const satisfies readonly (readonly [AskErrorCode, string, string])[]
  ).map(
    ([code, purpose, text]): Story => ({
      title: `E26, E27, E28, E30: a task that cannot be created (${code}) is told as ${text}`,
      given: toMailTask,
      steps: [{ fails: 'createTask', code }],
      ends: 'closed.closingConversation',
      sent: [...bot(purpose, `<${text}>`), 'closeConversation'],
    }),
  ),
  {
    title: 'a search that fails is told',
    given: [mailed],
    steps: [{ fails: 'searchConversation' }],
    ends: 'closed.searchFailed',
    sent: technicalIssue,
  },
  {
    title: 'EM5, E108: dropped files are told of by name, a kind at a time, in one mail',
    given: toMailTalking,
    steps: [
      {
        says: 'See these',
        attachments: [dropped('a.pdf', 'sensitive'), dropped('b.exe', 'unprocessable'), dropped('c.pdf', 'sensitive')],
      },
    ],
    ends: 'active.talking',
    sent: [
      'append Inbound: See these [dropped sensitive] [dropped unprocessable] [dropped sensitive]',
      ...bot(
        'attachment-dropped',
        '<attachmentDropped sensitive a.pdf, c.pdf> <attachmentDropped unprocessable b.exe>',
      ),
    ],
  },
])

mails('mail that a machine sent (RFC 3834, E12, A39)', [
  { title: 'E12: it begins nothing', steps: [machineMail], ends: 'noConversation.idle', sent: [] },
  { title: 'E12: nor after the end', given: toMailClosed, steps: [machineMail], ends: 'closed.resting', sent: [] },
  {
    title: 'E12: an agent reads it where there is a conversation',
    given: toMailTalking,
    steps: [machineMail],
    ends: 'active.talking',
    sent: ['append Inbound: I am away'],
  },
  {
    title: 'A39: it is never answered, whatever was masked in it',
    given: toMailTalking,
    steps: [{ says: '************1111', scan: 'masked', mail: { automatic: true } }],
    ends: 'active.talking',
    sent: ['append Inbound: ************1111'],
  },
])

const masked: Step = { says: '************1111', scan: 'masked' }
const appended = 'append Inbound: ************1111'
mails('how often a sender is notified (A39)', [
  {
    title: 'A39: representative: once for each mail (noticeIntervalSeconds: 0)',
    given: toMailTalking,
    steps: [masked, masked],
    ends: 'active.talking',
    sent: [appended, ...sensitive, appended, ...sensitive],
  },
  {
    title: 'A39: hardened: once, then not until the interval is over',
    policy: { noticeIntervalSeconds: 300 },
    given: toMailTalking,
    steps: [masked, masked, { later: 297 }, masked, masked],
    ends: 'active.talking',
    sent: [appended, ...sensitive, appended, appended, appended, ...sensitive],
  },
])

describe('what the calls carry', () => {
  const sentMail = (steps: Step[], purpose: string, policy = {}): OutboundMail & { to: string } => {
    const conversation = driveOn(mailLine, policy)
    conversation.play(...steps)
    const effects = conversation.history.flatMap((trace) => trace.effects)
    const { payload } = effects.findLast(({ payload }) => (payload as { purpose?: string }).purpose === purpose)!
    const { mail, address } = payload as { mail: OutboundMail; address: { customer: string } }
    return { ...mail, to: address.customer }
  }
  const copies: Partial<Mail> = { cc: ['bo@example.test'], bcc: ['di@example.test'] }
  const begun = (mail: Partial<Mail>): Step[] => [{ says: 'Hi', mail }, ...toMailCreated.slice(1), { task: 'created' }]

  test('EM7: the search names mailbox, sender, subject, receivers and what the mail answers', () => {
    const steps: Step[] = [
      { says: 'Any news?', mail: { subject: 'Re: Claim 4471', inReplyTo: '<out-77@corp.example>' } },
    ]
    expect(payloadOf(mailLine, 'searchConversation', steps)).toEqual({
      address: mailAddress,
      mail: { mailbox, subject: 'Re: Claim 4471', to: [mailbox], cc: [], inReplyTo: '<out-77@corp.example>' },
    })
  })

  test('EM6, EM8, EM9: the task carries who wrote, the thread, and the asset as its destination', () => {
    const { variables, ...task } = payloadOf(mailLine, 'createTask', [
      { says: 'Hi', mail: { messageId: '<m1@example.test>', ...copies, cc: ['bo@example.test', 'cy@example.test'] } },
      ...toMailTask.slice(1),
    ])
    expect(task).toMatchObject({
      address: { asset: mailAddress.asset },
      origin: 'ana.ruiz@example.test',
      customerId: 'ana.ruiz@example.test',
      mediaType: 'Email',
      mediaChannel: 'Email',
      scriptSelector: 'Insurance',
    })
    expect(variables).toMatchObject({
      user_DR_MediaResourceID: '65F2C0A91B7E4D01',
      user_DR_CustomerName: 'Ana Ruiz',
      EmailMessageID: '<m1@example.test>',
      EmailSubject: 'Claim 4471',
      EmailCCRecipients: 'bo@example.test,cy@example.test',
      EmailBCCRecipients: 'di@example.test',
    })
  })

  test('CR3: CREATED answers the mail it is about, from the mailbox, and names the thread', () => {
    const steps = begun({
      messageId: '<m2@example.test>',
      references: ['<m1@example.test>'],
      inReplyTo: '<m1@example.test>',
    })
    expect(sentMail(steps, 'created')).toEqual({
      to: 'ana.ruiz@example.test',
      from: mailbox,
      fromName: 'Corp Support',
      subject: 'Re: Claim 4471',
      cc: [],
      bcc: [],
      inReplyTo: '<m2@example.test>',
      references: ['<m1@example.test>', '<m2@example.test>'],
    })
  })

  test('an answer to "Re: …" is "Re: …", and a mail without a subject is answered all the same', () => {
    expect(sentMail(begun({ subject: 'RE: Claim 4471' }), 'created').subject).toBe('RE: Claim 4471')
    expect(sentMail(begun({ subject: '' }), 'created').subject).toBe('Re:')
  })

  test('CR3: those in copy are told how the task stands (noticeCopies: everyone), or only the customer (sender)', () => {
    expect(sentMail(begun(copies), 'created')).toMatchObject(copies)
    expect(sentMail(begun(copies), 'created', { noticeCopies: 'sender' })).toMatchObject({ cc: [], bcc: [] })
  })

  test('EM5: a notice about card data goes to whoever wrote it, and to nobody else', () => {
    const steps: Step[] = [
      ...begun(copies),
      { says: '****1111', scan: 'masked', mail: { from: 'bo@example.test', cc: ['ana.ruiz@example.test'] } },
    ]
    expect(sentMail(steps, 'sensitive-data-notice')).toMatchObject({ to: 'bo@example.test', cc: [], bcc: [] })
  })

  test('A38: a new conversation of the same customer answers in the thread of the mail that began it', () => {
    const steps: Step[] = [
      ...toMailClosed,
      { says: 'Again', mail: { messageId: '<m9@x>', subject: 'Claim 4471, again' } },
    ]
    const again: Step[] = [...steps, { answers: 'createConversation' }, { answers: 'createTask' }, { task: 'created' }]
    expect(sentMail(again, 'created')).toMatchObject({
      subject: 'Re: Claim 4471, again',
      inReplyTo: '<m9@x>',
      references: ['<m9@x>'],
    })
  })

  test('a long thread keeps the first id, which names it, and the last ones', () => {
    const many = Array.from(
      { length: 60 },
      (_, index): Step => ({ says: `${index}`, mail: { messageId: `<n${index}@x>` } }),
    )
    const { references } = sentMail(
      [...begun({ messageId: '<first@x>' }), ...many, { says: '****1111', scan: 'masked' }],
      'sensitive-data-notice',
    )
    expect(references.length).toBeLessThanOrEqual(21)
    expect(references[0]).toBe('<first@x>')
    expect(references.slice(-2)).toEqual(['<n59@x>', expect.stringMatching(/^<m\d+@x>$/)])
  })

  test('the transcript gets subject, sender, id and HTML of each mail', () => {
    const mail = {
      messageId: '<m7@example.test>',
      html: '<p>Hello</p>',
      from: 'bo@example.test',
      subject: 'Re: Claim 4471',
    }
    expect(payloadOf(mailLine, 'appendConversation', [...toMailTalking, { says: 'Hello', mail }])).toMatchObject({
      text: 'Hello',
      mail,
    })
  })
})
