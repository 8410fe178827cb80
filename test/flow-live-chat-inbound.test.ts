/**
 * Live_Chat_Inbound_Flow: from the first line in the window to a task in the queue (flows.md section 9, LC1-LC17). Every
 * story is told of both machines of live chat (CB1). What is written later, and what the calls carry, is told in
 * `live-chat-messages.test.ts` and `live-chat-calls.test.ts`; what the door makes of payloads, in the door's tests.
 */
import type { AskErrorCode, SearchOutput } from '../machines/effects.ts'
import type { Attachment } from '../machines/events.ts'
import {
  answers,
  answersWithPhone,
  chats,
  endsIt,
  form,
  toChatClosed,
  toChatCreated,
  toChatQueued,
  toChatTalking,
  toChatTask,
  toForm,
} from './chat.ts'
import { agentId, type Step } from './drive.ts'
import {
  bot,
  closedByBot,
  closedNotice,
  createdNotice,
  routedNotice,
  type Story,
  sensitive,
  transferredNotice,
  waitNotice,
} from './story.ts'

const searched: Step[] = [{ says: 'Hello' }, { answers: 'searchConversation' }]
const technicalIssue = ['send error-technical-issue: <errorTechnicalIssue>']
const unscanned = 'System Alert: a message could not be received due to scan service issues'
const file = (name: string): Attachment => ({
  name,
  contentType: 'application/pdf',
  url: `https://files.example/${name}`,
})
const formFields = 'Name=Ana Ruiz Email=ana.ruiz@example.test Query=Insurance Phone=+1 (415) 555-0123'

chats('the first message', [
  {
    title: 'LC1, LC2: it is searched for in Engage',
    steps: [{ says: 'Hello' }],
    ends: 'noConversation.searching',
    sent: ['searchConversation'],
  },
  {
    title: 'LC4, A12: with none found, a conversation is created before the form, with the text as its first message',
    steps: searched,
    ends: 'noConversation.creatingConversation',
    sent: ['searchConversation', 'createConversation: Hello'],
  },
  {
    title: 'LC5, A12: the form follows the creation, and the first text is not appended again',
    given: searched,
    steps: [{ answers: 'createConversation' }],
    ends: 'noConversation.preChatForm',
    sent: form,
  },
  ...(['new', 'reopen'] as const).map(
    (onClosed): Story => ({
      title: `A1: a closed conversation is never reopened, a new one is created (onClosed: ${onClosed})`,
      policy: { onClosed },
      steps: [
        { says: 'Hello' },
        { answers: 'searchConversation', with: { outcome: 'conversationClosed', conversationId: 'OLD1' } },
      ],
      ends: 'noConversation.creatingConversation',
      sent: ['searchConversation', 'createConversation: Hello'],
    }),
  ),
  ...(['new', 'reopen'] as const).map(
    (onClosed): Story => ({
      title: `A1: nor is our own of before, and it is not searched for again (onClosed: ${onClosed})`,
      policy: { onClosed },
      given: toChatClosed,
      steps: [{ says: 'One more thing' }, { answers: 'createConversation', with: { conversationId: 'NEW2' } }],
      ends: 'noConversation.preChatForm',
      sent: ['createConversation: One more thing', ...form],
    }),
  ),
  {
    title: 'E1: two first messages within milliseconds make one conversation that has both in order, and one form',
    steps: [
      { says: 'Hello' },
      { says: 'Anybody?' },
      { answers: 'searchConversation' },
      { answers: 'createConversation' },
    ],
    ends: 'noConversation.preChatForm',
    sent: ['searchConversation', 'createConversation: Hello', 'append Inbound: Anybody?', ...form],
  },
  {
    title: 'E24: a message between the call to create and its answer waits for the conversation',
    given: searched,
    steps: [{ says: 'It is urgent' }, { says: 'Please' }, { answers: 'createConversation' }],
    ends: 'noConversation.preChatForm',
    sent: ['append Inbound: It is urgent', 'append Inbound: Please', ...form],
  },
  {
    title: 'E5: a blank first message reads "No text" in the conversation',
    steps: [{ says: '' }, { answers: 'searchConversation' }],
    ends: 'noConversation.creatingConversation',
    sent: ['searchConversation', 'createConversation: No text'],
  },
  {
    title:
      'CONTRACTS 6a: the text of a message with files goes with the creation, its files in one append without text',
    steps: [
      { says: 'See this', attachments: [file('claim.pdf'), file('second.pdf')] },
      { answers: 'searchConversation' },
      { answers: 'createConversation' },
    ],
    ends: 'noConversation.preChatForm',
    sent: ['searchConversation', 'createConversation: See this', 'append Inbound: [claim.pdf] [second.pdf]', ...form],
  },
  {
    title: 'LC9, LC10: with masked card data it begins the conversation masked, and the customer is warned once',
    steps: [
      { says: '************1111', scan: 'masked' },
      { answers: 'searchConversation' },
      { answers: 'createConversation' },
    ],
    ends: 'noConversation.preChatForm',
    sent: ['searchConversation', 'createConversation: ************1111', ...sensitive, ...form],
  },
  {
    title: 'A48, E109: that could not be scanned is withheld from the conversation, and the customer is told',
    steps: [{ says: 'withheld', scan: 'failed' }, { answers: 'searchConversation' }, { answers: 'createConversation' }],
    ends: 'noConversation.preChatForm',
    sent: [
      'searchConversation',
      `createConversation: ${unscanned}`,
      ...bot('error-sending', '<errorSendingMessage>'),
      ...form,
    ],
  },
])

