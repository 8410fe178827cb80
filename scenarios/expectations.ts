/**
 * What must be true at a point of a scenario, checked against what the customer, Engage and the contact centre can see.
 * Speaks to the desk's readings. Invariant: every text that reached the customer is expected once, none is left over.
 */
import type { Play } from './acts.ts'
import { tasksOf } from './acts.ts'
import { received } from './customer-acts.ts'
import { formAnswers } from './effect-row.ts'
import type { Expect } from './scenario.ts'

/** Checks one `expect` at a time; each starts where the last one of its kind ended. */
export interface Expectations {
  /** One line for each thing that is not as expected: `state: expected …, found …`. `state` is the conversation's now. */
  check(expect: Expect, state: string): Promise<string[]>
  /** What reached the customer and nobody expected. */
  leftOver(): Promise<string[]>
}

export function expectations(play: Play): Expectations {
  let textsSeen = 0
  let linesSeen = 0
  const newTexts = async () => {
    const texts = (await received(play)).map(({ text }) => text)
    const fresh = texts.slice(textsSeen)
    textsSeen = texts.length
    return fresh
  }
  const newLines = async (calls: readonly LedgerRow[]) => {
    const lines = await transcriptOf(play, calls)
    const fresh = lines.slice(linesSeen)
    linesSeen = lines.length
    return fresh
  }
  return {
    async check(expect, state) {
      const calls = await callsOf(play)
      const tasks = await tasksOf(play)
      const counted = Object.entries(expect.calls ?? {}).map(([call, wanted]) =>
        same(`calls.${call}`, wanted, calls.filter((row) => row.call === call).length),
      )
      const made = calls.filter(({ call, status }) => call === 'createConversation' && status === 200).length
      return [
        same('state', expect.state, state),
        ...(expect.received ? matching('received', expect.received, await newTexts()) : []),
        ...(expect.transcript ? matching('transcript', expect.transcript, await newLines(calls)) : []),
        ...counted,
        same('tasks', expect.tasks, tasks.length),
        same('conversations', expect.conversations, made),
        same('disposition', expect.disposition, tasks.at(-1)?.dispositionCode ?? 'none'),
      ].filter((problem) => problem !== undefined)
    },
    async leftOver() {
      return (await newTexts()).map(
        (text) => `expected nothing more to reach the customer, found ${JSON.stringify(text)}`,
      )
    },
  }
}

function same<Value>(what: string, wanted: Value | undefined, found: Value): string | undefined {
  return wanted === undefined || wanted === found ? undefined : `${what}: expected ${wanted}, found ${found}`
}

/** One problem for each line that differs; a wanted text that ends in `*` is a beginning. */
function matching(what: string, wanted: readonly string[], found: readonly string[]): string[] {
  const fits = (pattern: string | undefined, text: string | undefined): boolean => {
    if (pattern === undefined || text === undefined) return false
    return pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : pattern === text
  }
  const shown = (text: string | undefined) => (text === undefined ? 'nothing' : JSON.stringify(text))
  return Array.from({ length: Math.max(wanted.length, found.length) }, (_, index) =>
    fits(wanted[index], found[index])
      ? ''
      : `${what}.${index}: expected ${shown(wanted[index])}, found ${shown(found[index])}`,
  ).filter(Boolean)
}

interface TranscriptLine {
  direction: string
  text: string
  formResponse?: { fields: { name: string; value: string }[] }
  attachments?: { fileName: string }[]
}

interface LedgerRow {
  at: string
  key: string | null
  call: string
  status: number
  conversationId: string
}

/**
 * One row for each call with a key of its own: repeated attempts are one call. What is asked about a callback goes by a
 * phone number, but always by the customer's conversation too.
 */
async function callsOf({ stack, customer }: Play): Promise<LedgerRow[]> {
  const rowsOf = async (about: Record<string, string>) =>
    (await stack.desk<{ items: LedgerRow[] }>('GET', `/desk/ledger?${new URLSearchParams(about)}`)).items
  const rows = new Map<string, LedgerRow>()
  const add = (found: readonly LedgerRow[]) => {
    for (const row of found) rows.set(row.key ?? `${row.call} ${row.at}`, row)
  }
  add(await rowsOf({ customer }))
  for (const conversation of conversationsIn([...rows.values()])) add(await rowsOf({ conversation }))
  return [...rows.values()]
}

const conversationsIn = (calls: readonly LedgerRow[]): Set<string> =>
  new Set(calls.map(({ conversationId }) => conversationId).filter(Boolean))

/** The transcripts of the customer's conversations in Engage, one after the other. */
async function transcriptOf({ stack }: Play, calls: readonly LedgerRow[]): Promise<string[]> {
  const lines: string[] = []
  for (const id of conversationsIn(calls)) {
    const conversation = await stack.desk<{ transcript: TranscriptLine[] }>('GET', `/desk/conversations/${id}`)
    lines.push(...conversation.transcript.map(lineText))
  }
  return lines
}

/** A line as an agent reads it: words, then a form's answers or files. */
function lineText({ direction, text, formResponse, attachments = [] }: TranscriptLine): string {
  const answers = formResponse ? [formAnswers(formResponse.fields)] : []
  const files = attachments.map(({ fileName }) => `[file ${fileName}]`)
  return `${direction}: ${[...(text === '' ? [] : [text]), ...answers, ...files].join(' ')}`
}
