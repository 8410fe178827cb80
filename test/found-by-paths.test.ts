/**
 * What generated paths once found, by its shortest steps: every invariant holds on them now, and the conversation comes to
 * its end.
 */
import { expect, test } from 'vitest'
import { latestDefinition } from '../machines/definitions.ts'
import type { Step } from './drive.ts'
import { drained } from './paths/drain.ts'
import { violations } from './paths/invariants.ts'
import { driveFast, plays } from './paths/line.ts'

const inQueue = { outcome: 'conversationInQueue', conversationId: 'ELSEWHERE1' }
const form = { Name: 'Ana Ruiz', Email: 'ana.ruiz@example.test', Query: 'Insurance', Phone: '+1 (415) 555-0123' }
const hello: Step = { says: 'Hello there', thread: 'T1' }
const back: Step = { says: 'I am back', thread: 'T2' }
const end: Step = { says: 'End Conversation', thread: 'T1' }
const closes: Step = { closes: 'T1' }
const leaves: Step = { closes: '' }
const isFound: Step = { answers: 'searchConversation', with: inQueue }
const created: Step = { task: 'created', taskId: 'task-of-elsewhere' }
const yes: Step = { press: 'callback-yes' }
const lost: Step = { lost: 'appendConversation', direction: 'Inbound' }
const over: Step = { task: 'closed', disposition: 'CD_NORMAL_END_TASK' }
const begun: Step = { answers: 'createConversation' }

const found: [what: string, steps: Step[]][] = [
  ['a lost message of a customer of whom nothing is known (any more)', [lost]],
  ['a form that nobody asked for, from a closed window', [hello, closes, { form, thread: 'T1' }]],
  ['a lost message after a failed search and a closed window', [hello, { fails: 'searchConversation' }, closes, lost]],
  ['a message in a window that was closed before it was looked for', [hello, closes, isFound, hello]],
  ['a closed window, and another one that what is written next waits in', [end, isFound, back, closes]],
  ['a form of the window before', [hello, isFound, closes, over, back, begun, { form, thread: 'T1' }]],
  ['what waits, and is ended as well', [hello, isFound, over, hello, closes, end]],
  [
    'a callback whose answer never comes',
    [hello, isFound, created, yes, { answers: 'cancelChat' }, { timer: 'askTimeout' }],
  ],
  [
    'a callback that ends while the customer waits for the next conversation',
    [hello, isFound, created, yes, { task: 'closed' }, end, hello, over, begun, { form, thread: 'T1' }],
  ],
  [
    'two callbacks that failed, and the first one turns up',
    [
      ...[hello, isFound, created, yes, over, { fails: 'placeCallback' }, { fails: 'openConversation' }],
      ...[hello, begun, { form, thread: 'T1' }, { task: 'created' }, yes, over, { fails: 'placeCallback' }],
      ...[{ timer: 'askTimeout' }, { task: 'queued', taskId: '01234567-89ab-8cde-8f00-0001849a9a42' }],
    ] as Step[],
  ],
  [
    'an answer to a question that nobody asked, after a chat in the place of a callback that could not be begun',
    [
      ...[hello, isFound, created, yes, over, { fails: 'placeCallback' }, { timer: 'askTimeout' }],
      { press: 'callback-yes', taskId: 'of-another-question' },
    ] as Step[],
  ],
  [
    'a callback of which the first thing heard is that an agent has it, and then that nothing answers',
    [...[hello, isFound, created, yes, over], ...[closes, { task: 'routed' }, { timer: 'askTimeout' }]] as Step[],
  ],
  [
    'a callback of which the first thing heard is that it was handed on, and then that nothing answers',
    [...[hello, isFound, created, yes, over], ...[closes, { task: 'transferred' }, { timer: 'askTimeout' }]] as Step[],
  ],
  [
    'a callback that is called off while it is placed, of which the first thing heard is that an agent has it',
    [...[hello, isFound, created, yes, over, end], ...[{ task: 'routed' }, { timer: 'askTimeout' }]] as Step[],
  ],
  [
    'a chat with an agent that is ending, whose end is asked for from a new window, and a window of no name closes',
    [back, { ...isFound, with: { ...inQueue, outcome: 'conversationActive' } }, { timer: 'idleTimeout' }, end, leaves],
  ],
  [
    'a chat taken over in the queue, ended in an older window that then closes',
    [hello, isFound, back, created, end, closes],
  ],
]

const card: Step = { says: 'my card is ************1111', scan: 'masked' }
const unread: Step = { says: '', scan: 'failed' }
const foundByMail: typeof found = [
  ['two mails with card data before there is a conversation', [card, unread, { answers: 'searchConversation' }, begun]],
  [
    'two such mails to a conversation that is over, and is opened again',
    [
      { says: 'Hello' },
      isFound,
      created,
      over,
      card,
      unread,
      { answers: 'closeConversation' },
      { answers: 'reopenConversation' },
    ],
  ],
]

const cases = { email: foundByMail, 'live-chat': found, 'live-chat-with-web-callback': found }
for (const [machine, stories] of Object.entries(cases)) {
  test.each(stories)(`On ${machine} every invariant holds after %s`, (_, steps) => {
    const conversation = driveFast(latestDefinition(machine)!, 'waits')
    for (const step of steps) plays(conversation, step)
    const stuck = drained(conversation)
    expect([...violations(conversation), ...(stuck ? [stuck] : [])]).toEqual([])
  })
}
