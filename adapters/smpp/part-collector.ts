/**
 * Puts the parts of long messages together. Parts are held in memory and no part is said to be taken before the whole is
 * stored (T9), so that nothing unmasked is written anywhere (T7): a part that waits too long for the others is asked for
 * again, and remembered meanwhile, which lets a centre that sends one message at a time go on to the next part.
 */
import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { Part } from './message-text.ts'
import { status } from './pdu.ts'

/** Says what to answer, a command status. `id` is the same for every try of one message. */
export type Deliver = (text: string, id: string) => Promise<number>

/** `key` names sender and receiver. Resolves to the command status for this part. */
export type TakePart = (key: string, part: Part, text: string, deliver: Deliver) => Promise<number>

interface Gathering {
  id: string
  begun_ms: number
  texts: (string | undefined)[]
  /** The answer to all parts, once the whole is being stored, unless it was not. */
  outcome: Promise<number> | undefined
  waiting: ((answer: number) => void)[]
}

/** A centre waits for a response for some ten seconds at least. */
export const part_held_ms_max = 5_000
/** Then what is there is a message all the same, with a gap. */
export const incomplete_ms_max = 300_000
const remembered_ms_max = 900_000
const gatherings_max = 10_000
const gap = '[…]'

export function partCollector(clock: Clock): TakePart {
  const gatherings = new Map<string, Gathering>()

  const gatheringOf = (name: string, { total, index }: Part, text: string): Gathering => {
    const known = gatherings.get(name)
    const said = known?.texts[index - 1]
    const isStale = !known || clock.now() - known.begun_ms > remembered_ms_max
    // Numbers come round again: another text in the place of one that is there begins another message.
    if (!isStale && (said === undefined ? known.outcome === undefined : said === text)) return known
    const texts = Array.from<string | undefined>({ length: total })
    const begun = { id: randomUUID(), begun_ms: clock.now(), texts, outcome: undefined, waiting: [] }
    gatherings.delete(name)
    gatherings.set(name, begun)
    if (gatherings.size > gatherings_max) gatherings.delete(gatherings.keys().next().value as string)
    return begun
  }

  return (key, part, text, deliver) => {
    const gathering = gatheringOf(`${key} ${part.reference} ${part.total}`, part, text)
    if (gathering.outcome) return gathering.outcome
    gathering.texts[part.index - 1] = text
    const isOver = clock.now() - gathering.begun_ms >= incomplete_ms_max
    if (isOver || gathering.texts.every((one) => one !== undefined)) return delivered(gathering, deliver)
    return new Promise((resolve) => {
      const cancel = clock.after(part_held_ms_max, () => resolve(status.retryLater))
      gathering.waiting.push((answer) => {
        cancel()
        resolve(answer)
      })
    })
  }
}

function delivered(gathering: Gathering, deliver: Deliver): Promise<number> {
  const outcome = deliver(gathering.texts.map((text) => text ?? gap).join(''), gathering.id).then((answer) => {
    if (answer !== status.ok) gathering.outcome = undefined
    for (const tell of gathering.waiting.splice(0)) tell(answer)
    return answer
  })
  gathering.outcome = outcome
  return outcome
}
