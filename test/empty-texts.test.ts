/**
 * An empty text takes a notice out for an asset, as removing a channel's branch from a webhook flow would: nothing is sent
 * to the customer, nothing is written to the transcript, and everything else happens (flows.md section 9, G6, G7).
 */
import { expect, test } from 'vitest'
import { noticeKeys, type TextKey } from '../machines/texts.ts'
import { callbackLine, chatTaskClosed, leaves, toCallback, toChatTalking } from './chat.ts'
import { driveOn, type Line, type Step, smsLine, toCreated, toQueued, toRecreating, toTalking } from './drive.ts'

const closed = (disposition: string): Step => ({ task: 'closed', disposition })

/** Where each notice is told: what leads there, the step that tells it, and what that step does besides. */
const told: Record<string, { line?: Line; given: Step[]; step: Step; besides: string[] }> = {
  CreatedMessage: { given: toCreated, step: { task: 'created' }, besides: [] },
  QueuedMessage: { given: toQueued, step: { task: 'queued', estimatedWaitSeconds: 60 }, besides: [] },
  RoutedMessage: { given: [...toQueued, { task: 'routed' }], step: { answers: 'addParticipant' }, besides: [] },
  TransferredMessage: { given: toRecreating, step: { answers: 'recreateTask' }, besides: [] },
  ClosedMessage: { given: toTalking, step: closed('CD_NORMAL_END_TASK'), besides: ['closeConversation'] },
  ClosedMessageTimeout: {
    given: toQueued,
    step: closed('CD_MAX_DIALOG_LIFETIME_EXCEEDED'),
    besides: ['closeConversation'],
  },
  ClosedMessageFailure: { given: toQueued, step: closed('CD_FAILED_NO_TARGET'), besides: ['closeConversation'] },
  ClosedMessageAbandon: { given: toQueued, step: closed('CD_TASK_CUSTOMER_ABANDON'), besides: ['closeConversation'] },
  WebCallbackMessage: { line: callbackLine, given: toCallback, step: chatTaskClosed, besides: ['closeConversation'] },
  WebCallbackAgentFound: {
    line: callbackLine,
    given: [...toCallback, chatTaskClosed],
    step: closed('CD_NORMAL_END_TASK'),
    besides: [],
  },
  CallbackPending: {
    line: callbackLine,
    given: toCallback,
    step: { says: 'When?' },
    besides: ['append Inbound: When?'],
  },
  customerLeft: { line: callbackLine, given: toChatTalking, step: leaves, besides: [] },
}

test.each(noticeKeys)('G6, G7: %s is told, and with an empty text it is not, while all else happens', (key) => {
  const { line = smsLine, given, step, besides } = told[key]!
  const sentWith = (words: string) => {
    const conversation = driveOn(line, {}, [], { [key as TextKey]: words })
    conversation.play(...given)
    return conversation.play(step)
  }
  const [silent, loud] = [sentWith(''), sentWith('<words>')]
  expect(loud.sent.filter((line) => line.includes('<words>'))).not.toEqual([])
  expect(silent).toMatchObject({ state: loud.state, sent: besides })
  expect(loud.sent.filter((line) => !line.includes('<words>'))).toEqual(besides)
})

test('G6, E77: a yes that comes when the chat is over is not answered with an empty text', () => {
  const conversation = driveOn(callbackLine, {}, [], { ClosedMessage: '' })
  conversation.play(...toCallback.slice(0, -3), { task: 'closed' }, { answers: 'closeConversation' })
  expect(conversation.play({ press: 'callback-yes' }).sent).toEqual([])
})
