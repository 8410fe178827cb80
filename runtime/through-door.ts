/**
 * The way of a dead letter back through its door: without the limits for senders, and without a second letter when it is
 * still nobody's. Speaks to `accept`.
 */
import type { Door } from '../adapters/adapter.ts'
import type { Problem } from './problem.ts'
import { type Accepted, type AcceptParts, accept } from './stages/accept.ts'
import { unhandledCounts } from './unhandled-counts.ts'

/** What it returns resolves to why the body is still not taken, or to undefined when it is on its way. */
export function throughDoor(parts: AcceptParts, doors: readonly Door[]) {
  const again = { ...parts, limit: () => 0, setAside: async () => {}, counts: unhandledCounts() }
  return async (name: string, body: unknown, letter: string): Promise<string | undefined> => {
    const door = doors.find((one) => one.name === name)
    if (!door) return `no door is called ${name}; drop it`
    const answer = await accept({ ...again, letter }, door, new TextEncoder().encode(JSON.stringify(body)))
    if (answer.status !== 200) return (answer.body as Problem).detail
    return (answer.body as Accepted).unhandled
  }
}
