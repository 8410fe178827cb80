/** How the console says things: states, events, moments and spans in plain words. Pure. */
import type { TurnReading } from '../runtime/history.ts'

/** What kind of state it is, which is its colour. */
export const toneOf = (state: string): string => state.split('.')[0] ?? ''

export const stateWords: Record<string, string> = {
  noConversation: 'getting started',
  inQueue: 'in the queue',
  active: 'with an agent',
  callback: 'callback',
  closed: 'closed',
}

export const channelWords: Record<string, string> = { sms: 'SMS', 'live-chat': 'Chat', email: 'Email' }

/** Who caused a turn: the lanes of the sequence diagram. */
export type Party = 'customer' | 'machine' | 'store' | 'router' | 'channel'

export interface Cause {
  party: Party
  words: string
  /** What was said, word for word. */
  said?: string
}

type Data = Record<string, unknown>

export function causeOf({ event }: Pick<TurnReading, 'event'>): Cause {
  const data = (event.data ?? {}) as Data
  const type = event.type.replace(/^parley\./, '')
  if (type === 'message.received')
    return { party: 'customer', words: 'the customer wrote', said: String(data.text ?? '') }
  if (type === 'form.submitted') return { party: 'customer', words: 'the customer filled in the form' }
  if (type === 'postback.received') {
    return { party: 'customer', words: 'the customer pressed', said: String(data.title ?? data.identifier ?? '') }
  }
  if (type === 'thread.closed') return { party: 'customer', words: 'the customer closed the window' }
  if (type === 'timer.due') return { party: 'machine', words: `after ${String(data.timer).split('.')[2] ?? 'a while'}` }
  if (type === 'ask.answered') {
    const failed = data.error as { code?: string } | undefined
    const words = failed ? `${data.type} failed: ${failed.code}` : `${data.type} done`
    return { party: partyOfEffect(String(data.type)), words }
  }
  if (type.startsWith('task.')) return { party: 'router', words: taskWords(type, data) }
  if (type === 'receipt.updated') return { party: 'channel', words: `receipt: ${data.status}` }
  return { party: 'machine', words: type }
}

function taskWords(type: string, data: Data): string {
  const wait = typeof data.estimatedWaitSeconds === 'number' ? `, wait ${span(data.estimatedWaitSeconds * 1_000)}` : ''
  const agent = data.agentId ? `, agent ${data.agentId}` : ''
  const reason = data.disposition ?? data.cause
  const why = reason ? `, ${reason}` : ''
  return `task ${type.slice('task.'.length)}${agent}${why}${wait}`
}

/** Where an effect goes. */
export function partyOfEffect(type: string): Party {
  if (type === 'sendMessage') return 'channel'
  if (/Task$/.test(type)) return 'router'
  return type === 'raiseAlert' ? 'machine' : 'store'
}

export const partyWords: Record<Party, string> = {
  customer: 'Customer',
  machine: 'Machine',
  store: 'Engage',
  router: 'Router',
  channel: 'Channel',
}

/** Why a turn changed nothing. */
export const heardWords: Record<TurnReading['heard'], string> = {
  turned: '',
  ignored: 'heard, and nothing to do about it in this state',
  stale: 'late: the state that waited for it was left',
}

export const timeOf = (at: string): string => new Date(at).toLocaleTimeString([], { hour12: false })

/** `4 s`, `12 min`, `3 h`, `5 days`. */
export function span(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1_000))
  if (s < 90) return `${s} s`
  if (s < 5_400) return `${Math.round(s / 60)} min`
  return s < 172_800 ? `${Math.round(s / 3_600)} h` : `${Math.round(s / 86_400)} days`
}

/** The same of few seconds, to the tenth, as an axis needs it. */
export const spanOfSeconds = (seconds: number): string =>
  seconds < 10 ? `${Math.round(seconds * 10) / 10} s` : span(seconds * 1_000)

export const ago = (at: string, now: number): string => {
  const ms = now - Date.parse(at)
  return ms < 1_000 ? 'just now' : `${span(ms)} ago`
}
