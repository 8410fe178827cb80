/** The verb for what was set aside: list it, look at one, send some again, give some up; each by the node's own doors. */
import type { DeadLetterDone } from '../../runtime/dead-letter-doors.ts'
import { deadLetterKinds } from '../../runtime/dead-letters.ts'
import { type DeadLetterReading, dead_letters_shown_max } from '../../runtime/reading.ts'
import { ask } from '../ask.ts'
import { VerbError } from '../cli.ts'
import { print, say, table } from '../print.ts'

export interface DeadLetterOptions {
  all?: boolean
  kind?: string
  json?: boolean
}

/** `act` and `ids` as they were written; throws `VerbError` when they make no sense, or some could not be done. */
export async function deadLetters(act: string, ids: string[], options: DeadLetterOptions): Promise<void> {
  const { all, kind, json } = options
  if (kind !== undefined && !deadLetterKinds.some((one) => one === kind)) {
    throw new VerbError(`--kind: expected one of ${deadLetterKinds.join(', ')}, found ${kind}`)
  }
  if (act === 'ls') return list(kind, json)
  if (act === 'show' && ids.length === 1) return show(ids[0]!, json)
  if (act === 'retry' && all) return actOnEach(firstOfParked(await everyLetter(kind)), retry, json)
  if (act === 'retry' && ids.length > 0) return actOnEach(ids, retry, json)
  if (act === 'drop' && ids.length > 0) return actOnEach(ids, drop, json)
  const isKnown = ['show', 'retry', 'drop'].includes(act)
  const found = isKnown ? `${act} ${ids.length === 0 ? 'without an id' : 'of several ids'}` : act
  throw new VerbError(`dead-letters: expected ls, show ID, retry ID…, retry --all or drop ID…, found ${found}`)
}

const at = (id: string): string => `/v1/dead-letters/${encodeURIComponent(id)}`
const retry = (id: string): Promise<DeadLetterDone> => ask(`${at(id)}/retry`, 'POST')
const drop = (id: string): Promise<DeadLetterDone> => ask(at(id), 'DELETE')

/** Page by page, so that what is set aside meanwhile is not in it. */
async function everyLetter(kind: string | undefined): Promise<DeadLetterReading[]> {
  const all: DeadLetterReading[] = []
  for (let page: DeadLetterReading[] | undefined; page === undefined || page.length === dead_letters_shown_max; ) {
    page = await ask<DeadLetterReading[]>(`/v1/dead-letters?after=${all.at(-1)?.id ?? 0}`)
    all.push(...page)
  }
  return all.filter((letter) => kind === undefined || letter.kind === kind)
}

/** The ids to send; of a parked conversation the first one, which the others follow by themselves. */
function firstOfParked(letters: DeadLetterReading[]): string[] {
  const actors = new Set<string>()
  const follows = ({ parked, actor }: DeadLetterReading) => parked && (actors.has(actor) || !actors.add(actor))
  return letters.filter((letter) => !follows(letter)).map(({ id }) => id)
}

async function list(kind: string | undefined, json?: boolean): Promise<void> {
  const letters = await everyLetter(kind)
  if (json) return print(letters)
  if (letters.length === 0) return say('No dead letters.')
  table(
    ['id', 'kind', 'actor', 'at', 'attempts', 'reason'],
    letters.map(({ id, kind, parked, actor, at, attempts, reason }) => [
      id,
      parked ? `${kind}, parked` : kind,
      actor || '-',
      at,
      String(attempts),
      reason,
    ]),
  )
}

async function show(id: string, json?: boolean): Promise<void> {
  const letter = await ask<DeadLetterReading & { content: unknown }>(at(id))
  if (json) return print(letter)
  const { content, ...facts } = letter
  for (const [name, value] of Object.entries(facts)) say(`${name.padEnd(15)} ${value || '-'}`)
  say(`${'content'.padEnd(15)} ${JSON.stringify(content)}`)
}

/** One after the other, in their order; what one of them refuses does not stop those behind it. */
async function actOnEach(ids: string[], act: (id: string) => Promise<DeadLetterDone>, json?: boolean): Promise<void> {
  const all: (DeadLetterDone | { id: string; refused: string })[] = []
  for (const id of ids) {
    const one = await act(id).catch((error: unknown) => {
      if (error instanceof VerbError) return { id, refused: error.message }
      throw error
    })
    all.push(one)
    if (!json) say('refused' in one ? `${id} refused: ${one.refused}` : `${one.id} ${one.done}`)
  }
  if (json) print(all)
  const refused = all.filter((one) => 'refused' in one).length
  if (refused > 0) throw new VerbError(`${refused} of ${ids.length} dead letters could not be done with; see above`)
}
