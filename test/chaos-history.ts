/**
 * A history as a run without any trouble would leave it: one customer, one conversation, from the first text to the close.
 * Written by hand for the tests of the checks, which falsify it.
 */
import type { Delivery, Entry, Task } from '../adapters/desk/entries.ts'
import { idempotencyKey } from '../runtime/record.ts'
import type { Accepted, History, HistoryTurn, JournalEntry, StoredTurn, WireCall } from '../scenarios/chaos/history.ts'

export const actor = 'a1b2c3d4e5f60718'
const conversationId = '37392BAD3E6343B4'
const taskId = '5b7c1c1e-0000-4000-8000-000000000001'
const begun_ms = Date.parse('2026-03-02T14:05:11.000Z')
const turn_ms = 100
const call_ms = 10

type Effect = HistoryTurn['effects'][number]

/** What each turn heard, the state it led to, and what it asked for. */
const story: { hears: string | { text: string }; state: string; effects: Effect[] }[] = [
  { hears: { text: '#1.1 Hello' }, state: 'noConversation.searching', effects: [asks('searchConversation')] },
  { hears: 'ask.answered', state: 'noConversation.creatingConversation', effects: [asks('createConversation')] },
  { hears: 'ask.answered', state: 'noConversation.menu', effects: [sends('menu')] },
  {
    hears: { text: '#1.2 Billing' },
    state: 'noConversation.creatingTask',
    effects: [writes('#1.2 Billing'), asks('createTask')],
  },
  { hears: 'ask.answered', state: 'inQueue.created', effects: [] },
  { hears: 'task.created', state: 'inQueue.queued', effects: [sends('created')] },
  { hears: { text: '#1.3 Still there?' }, state: 'inQueue.queued', effects: [writes('#1.3 Still there?')] },
  { hears: 'task.closed', state: 'closed.closing', effects: [sends('closed'), asks('closeConversation')] },
  { hears: 'ask.answered', state: 'closed.resting', effects: [] },
]

/** A new one each time, so that a test may spoil it. */
export function cleanHistory(): History {
  const turns = story.map((_, index) => turnAt(index))
  const effects = turns.flatMap((turn) =>
    turn.record.effects.map((effect, index) => ({ turn, effect, key: idempotencyKey(actor, turn.sequence, index) })),
  )
  const ended: Entry = { ...at(0), type: 'taskClosed', data: { task: task('CLOSED') }, deliveries: [webhook('CLOSED')] }
  const entries = effects.map(({ effect, key }) => entryOf(effect, key))
  const closing = entries.findIndex(
    ({ type, data }) => type === 'textsSent' && JSON.stringify(data).includes(':closed'),
  )
  const journal = entries
    .toSpliced(closing, 0, ended)
    .map((entry, index): JournalEntry => ({ sequence: index + 1, entry }))
  return {
    turns,
    outcomes: turns
      .filter(({ record }) => record.effects.length > 0)
      .map(({ sequence, record }) => ({
        actor,
        revision: sequence,
        outcomes: record.effects.map((_, index) => ({ index, status: 'done' as const, attempts: 1 })),
      })),
    waiting: [],
    inClear: [],
    deadLetters: [],
    journal,
    calls: effects.map(({ turn, effect, key }): WireCall => {
      const path = paths[effect.type] ?? `/engage/v1/${effect.type}`
      return { at_ms: turn.stored_ms + call_ms, method: 'POST', path, key, body: `hash of ${key}`, status: 200 }
    }),
    accepted: turns.flatMap(({ record: { cause }, stored_ms }): Accepted[] => {
      if (cause.type !== 'parley.message.received') return []
      const [token = ''] = (cause.data as { text: string }).text.split(' ')
      return [{ eventId: cause.id, address: place, token, sent_ms: stored_ms - 40, answered_ms: stored_ms - 20 }]
    }),
  }
}

const place = { channel: 'sms', asset: '14155550100', customer: '+14155500001' } as const
const paths: Record<string, string> = { sendMessage: '/v2/messages', createTask: '/drapi/v1/tasks' }

function turnAt(index: number): StoredTurn {
  const { hears, state, effects } = story[index]!
  const written = typeof hears === 'object'
  return {
    sequence: index + 1,
    stored_ms: begun_ms + index * turn_ms,
    record: {
      actor,
      machine: { id: 'sms', version: '2', shape: '5a0e19e9da1e42c1' },
      address: place,
      turn: index + 1,
      input: { sequence: 10 + index, time_ns: String((begun_ms + index) * 1_000_000) },
      before: story[index - 1]?.state ?? 'noConversation.idle',
      state,
      heard: 'turned',
      cause: {
        id: written ? `tid-${index}` : `event-${index}`,
        source: written ? '/doors/sms' : '/transmit',
        type: written ? 'parley.message.received' : (`parley.${hears}` as 'parley.ask.answered'),
        data: (written ? { text: hears.text } : {}) as never,
      },
      effects,
    },
  }
}

function asks(type: string): Effect {
  return { type, payload: {} }
}

function sends(purpose: string): Effect {
  return { type: 'sendMessage', payload: { purpose } }
}

function writes(text: string): Effect {
  return { type: 'appendConversation', payload: { direction: 'Inbound', text } }
}

const at = (ms: number) => ({ at: new Date(begun_ms + ms).toISOString() })

/** What the desk writes down for an effect; a search changes nothing there. */
function entryOf({ type, payload }: Effect, key: string): Entry {
  const asked = {
    call: type as 'createTask',
    key,
    fingerprint: `of ${key}`,
    status: 200,
    taskId,
    conversationId,
    customer: '',
  }
  const response = { status: 200, body: {} }
  const done = { ...at(0), asked, response }
  const { purpose, text = '' } = payload as { purpose?: string; text?: string }
  if (type === 'createConversation') return { ...done, type: 'conversationCreated', data: { conversation } }
  if (type === 'createTask')
    return { ...done, type: 'taskCreated', data: { task: task('QUEUED') }, deliveries: [webhook('CREATED')] }
  if (type === 'sendMessage') return { ...done, type: 'textsSent', data: { texts: [textOf(`${purpose}`)] } }
  if (type === 'appendConversation')
    return {
      ...done,
      type: 'messageAppended',
      data: { conversationId, line: { ...at(0), direction: 'Inbound', text } },
    }
  if (type === 'closeConversation')
    return { ...done, type: 'conversationChanged', data: { conversationId, change: { status: 'Closed' } } }
  return { ...done, type: 'asked', data: {} }
}

const textOf = (purpose: string) => {
  const correlationId = `conv:${conversationId}:${purpose}`
  return { ...at(0), number: '', from: '', text: '', transid: purpose, correlationId }
}

const conversation = {
  conversationId,
  channel: 'SMS',
  customer: place.customer,
  business: place.asset,
  threadId: '',
  customerName: '',
  customerEmail: '',
  status: 'InQueue' as const,
  userId: null,
  participants: [],
  taskId: '',
  createdAt: '',
  updatedAt: '',
  transcript: [{ ...at(0), direction: 'Inbound' as const, text: '#1.1 Hello' }],
}

const task = (state: Task['state']): Task => ({ taskId, conversationId, state }) as Task

function webhook(type: string): Delivery {
  return { id: type, kind: 'webhook', lane: taskId, type, taskId, to: '', body: {} }
}
