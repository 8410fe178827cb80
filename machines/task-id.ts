/**
 * Task ids: made by us, so that creating a task twice creates it once (decision 6 of flows.md section 1), and readable,
 * so that a webhook finds its actor without a look-up. A version 8 UUID (RFC 9562): 64 bits of actor id, 24 bits of
 * ordinal, 32 bits of check that tell ours from anybody else's version 8.
 *
 *   AAAAAAAA-AAAA-8AAA-8Aoo-ooooCCCCCCCC     A actor, o ordinal, C check
 */

/** The id of the `ordinal`-th task of an actor. `actor` is 16 hex characters; `ordinal` counts from 1. */
export function taskIdOf(actor: string, ordinal: number): string {
  const count = ordinal.toString(16).padStart(6, '0')
  const check = checkOf(actor + count)
  return [
    actor.slice(0, 8),
    actor.slice(8, 12),
    `8${actor.slice(12, 15)}`,
    `8${actor.slice(15, 16)}${count.slice(0, 2)}`,
    `${count.slice(2)}${check}`,
  ].join('-')
}

/** The actor a task id names, or undefined when the id was not made here. */
export function actorOfTaskId(taskId: string): string | undefined {
  const match = /^([0-9a-f]{8})-([0-9a-f]{4})-8([0-9a-f]{3})-8([0-9a-f])([0-9a-f]{2})-([0-9a-f]{4})([0-9a-f]{8})$/.exec(
    taskId.toLowerCase(),
  )
  if (!match) return undefined
  const [, a, b, c, d, high, low, check] = match
  const actor = `${a}${b}${c}${d}`
  return checkOf(`${actor}${high}${low}`) === check ? actor : undefined
}

/** FNV-1a, 32 bits, as eight hex characters. */
function checkOf(text: string): string {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}