const found = (outcome: SearchOutput['outcome']): Step[] => [
  { says: 'Hello' },
  {
    answers: 'searchConversation',
    with: {
      outcome,
      conversationId: 'ELSEWHERE1',
      agentId: outcome === 'conversationInQueue' ? '' : agentId,
    } satisfies SearchOutput,
  },
]

chats('a conversation exists already (LC3)', [
  {
    title: 'LC3: conversationActive: the message is appended and no form is sent',
    steps: found('conversationActive'),
    ends: 'active.talking',
    sent: ['searchConversation', 'append Inbound: Hello'],
  },
  {
    title: 'LC3: conversationInQueue: the message is appended and no form is sent',
    steps: found('conversationInQueue'),
    ends: 'inQueue.queued',
    sent: ['searchConversation', 'append Inbound: Hello'],
  },
  {
    title: 'LC3, A36: conversationOnHold: the message is appended and no form is sent',
    steps: found('conversationOnHold'),
    ends: 'active.onHold',
    sent: ['searchConversation', 'append Inbound: Hello'],
  },
  {
    title: 'LC2, LC3: our own is known without a search; each message is appended, in every stage of it',
    given: toForm,
    steps: [
      { form: answers },
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
      'append Inbound: Name=Ana Ruiz Email=ana.ruiz@example.test Query=Insurance',
      'createTask Insurance',
      'append Inbound: one',
      'updateConversation',
      'append Inbound: two',
      'addParticipant 5021',
      'append Inbound: three',
      ...routedNotice,
      'append Inbound: four',
    ],
  },
  {
    title: 'LC2: a customer who comes back after retention is searched for again',
    policy: { retentionDays: 1 },
    given: [...toChatClosed, { timer: 'retention' }],
    steps: [{ says: 'Long time' }],
    ends: 'noConversation.searching',
    sent: ['searchConversation'],
  },
])

