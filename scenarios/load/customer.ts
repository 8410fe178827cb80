/** What a customer of a load run has done and seen, as they know it themselves; `check.ts` holds it against the records. */
import type { Clock } from '../../adapters/clock.ts'
import type { Address } from '../../machines/events.ts'
import type { Latencies } from './latencies.ts'
import type { LoadPlace } from './place.ts'

export interface Customer {
  address: Address
  /** The words that a door has said yes to, in order. */
  accepted: string[]
  /** Forms that were handed in. */
  forms: number
  /** What they have read of the business, as their device shows it. */
  seen(): Promise<string[]>
}

export interface LoadMeans {
  clock: Clock
  place: LoadPlace
  latencies: Latencies
  customers: Customer[]
  begin_ms: number
  /** So long the load rises; from then on it is whole. */
  ramp_ms: number
  /** No customer begins or says anything more. */
  isOver: () => boolean
  /** A door that asked for the same thing again. */
  askedAgain(): void
  /** Something that may not happen, in words. */
  wrong(what: string): void
}

/** Words that are nobody else's, without digits: those might be a part of a card number. */
export function wordsOf(who: number, nth: number): string {
  return `words ${letters(who)} ${letters(nth)} please`
}

/** 0 is a, 25 is z, 26 is ba. */
export function letters(number: number): string {
  const digit = String.fromCharCode(first_letter + (number % letters_count))
  return number < letters_count ? digit : letters(Math.floor(number / letters_count)) + digit
}

const letters_count = 26
const first_letter = 'a'.charCodeAt(0)

/**
 * Calls `act` so many times a second until the time is up, whether those before have ended or not, and resolves when all
 * have: customers do not wait for one another.
 */
export async function atRate(
  { clock, begin_ms, ramp_ms, isOver }: LoadMeans,
  perSecond: number,
  act: () => Promise<void>,
): Promise<void> {
  if (perSecond === 0) return
  const acts: Promise<void>[] = []
  const apart_ms = 1_000 / perSecond
  /** How many come while the rate still rises. */
  const rising = ramp_ms / apart_ms / 2
  for (let count = 0; !isOver(); count++) {
    const due_ms = count < rising ? ramp_ms * Math.sqrt(count / rising) : ramp_ms + (count - rising) * apart_ms
    const wait_ms = begin_ms + due_ms - clock.now()
    if (wait_ms > 0) await clock.sleep(wait_ms)
    if (!isOver()) acts.push(act())
  }
  await Promise.all(acts)
}

/** People who come again: the one who has waited longest says the next thing, a new one when none has waited long enough. */
export function people<Person extends { due_ms: number; left: number }>(
  clock: Clock,
  begin: (number: number) => Person,
): (gap_ms: number) => Person {
  const line: Person[] = []
  let count = 0
  return (gap_ms) => {
    const isDue = line[0] !== undefined && line[0].due_ms <= clock.now()
    const person = (isDue && line.shift()) || begin(count++)
    person.left -= 1
    person.due_ms = clock.now() + gap_ms
    if (person.left > 0) line.push(person)
    return person
  }
}
