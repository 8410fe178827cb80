/**
 * T1: the turns of an actor are one chain. Numbers follow one another, each begins in the state in which the one before it
 * ended, inputs come in the order in which they were stored, and no event is turned twice. Pure.
 */
import { grouped } from '../grouped.ts'
import type { History, StoredTurn, Violation } from '../history.ts'

export function brokenChains({ turns }: History): Violation[] {
  return [...byActor(turns)].flatMap(([actor, chain]) => {
    const links = chain.slice(1).flatMap((turn, index) => brokenLink(actor, chain[index]!, turn))
    return [...wrongStart(actor, chain[0]!), ...links, ...turnedTwice(actor, chain)]
  })
}

/** The history of an actor is bounded; a run that is checked from its beginning shows the first turn. */
function wrongStart(actor: string, first: StoredTurn): Violation[] {
  if (first.record.turn === 1) return []
  return [{ rule: 'T1', actor, what: `begins with turn ${first.record.turn}, expected 1`, records: [nameOf(first)] }]
}

function brokenLink(actor: string, before: StoredTurn, turn: StoredTurn): Violation[] {
  const [a, b] = [before.record, turn.record]
  const broken = (what: string): Violation => ({ rule: 'T1', actor, what, records: [nameOf(before), nameOf(turn)] })
  return [
    ...(b.turn === a.turn + 1 ? [] : [broken(`turn ${b.turn} follows turn ${a.turn}`)]),
    ...(b.before === a.state ? [] : [broken(`begins in ${b.before}, the turn before it ended in ${a.state}`)]),
    ...(b.input.sequence > a.input.sequence
      ? []
      : [broken(`INBOX ${b.input.sequence} was turned after INBOX ${a.input.sequence}`)]),
  ]
}

function turnedTwice(actor: string, chain: StoredTurn[]): Violation[] {
  const first = new Map<string, StoredTurn>()
  return chain.flatMap((turn) => {
    const { source, id } = turn.record.cause
    const name = `${source} ${id}`
    const earlier = first.get(name)
    if (!earlier) first.set(name, turn)
    return earlier
      ? [{ rule: 'T1', actor, what: 'one event was turned twice', records: [nameOf(earlier), nameOf(turn), id] }]
      : []
  })
}

export const nameOf = ({ sequence }: { sequence: number }): string => `TURNS ${sequence}`

export function byActor(turns: readonly StoredTurn[]): Map<string, StoredTurn[]> {
  return grouped(turns, ({ record }) => record.actor)
}
