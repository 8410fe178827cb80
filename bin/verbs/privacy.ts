/** The verbs for privacy requests: forget a customer, give all that is stored of one, and who asked for what. */
import type { AuditEntry } from '../../runtime/audit.ts'
import { audit_entries_shown_max } from '../../runtime/audit.ts'
import type { Dumped } from '../../runtime/privacy/dump-customer.ts'
import type { Erased } from '../../runtime/privacy/erase-customer.ts'
import { ask } from '../ask.ts'
import { VerbError } from '../cli.ts'
import { print, say, table } from '../print.ts'

export interface PrivacyOptions {
  channel?: string
  asset?: string
  json?: boolean
}

const queryOf = (customer: string, { channel, asset }: PrivacyOptions) => ({
  customer,
  ...(channel === undefined ? {} : { channel }),
  ...(asset === undefined ? {} : { asset }),
})

/** Throws `VerbError` when something of the customer is left, or could not be ended. */
export async function erase(customer: string, options: PrivacyOptions): Promise<void> {
  const erased = await ask<Erased>('/v1/privacy/erase', 'POST', queryOf(customer, options))
  if (options.json) print(erased)
  else tell(erased)
  const left = erased.conversations.filter(({ outcome }) => outcome === 'pending').length
  if (left > 0) throw new VerbError(`${left} conversations are still being ended; ask again in a minute`)
  const open = erased.conversations.filter(({ notEnded }) => notEnded).length
  if (open > 0)
    throw new VerbError(`${open} conversations could not be ended at their far side; end them there by hand`)
}

function tell({ conversations, deadLetters, mailIds, chatLines, attachments, keys, desk }: Erased): void {
  for (const { id, channel, asset, state, taskId, outcome, notEnded = [] } of conversations) {
    const isOpen = !state.startsWith('closed')
    const task = isOpen && taskId !== '' ? `, and its task ${taskId}` : ''
    const ended = isOpen ? ` (was ${state}: ended first${task})` : ''
    say(`${outcome.padEnd(8)} ${id}  ${channel} ${asset}${ended}`)
    for (const { effect, reason } of notEnded) say(`         not ended: ${effect}: ${reason}`)
  }
  if (conversations.length === 0) say('No conversation is stored of this customer.')
  const messages = `${deadLetters} dead letters, ${mailIds} ids of mails, ${chatLines} lines of chats`
  say(`${messages}, ${attachments} files, ${desk ?? 'no'} entries of the desk`)
  if (keys === null) say('Copies of the disk that were made before are not touched: see docs/privacy.md.')
  else say(`${keys} data keys forgotten: what was encrypted under them can be read in no copy of the streams any more`)
  say('What the far sides keep is not touched.')
}

export async function dump(customer: string, options: PrivacyOptions): Promise<void> {
  const dumped = await ask<Dumped>('/v1/privacy/dump', 'POST', queryOf(customer, options))
  if (options.json) return print(dumped)
  const { conversations, deadLetters, chats, attachments, desk } = dumped
  const lines = chats.reduce((sum, chat) => sum + chat.lines.length, 0)
  for (const { id, channel, asset, state, turns, updatedAt } of conversations) {
    say(`${id}  ${channel} ${asset}  ${state}  ${turns.length} turns, the last one at ${updatedAt}`)
  }
  if (conversations.length === 0) say('No conversation is stored of this customer.')
  say(
    `${deadLetters.length} dead letters, ${lines} lines of chats, ${attachments.length} files, ${desk?.entries.length ?? 'no'} entries of the desk`,
  )
  say('All of it: the same with --json.')
}

export async function audit({ json }: { json?: boolean }): Promise<void> {
  const all: (AuditEntry & { id: string })[] = []
  for (let page: typeof all | undefined; page === undefined || page.length === audit_entries_shown_max; ) {
    page = await ask<typeof all>(`/v1/audit?after=${all.at(-1)?.id ?? 0}`)
    all.push(...page)
  }
  if (json) return print(all)
  table(
    ['at', 'who', 'from', 'act', 'target'],
    all.map(({ at, who, from, act, target }) => [at, who, from, act, target]),
  )
}
