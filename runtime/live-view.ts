/**
 * A conversation as a person at the terminal sees it: what the customer wrote, each state, each call out with what became
 * of it, each word of the agent. Follows TURNS, EFFECTS and the desk's journal from now on; prints lines, changes nothing.
 */
import type { JetStreamClient } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { isSealed } from './encryption/sealed.ts'
import type { AskAnswer } from './envelope.ts'
import { followFromNow } from './follow-from-now.ts'
import type { LedgerEntry } from './ledger.ts'
import { idempotencyKey, type StoredEffect, type TurnRecord } from './record.ts'
import { stream } from './streams.ts'

type Print = (line: string) => void
export interface Paint {
  dim(text: string): string
  bold(text: string): string
  green(text: string): string
  red(text: string): string
  cyan(text: string): string
}

export async function watchConversations(
  nc: NatsConnection,
  js: JetStreamClient,
  print: Print,
  paint: Paint,
): Promise<() => Promise<void>> {
  const sent = new Map<string, StoredEffect>()
  const turns = await followFromNow(js, { stream: stream.turns }, (message) => {
    const record = message.json<TurnRecord>()
    for (const line of turnLines(record, message.seq, sent, paint)) print(line)
  })
  const effects = await followFromNow(js, { stream: stream.effects }, (message) => {
    const actor = message.subject.split('.').at(-1) ?? ''
    for (const line of outcomeLines(actor, message.json<LedgerEntry>(), sent, paint)) print(line)
  })
  const desk = nc.subscribe('desk.journal', {
    callback: (_error, message) => {
      // A journal that is encrypted is the desk's alone.
      const line = isSealed(message.data) ? undefined : agentLine(message.json(), paint)
      if (line) print(line)
    },
  })
  return async () => {
    desk.unsubscribe()
    await Promise.all([turns.end(), effects.end()])
  }
}

/** The lines of one turn; remembers its effects so that their outcomes can be named later. */
export function turnLines(
  record: TurnRecord,
  revision: number,
  sent: Map<string, StoredEffect>,
  paint: Paint,
): string[] {
  record.effects.forEach((effect, index) => {
    sent.set(idempotencyKey(record.actor, revision, index), effect)
  })
  const at = paint.dim(`${record.at.slice(11, 19)} ${record.actor.slice(0, 6)}`)
  const moved = record.before === record.state ? [] : [`${at}   state    ${paint.bold(record.state)}`]
  return [`${at} ${causeText(record, paint)}`, ...moved]
}

function causeText({ cause, address, heard }: TurnRecord, paint: Paint): string {
  const note = heard === 'turned' ? '' : paint.dim(` (${heard})`)
  const data = cause.data as Record<string, unknown>
  if (cause.type === 'parley.message.received')
    return `${paint.cyan('customer')} ${address.customer}: ${data.text}${note}`
  if (cause.type === 'parley.timer.due') return `timer    ${String(data.timer).replace('xstate.after.', '')}${note}`
  if (cause.type === 'parley.ask.answered') {
    const { type, error, output } = data as unknown as AskAnswer
    const told = error
      ? paint.red(error.code)
      : Object.values((output ?? {}) as object)
          .filter(Boolean)
          .join(' ')
    return paint.dim(`answer   ${type} ${told}`) + note
  }
  if (cause.type === 'parley.conversation.erased') return 'erase    the customer is forgotten'
  const details = [data.agentId && `agent ${data.agentId}`, data.disposition, wait(data.estimatedWaitSeconds)]
  return `webhook  ${cause.type.replace('parley.', '')} ${details.filter(Boolean).join(' ')}${note}`
}

const wait = (seconds: unknown): string | false => typeof seconds === 'number' && `wait ${seconds} s`

function outcomeLines(actor: string, entry: LedgerEntry, sent: Map<string, StoredEffect>, paint: Paint): string[] {
  return entry.outcomes.map(({ index, status, attempts, code }) => {
    const key = idempotencyKey(actor, entry.revision, index)
    const effect = sent.get(key)
    sent.delete(key)
    const mark = status === 'done' ? paint.green('done') : paint.red(`given up: ${code}`)
    const tries = attempts > 1 ? ` after ${attempts} attempts` : ''
    return `${paint.dim(`         ${actor.slice(0, 6)}`)}   ${effect ? effectText(effect, paint) : key} ${mark}${tries}`
  })
}

function effectText({ type, payload }: StoredEffect, paint: Paint): string {
  const told = payload as Record<string, string>
  if (type === 'sendMessage') return `${paint.cyan('reply')}    ${told.text}`
  if (type === 'appendConversation') return `call     append ${told.direction?.toLowerCase()} to the transcript`
  const details = [told.scriptSelector, told.disposition, told.agentId].filter(Boolean).join(' ')
  return `call     ${type} ${details}`.trimEnd()
}

function agentLine(entry: { type?: string; at?: string; data?: { line?: { text?: string } } }, paint: Paint) {
  if (entry.type !== 'agentSaid') return undefined
  return `${paint.dim(`${entry.at?.slice(11, 19)}       `)} ${paint.cyan('agent')}    ${entry.data?.line?.text}`
}