chats('the form', [
  {
    title: 'LC5, LC6: its answer is appended, and the task is created with the script selector of the query',
    given: toForm,
    steps: [{ form: answersWithPhone }],
    ends: 'noConversation.creatingTask.wanted',
    sent: [`append Inbound: ${formFields}`, 'createTask Insurance'],
  },
  ...(
    [
      ['Billing', 'Billing'],
      [' billing ', 'Billing'],
      ['Something else', 'Other'],
      ['', 'Other'],
    ] as const
  ).map(
    ([Query, selector]): Story => ({
      title: `LC6, E20: the query ${JSON.stringify(Query)} asks for the script selector ${selector}`,
      given: toForm,
      steps: [{ form: { Query } }],
      ends: 'noConversation.creatingTask.wanted',
      sent: [`append Inbound: Query=${Query}`, `createTask ${selector}`],
    }),
  ),
  {
    title: 'E20: a form without a query asks for the default script selector',
    given: toForm,
    steps: [{ form: { Name: 'Ana' } }],
    ends: 'noConversation.creatingTask.wanted',
    sent: ['append Inbound: Name=Ana', 'createTask Other'],
  },
  {
    title: 'LC8-LC10: an answer with card data is appended as it was masked, and the customer is warned once',
    given: toForm,
    steps: [{ form: { Name: '************1111', Query: 'Billing' }, scan: 'masked' }],
    ends: 'noConversation.creatingTask.wanted',
    sent: ['append Inbound: Name=************1111 Query=Billing', ...sensitive, 'createTask Billing'],
  },
  {
    title: 'A11, E15: a message beside the form is appended, and the form is shown once more',
    given: toForm,
    steps: [{ says: 'Hello?' }],
    ends: 'noConversation.preChatForm',
    sent: ['append Inbound: Hello?', ...form],
  },
  {
    title: 'A11, E15: it is shown again at most once, however much is written; nothing written is lost',
    given: toForm,
    steps: [{ says: 'a' }, { says: 'b' }, { says: 'c' }, { form: answers }],
    ends: 'noConversation.creatingTask.wanted',
    sent: [
      'append Inbound: a',
      ...form,
      'append Inbound: b',
      'append Inbound: c',
      'append Inbound: Name=Ana Ruiz Email=ana.ruiz@example.test Query=Insurance',
      'createTask Insurance',
    ],
  },
  {
    title: 'A11: in a new conversation the count begins anew',
    given: [...toForm, { says: 'a' }, { timer: 'formTimeout' }, { answers: 'closeConversation' }],
    steps: [{ says: 'Back' }, { answers: 'createConversation' }, { says: 'b' }, { says: 'c' }],
    ends: 'noConversation.preChatForm',
    sent: ['createConversation: Back', ...form, 'append Inbound: b', ...form, 'append Inbound: c'],
  },
  {
    title: 'A10, E16: not answered in time, it closes silently, with a note to the transcript',
    given: toForm,
    steps: [{ timer: 'formTimeout' }],
    ends: 'closed.closingConversation',
    sent: ['append Announcement: The customer did not answer the form in time.', 'closeConversation'],
  },
  {
    title: 'E18: answered twice it makes one task',
    given: toForm,
    steps: [
      { form: answers },
      { form: { Query: 'Billing' } },
      { answers: 'createTask' },
      { form: { Query: 'Billing' } },
    ],
    ends: 'inQueue.created',
    sent: [
      'append Inbound: Name=Ana Ruiz Email=ana.ruiz@example.test Query=Insurance',
      'createTask Insurance',
      'updateConversation',
    ],
  },
  {
    title: 'E19: answered after its time it makes no task',
    given: [...toForm, { timer: 'formTimeout' }],
    steps: [{ form: answers }, { answers: 'closeConversation' }, { form: answers }],
    ends: 'closed.resting',
    sent: [],
  },
  {
    title: 'E19: the next message begins anew, with a form of its own',
    given: [...toForm, { timer: 'formTimeout' }, { answers: 'closeConversation' }, { form: answers }],
    steps: [{ says: 'Still there?' }, { answers: 'createConversation' }, { form: answers }],
    ends: 'noConversation.creatingTask.wanted',
    sent: [
      'createConversation: Still there?',
      ...form,
      'append Inbound: Name=Ana Ruiz Email=ana.ruiz@example.test Query=Insurance',
      'createTask Insurance',
    ],
  },
  {
    title: 'A7: "End Conversation" instead of an answer closes, and there is no End Task',
    given: toForm,
    steps: [endsIt],
    ends: 'closed.closingConversation',
    sent: ['append Inbound: End Conversation', ...closedByBot],
  },
])

const technical = ['error-technical-issue', 'errorTechnicalIssue'] as const
const notAvailable = ['error-service-not-available', 'errorServiceNotAvailable'] as const
const creationFailures: [what: string, code: AskErrorCode, purpose: string, text: string][] = [
  ['LC16, E27: too many requests', 'tooManyRequests', 'err-msg-toomanyrequests', 'err_msg_toomanyrequests'],
  ['E26: the queue is full', 'queueFull', ...notAvailable],
  ['E30: the routing service is unavailable', 'serviceUnavailable', ...notAvailable],
  ['LC17, E28, G3: the request or its authorization is refused', 'refused', ...technical],
  ['LC17, E30: the routing service is not found', 'notFound', ...technical],
  ['LC17, E30: any other failure', 'failed', ...technical],
]
const failsWith = ([what, code, purpose, text]: (typeof creationFailures)[number]): Story => ({
  title: `${what}: the customer is told ${text}, and it closes`,
  given: toChatTask,
  steps: [{ fails: 'createTask', code }],
  ends: 'closed.closingConversation',
  sent: [...bot(purpose, `<${text}>`), 'closeConversation'],
})

