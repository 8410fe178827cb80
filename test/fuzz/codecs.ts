/**
 * Everything that reads what others wrote, as functions of one value, each with the samples it is for and the only errors
 * that it may answer with.
 */
import { EffectError, MalformedBody } from '../../adapters/adapter.ts'
import { emailDoor } from '../../adapters/connect/email-door.ts'
import { liveChatDoor } from '../../adapters/connect/live-chat-door.ts'
import { sendAnswer } from '../../adapters/connect/message-codec.ts'
import { receiptsDoor } from '../../adapters/connect/receipts-door.ts'
import { smsDoor } from '../../adapters/connect/sms-door.ts'
import { createTaskAnswer, endTaskAnswer } from '../../adapters/digital-routing/answer.ts'
import { checkTaskAnswer } from '../../adapters/digital-routing/check-task.ts'
import { webhookDoor } from '../../adapters/digital-routing/webhook-door.ts'
import { engageCalls } from '../../adapters/engage/engage-codec.ts'
import { engageOutput } from '../../adapters/engage/outcome.ts'
import { maskDeep } from '../../machines/sensitive-data.ts'
import { causeOf, type Envelope } from '../../runtime/envelope.ts'
import { maskedEvent } from '../../runtime/masked-event.ts'
import { nodeWordIn } from '../../runtime/node-state.ts'
import { sample, samplesIn } from '../samples.ts'

export interface Codec {
  name: string
  samples: readonly unknown[]
  read: (value: unknown) => unknown
  /** Whether an error is one of its own; any other is a crash. */
  mayThrow: (error: unknown) => boolean
}

const received = '2026-03-02T14:00:00.000Z'
const all = (folder: string, prefix = '') => samplesIn(folder, prefix).map((path) => sample<unknown>(path))
const effectError = (error: unknown) => error instanceof EffectError

/** As `accept` does it: parsed, then masked, and written down as JSON. */
const doors = [
  { door: smsDoor, samples: all('inbound', 'sms-') },
  { door: liveChatDoor, samples: all('inbound', 'livechat-') },
  { door: emailDoor, samples: all('inbound', 'email-') },
  { door: webhookDoor, samples: all('dr-webhooks') },
  { door: receiptsDoor, samples: all('outbound', 'receipt-') },
].map(
  ({ door, samples }): Codec => ({
    name: `door ${door.name}`,
    samples,
    read: (body) => {
      const heard = door.parse(body, received)
      return JSON.stringify('event' in heard ? maskedEvent(heard.event) : maskDeep(body))
    },
    mayThrow: (error) => error instanceof MalformedBody,
  }),
)

const statuses = [200, 201, 204, 302, 400, 404, 429, 500, 503]
const answers = (
  name: string,
  samples: unknown[],
  read: (answer: { status: number; body: unknown; retryAfterMs: undefined }) => unknown,
): Codec => ({
  name,
  samples: samples.flatMap((body) => statuses.map((status) => ({ status, body }))),
  read: (value) => {
    const { status, body } = (value ?? {}) as { status?: unknown; body?: unknown }
    return read({ status: typeof status === 'number' ? status : 200, body, retryAfterMs: undefined })
  },
  mayThrow: effectError,
})

const routing = all('dr-api').filter((_, index) => index >= 0)
const envelopes = [
  {
    specversion: '1.0',
    id: 'a',
    source: '/doors/sms',
    type: 'parley.message.received',
    subject: 'x',
    time: received,
    data: { text: 'Hi' },
    channel: 'sms',
    asset: '1',
    customer: '+1',
  },
  {
    specversion: '1.0',
    id: 'a',
    source: '/transmit',
    type: 'parley.ask.answered',
    subject: 'x',
    time: received,
    data: { ask: 'a', type: 'createTask', key: 'k', output: {} },
  },
  {
    specversion: '1.0',
    id: 'a',
    source: '/timers',
    type: 'parley.timer.due',
    subject: 'x',
    time: received,
    data: { timer: 't', generation: 1 },
  },
]

export const codecs: readonly Codec[] = [
  ...doors,
  answers('answer createTask', routing, createTaskAnswer),
  answers('answer endTask', routing, endTaskAnswer),
  answers('answer checkTask', routing, (answer) => checkTaskAnswer(answer, 'task', received)),
  answers('answer sendMessage', all('outbound'), sendAnswer),
  ...engageCalls.map((call) => answers(`answer ${call}`, all('engage'), (answer) => engageOutput(call, answer))),
  {
    name: 'stored event',
    samples: envelopes,
    read: (value) => causeOf(value as Envelope),
    mayThrow: (error) => error instanceof Error && error.constructor === Error,
  },
  {
    name: 'word of a node',
    samples: [{ leaves: 'x' }],
    read: (value) => nodeWordIn(JSON.stringify(value) ?? ''),
    mayThrow: () => false,
  },
]
