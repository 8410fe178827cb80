/**
 * What is wrong between the list and the proofs, as sentences that say what to do; none when all is well. Pure.
 */
import type { ProofsById } from './proofs.ts'

/** An id is proven, or put off with a reason, never both and never neither; and nothing quotes an id that is not listed. */
export function checklistFaults(ids: string[], waits: Record<string, string>, proofs: ProofsById): string[] {
  const isListed = new Set(ids)
  return [
    ...ids
      .filter((id) => !proofs.has(id) && !waits[id])
      .map((id) => `${id}: no title quotes it; quote it in the test that proves it, or say in waits why there is none`),
    ...Object.keys(waits)
      .filter((id) => proofs.has(id))
      .map((id) => `${id}: is said to wait, and ${proofs.get(id)![0]!.file} proves it; take it out of waits`),
    ...Object.keys(waits)
      .filter((id) => !isListed.has(id))
      .map((id) => `${id}: is said to wait, and is not listed`),
    ...[...proofs]
      .filter(([id]) => !isListed.has(id))
      .map(([id, [first]]) => `${id}: ${first!.file} quotes it ("${first!.title}"), and it is not listed`),
  ]
}