chats('the task', [
  {
    title: 'LC15: once the task exists its id goes into the conversation',
    given: toChatTask,
    steps: [{ answers: 'createTask' }],
    ends: 'inQueue.created',
    sent: ['updateConversation'],
  },
  {
    title: 'E25: a repeated call that finds the task already there (20200) is a success',
    given: toChatTask,
    steps: [{ answers: 'createTask', with: { how: 'existed' } }],
    ends: 'inQueue.created',
    sent: ['updateConversation'],
  },
  ...creationFailures.map(failsWith),
  {
    title: 'E25, T10: a creation that is never answered is a technical issue; the task it made late is ended',
    given: toChatTask,
    steps: [{ timer: 'askTimeout' }, { late: 'createTask' }],
    ends: 'closed.closingConversation',
    sent: [
      ...bot('error-technical-issue', '<errorTechnicalIssue>'),
      'closeConversation',
      'endTask CD_TASK_CUSTOMER_ABANDON',
    ],
  },
  {
    title: 'CR1: CREATED is told',
    given: toChatCreated,
    steps: [{ task: 'created' }],
    ends: 'inQueue.created',
    sent: createdNotice,
  },
  {
    title: 'QU1-QU3: estimates are told, the first QUEUED without one is silent',
    given: toChatCreated,
    steps: [{ task: 'queued' }, { task: 'queued', estimatedWaitSeconds: 300 }],
    ends: 'inQueue.queued',
    sent: waitNotice(5),
  },
  {
    title: 'RO1, RO3: the agent is added, then told',
    given: toChatQueued,
    steps: [{ task: 'routed' }, { answers: 'addParticipant' }],
    ends: 'active.talking',
    sent: ['addParticipant 5021', ...routedNotice],
  },
  {
    title: 'TR1-TR4: a transfer puts the task back in and is told',
    given: toChatTalking,
    steps: [
      { task: 'transferred', scriptSelector: 'Support' },
      { answers: 'removeParticipant' },
      { answers: 'recreateTask' },
    ],
    ends: 'inQueue.created',
    sent: ['removeParticipant 5021', 'createTask Support', ...transferredNotice],
  },
  {
    title: 'CC1, CL1, CL2: CLOSED is told once and closes the conversation',
    given: toChatTalking,
    steps: [{ task: 'closed' }, { task: 'closed' }, { answers: 'closeConversation' }],
    ends: 'closed.resting',
    sent: closedNotice,
  },
])

chats('"End Conversation" with a task', [
  {
    title: 'E33: while the task is being created it is ended as soon as it exists',
    given: toChatTask,
    steps: [endsIt, { answers: 'createTask' }],
    ends: 'inQueue.ending.askingEnd',
    sent: ['append Inbound: End Conversation', 'endTask CD_TASK_CUSTOMER_ABANDON'],
  },
  {
    title: 'E74, A6: in the queue it is ended as abandoned, and told closed once, by CLOSED',
    given: toChatQueued,
    steps: [endsIt, { answers: 'endTask' }, { task: 'closed', disposition: 'CD_TASK_CUSTOMER_ABANDON' }],
    ends: 'closed.closingConversation',
    sent: ['append Inbound: End Conversation', 'endTask CD_TASK_CUSTOMER_ABANDON', ...closedNotice],
  },
  {
    title: 'E74, A4: with an agent it is ended as normal, and told closed once, by CLOSED',
    given: toChatTalking,
    steps: [endsIt, { answers: 'endTask' }, { task: 'closed' }],
    ends: 'closed.closingConversation',
    sent: ['append Inbound: End Conversation', 'endTask CD_NORMAL_END_TASK', ...closedNotice],
  },
])

chats('Engage does not answer', [
  {
    title: 'LC17: a failed search is a technical issue, told once for all messages that waited',
    given: [{ says: 'Hello' }, { says: 'Hello?' }],
    steps: [{ fails: 'searchConversation' }],
    ends: 'closed.searchFailed',
    sent: technicalIssue,
  },
  {
    title: 'LC17: a search that is never answered ends the same way',
    given: [{ says: 'Hello' }],
    steps: [{ timer: 'askTimeout' }],
    ends: 'closed.searchFailed',
    sent: technicalIssue,
  },
  {
    title: 'LC17: a failed creation is a technical issue',
    given: searched,
    steps: [{ fails: 'createConversation' }],
    ends: 'closed.resting',
    sent: technicalIssue,
  },
  {
    title: 'LC17, T10: a creation that is never answered is one too; what it made late is closed',
    given: searched,
    steps: [{ timer: 'askTimeout' }, { late: 'createConversation' }],
    ends: 'closed.resting',
    sent: [...technicalIssue, 'closeConversation'],
  },
])
