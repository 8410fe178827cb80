/**
 * The verdict of a load run, from the outside: what customers know themselves, held against the turns of their
 * conversations, the desk's transcripts, and what they have read. Speaks to the reading doors of node and desk.
 * Invariant: each message is in the turns of its conversation and in the agent's transcript exactly once; each thing the
 * business said, Parley or an agent, was read exactly once.
 */
import type { ConversationReading, TurnReading } from '../../runtime/history.ts'
import type { Customer } from './customer.ts'
import { getJson } from './get-json.ts'
import type { LoadPlace } from './place.ts'

export interface Verdict {
  turns: number
  replies: number
  /** In words; by whose conversation. */
  lost: string[]
  doubled: string[]
  /** First answers by Parley, in milliseconds from the stored event to the stored turn of its first message. */
  waits: { channel: string; ms: number }[]
}

export async function checkCustomer(place: LoadPlace, customer: Customer): Promise<Verdict> {
  const { channel, asset, customer: who } = customer.address
  const query = new URLSearchParams({ channel, asset, customer: who })
  const { items } = await getJson<{ items: ConversationReading[] }>(`${place.url}/v1/conversations?${query}`)
  const [conversation] = items
  if (!conversation) {
    return { turns: 0, replies: 0, lost: customer.accepted.map(() => `a message of ${who}`), doubled: [], waits: [] }
  }
  const turns = await getJson<TurnReading[]>(`${place.url}/v1/conversations/${conversation.id}/turns`)
  const transcript = (await Promise.all(conversationsIn(turns).map((id) => transcriptOf(place, id)))).flat()
  const said = repliesOf(turns, transcript)
  const differences = [
    compared(`turns of ${who}`, customer.accepted, messagesIn(turns)),
    compared(`forms of ${who}`, Array(customer.forms).fill('form'), formsIn(turns)),
    compared(`transcript of ${who}`, customer.accepted, heardIn(transcript)),
    compared(`replies to ${who}`, said, await customer.seen()),
  ]
  return {
    turns: turns.length,
    replies: said.length,
    lost: differences.flatMap(({ lost }) => lost),
    doubled: differences.flatMap(({ doubled }) => doubled),
    waits: waitsIn(turns).map((ms) => ({ channel, ms })),
  }
}

interface TranscriptLine {
  direction: string
  text: string
  by?: string
}

/** A customer who goes on after the end begins another one. */
function conversationsIn(turns: readonly TurnReading[]): string[] {
  const named = turns
    .flatMap(({ effects }) => effects)
    .map(({ payload }) => String((payload as { conversationId?: string }).conversationId ?? ''))
  return [...new Set(named)].filter((id) => id !== '')
}

async function transcriptOf({ deskUrl }: LoadPlace, conversationId: string): Promise<TranscriptLine[]> {
  return (await getJson<{ transcript: TranscriptLine[] }>(`${deskUrl}/desk/conversations/${conversationId}`)).transcript
}

const textOf = ({ event }: TurnReading): string => (event.data as { text?: string }).text ?? ''
const ofType = (turns: readonly TurnReading[], type: string) => turns.filter(({ event }) => event.type === type)
const messagesIn = (turns: readonly TurnReading[]) => ofType(turns, 'parley.message.received').map(textOf)
const formsIn = (turns: readonly TurnReading[]) => ofType(turns, 'parley.form.submitted').map(() => 'form')
/** Of the customer's own words: a form is a line of the transcript, too. */
const heardIn = (transcript: readonly TranscriptLine[]) =>
  transcript.filter(({ direction }) => direction === 'Inbound').flatMap(({ text }) => (text === '' ? [] : [text]))

/** What Parley was to say, and what agents wrote. */
function repliesOf(turns: readonly TurnReading[], transcript: readonly TranscriptLine[]): string[] {
  const own = turns
    .flatMap(({ effects }) => effects)
    .flatMap(({ type, payload }) => (type === 'sendMessage' ? [(payload as { text: string }).text] : []))
  return [...own, ...transcript.flatMap(({ by, text }) => (by === undefined ? [] : [text]))]
}

function waitsIn(turns: readonly TurnReading[]): number[] {
  const first = turns[0]
  const answered = turns.find(({ effects }) => effects.some(({ type }) => type === 'sendMessage'))
  return first && answered ? [Date.parse(answered.at) - Date.parse(first.event.time)] : []
}

/** By count: who says the same twice is to be heard twice. */
function compared(what: string, wanted: readonly string[], found: readonly string[]) {
  const counts = new Map<string, number>()
  for (const text of wanted) counts.set(text, (counts.get(text) ?? 0) + 1)
  for (const text of found) counts.set(text, (counts.get(text) ?? 0) - 1)
  const told = (text: string, count: number) => `${what}: “${text.slice(0, 60)}” ${Math.abs(count)} times`
  const all = [...counts]
  return {
    lost: all.flatMap(([text, count]) => (count > 0 ? [told(text, count)] : [])),
    doubled: all.flatMap(([text, count]) => (count < 0 ? [told(text, count)] : [])),
  }
}
