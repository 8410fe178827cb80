/**
 * What must be true at a point of a scenario, checked against what the customer, Engage and the contact centre can see.
 * Speaks to the desk's readings. Invariant: every text that reached the customer is expected once, none is left over.
 */
import type { Play } from './acts.ts'
import { tasksOf, writersOf } from './acts.ts'
import { received } from './customer-acts.ts'
import { formAnswers } from './effect-row.ts'
import { addressOf, personAt } from './mail-addresses.ts'
import type { Expect } from './scenario.ts'

/** Checks one `expect` at a time; each starts where the last one of its kind ended. */
export interface Expectations {
  /** One line for each thing that is not as expected: `state: expected …, found …`. `state` is the conversation's now. */
  check(expect: Expect, state: string): Promise<string[]>
  /** What reached the customer, or somebody else who wrote or was looked at, and nobody expected. */
  leftOver(): Promise<string[]>
}

export function expectations(play: Play): Expectations {
  const textsSeen = new Map<string, number>()
  let linesSeen = 0
  const newTexts = async (whom: string) => {
    const texts = (await received(play, whom)).map(({ subject, text }) => [subject, text].filter(Boolean).join(': '))
    const fresh = texts.slice(textsSeen.get(whom) ?? 0)
    textsSeen.set(whom, texts.length)
    return fresh
  }
  const ownerOf = (mailbox?: string) => (mailbox === undefined ? play.customer : addressOf(mailbox, play.line))
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
        ...(expect.received ? matching('received', expect.received, await newTexts(ownerOf(expect.mailbox))) : []),
        ...(expect.headers ? await wrongHeaders(play, ownerOf(expect.mailbox), expect.headers) : []),
        ...(expect.transcript ? matching('transcript', expect.transcript, await newLines(calls)) : []),
        ...counted,
        same('tasks', expect.tasks, tasks.length),
        same('conversations', expect.conversations, made),
        same('disposition', expect.disposition, tasks.at(-1)?.dispositionCode ?? 'none'),
      ].filter((problem) => problem !== undefined)
    },
    async leftOver() {
      const problems: string[] = []
      for (const whom of new Set([...writersOf(play), ...textsSeen.keys()])) {
        const who = whom === play.customer ? 'the customer' : personAt(whom)
        for (const text of await newTexts(whom)) {
          problems.push(`expected nothing more to reach ${who}, found ${JSON.stringify(text)}`)
        }
      }
      return problems
    },
  }
}

function same<Value>(what: string, wanted: Value | undefined, found: Value): string | undefined {
  return wanted === undefined || wanted === found ? undefined : `${what}: expected ${wanted}, found ${found}`
}

/** One problem for each header of the newest mail that differs; null is one that must not be there. */
async function wrongHeaders(play: Play, whom: string, wanted: Record<string, string | null>): Promise<string[]> {
  const { headers = {} } = (await received(play, whom)).at(-1) ?? {}
  return Object.entries(wanted)
    .filter(([name, pattern]) => (pattern === null ? name in headers : !fits(pattern, headers[name])))
    .map(([name, pattern]) => `headers.${name}: expected ${shown(pattern ?? undefined)}, found ${shown(headers[name])}`)
}

/** A wanted text that ends in `*` is a beginning. */
function fits(pattern: string | undefined, text: string | undefined): boolean {
  if (pattern === undefined || text === undefined) return false
  return pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : pattern === text
}

const shown = (text: string | undefined): string => (text === undefined ? 'nothing' : JSON.stringify(text))

/** One problem for each line that differs. */
function matching(what: string, wanted: readonly string[], found: readonly string[]): string[] {
  return Array.from({ length: Math.max(wanted.length, found.length) }, (_, index) =>
    fits(wanted[index], found[index])
      ? ''
      : `${what}.${index}: expected ${shown(wanted[index])}, found ${shown(found[index])}`,
  ).filter(Boolean)
}

interface TranscriptLine {
  direction: string
  text: string
  subject?: string
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
async function callsOf(play: Play): Promise<LedgerRow[]> {
  const rowsOf = async (about: Record<string, string>) =>
    (await play.stack.desk<{ items: LedgerRow[] }>('GET', `/desk/ledger?${new URLSearchParams(about)}`)).items
  const rows = new Map<string, LedgerRow>()
  const add = (found: readonly LedgerRow[]) => {
    for (const row of found) rows.set(row.key ?? `${row.call} ${row.at}`, row)
  }
  for (const customer of writersOf(play)) add(await rowsOf({ customer }))
  for (const conversation of conversationsIn([...rows.values()])) add(await rowsOf({ conversation }))
  return [...rows.values()]
}

const conversationsIn = (calls: readonly LedgerRow[]): Set<string> =>
  new Set(calls.map(({ conversationId }) => conversationId).filter(Boolean))

/** The transcripts of the conversations in Engage, one after the other; of one that no call has named so far, too. */
async function transcriptOf({ stack, places }: Play, calls: readonly LedgerRow[]): Promise<string[]> {
  const now = (await Promise.all(places.map(stack.conversationOf))).flatMap((one) => one?.conversationId || [])
  const lines: string[] = []
  for (const id of new Set([...conversationsIn(calls), ...now])) {
    const conversation = await stack.desk<{ transcript: TranscriptLine[] }>('GET', `/desk/conversations/${id}`)
    lines.push(...conversation.transcript.map(lineText))
  }
  return lines
}

/** A line as an agent reads it: a subject, words, then a form's answers or files. */
function lineText({ direction, text, subject = '', formResponse, attachments = [] }: TranscriptLine): string {
  const answers = formResponse ? [formAnswers(formResponse.fields)] : []
  const files = attachments.map(({ fileName }) => `[file ${fileName}]`)
  const words = [...(text === '' ? [] : [text]), ...answers, ...files].join(' ')
  return [direction, subject, words].filter(Boolean).join(': ')
}
