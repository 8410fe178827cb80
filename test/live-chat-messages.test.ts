/**
 * What a chat customer writes beside the form, in the queue and to an agent (flows.md section 9, LC3, LC8-LC11, LC17),
 * and from which window. Every story is told of both machines of live chat.
 */
import type { Attachment } from '../machines/events.ts'
import { chats, form, toChatQueued, toChatTalking, toChatTask, toForm } from './chat.ts'
import { bot, closedNotice, type Story, sensitive, waitNotice } from './story.ts'

const unscanned = 'System Alert: a message could not be received due to scan service issues'
const claim: Attachment = { name: 'claim.pdf', contentType: 'application/pdf', url: 'https://files.example/claim.pdf' }
const droppedFor = (reason: NonNullable<Attachment['dropped']>): Attachment => ({
  name: 'card.pdf',
  contentType: 'application/pdf',
  url: '',
  dropped: reason,
})

chats('what is written in the queue and to an agent', [
  ...([toChatQueued, toChatTalking] as const).flatMap((given): Story[] => {
    const ends = given === toChatQueued ? 'inQueue.queued' : 'active.talking'
    const notice = (reason: string) => bot('attachment-dropped', `<attachmentDropped ${reason}>`)
    return [
      {
        title: `LC8-LC10: ${ends}: card data is appended masked, and the customer warned`,
        given,
        steps: [{ says: 'It is ************1111', scan: 'masked' }],
        ends,
        sent: ['append Inbound: It is ************1111', ...sensitive],
      },
      {
        title: `E5: ${ends}: a blank message reads "No text"`,
        given,
        steps: [{ says: '' }],
        ends,
        sent: ['append Inbound: No text'],
      },
      {
        title: `LC3: ${ends}: files go along with their text, and alone without one`,
        given,
        steps: [
          { says: 'See this', attachments: [claim] },
          { says: '', attachments: [claim] },
        ],
        ends,
        sent: ['append Inbound: See this [claim.pdf]', 'append Inbound: [claim.pdf]'],
      },
      ...(['sensitive', 'malicious', 'unprocessable'] as const).map(
        (reason): Story => ({
          title: `LC9, LC11: ${ends}: a file dropped as ${reason} is appended as dropped, the others stay, and it is told`,
          given,
          steps: [{ says: 'Files', attachments: [claim, droppedFor(reason)] }],
          ends,
          sent: [`append Inbound: Files [claim.pdf] [dropped ${reason}]`, ...notice(reason)],
        }),
      ),
      {
        title: `A47: ${ends}: card data in text and file are told in one warning`,
        given,
        steps: [{ says: '************1111', scan: 'masked', attachments: [droppedFor('sensitive')] }],
        ends,
        sent: [
          'append Inbound: ************1111 [dropped sensitive]',
          ...bot('sensitive-data-notice', '<sensitiveDataNotice> <attachmentDropped sensitive>'),
        ],
      },
      {
        title: `A47: ${ends}: each reason is told once, in one message`,
        given,
        steps: [{ says: '', attachments: [droppedFor('sensitive'), droppedFor('malicious'), droppedFor('sensitive')] }],
        ends,
        sent: [
          'append Inbound: [dropped sensitive] [dropped malicious] [dropped sensitive]',
          ...bot('attachment-dropped', '<attachmentDropped sensitive> <attachmentDropped malicious>'),
        ],
      },
      {
        title: `A48: ${ends}: what could not be scanned is withheld, and told`,
        given,
        steps: [{ says: 'withheld', scan: 'failed' }],
        ends,
        sent: [`append Inbound: ${unscanned}`, ...bot('error-sending', '<errorSendingMessage>')],
      },
      {
        title: `LC17: ${ends}: a message that Engage never took is told to the customer in its own words`,
        given,
        steps: [{ lost: 'appendConversation', direction: 'Inbound' }],
        ends,
        sent: bot('error-sending', '<errorSendingMessage>'),
      },
      {
        title: `E72: ${ends}: a message of ours that the window never took fails nothing`,
        given,
        steps: [{ lost: 'sendMessage' }, { receipt: 'Failed' }],
        ends,
        sent: [],
      },
    ]
  }),
])

/** A second window: what we say follows the customer there. */
chats('another window', [
  ...(
    [
      ['the queue', toChatQueued, { task: 'queued', estimatedWaitSeconds: 60 }, waitNotice(1)],
      ['talk with an agent', toChatTalking, { task: 'closed' }, closedNotice.slice(0, 2)],
    ] as const
  ).map(
    ([where, given, next, sent]): Story => ({
      title: `CR3, QU4: in the ${where}, what is said next goes to the window that the customer wrote from last`,
      given: [...given, { says: 'Here now', thread: 'T2' }],
      steps: [next],
      ends: where === 'the queue' ? 'inQueue.queued' : 'closed.closingConversation',
      sent: [`${sent[0]} @T2`, ...sent.slice(1), ...(where === 'the queue' ? [] : ['closeConversation'])],
    }),
  ),
  {
    title: 'A11, LC5: the form is shown again in the window that the customer wrote from last',
    given: toForm,
    steps: [{ says: 'Here now', thread: 'T2' }],
    ends: 'noConversation.preChatForm',
    sent: ['append Inbound: Here now', `${form[0]} @T2`],
  },
  {
    title: 'LC16: a failed creation is told in the window that the customer wrote from last',
    given: [...toChatTask, { says: 'Here now', thread: 'T2' }],
    steps: [{ fails: 'createTask', code: 'tooManyRequests' }],
    ends: 'closed.closingConversation',
    sent: [
      'send err-msg-toomanyrequests: <err_msg_toomanyrequests> @T2',
      'append Outbound: <err_msg_toomanyrequests>',
      'closeConversation',
    ],
  },
])
