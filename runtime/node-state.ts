/**
 * What a node says of itself on core NATS, and nowhere else: nothing of it is stored, and nothing is decided by it that
 * the pin and the conditional append would not allow (T1, T3).
 */
import { z } from 'zod'

/** Heard by every node and by whoever wants to know who is there. */
export const nodes_subject = 'parley.nodes'
/** Where one node is asked how it stands. Nobody listens there once its connection has ended, and the broker says so. */
export const askedAt = (id: string): string => `${nodes_subject}.${id}`

/** What a partition is owned for; the two may lie on different nodes. */
export const works = ['turning', 'transmitting'] as const
export type Work = (typeof works)[number]

/** Partitions that a node is pinned for, and those it stands by for. */
const Share = z.object({ has: z.array(z.int()), wants: z.array(z.int()) })
export type Share = z.output<typeof Share>
export type Shares = { [work in Work]?: Share }

export const NodeState = z.object({
  id: z.string(),
  host: z.string(),
  pid: z.int(),
  /** Of its gateway; empty when it has none. */
  url: z.string(),
  since: z.string(),
  /** Of the works that it does; absent on a gateway that does neither. */
  shares: z.object({ turning: Share.exactOptional(), transmitting: Share.exactOptional() }).exactOptional(),
})
export type NodeState = z.output<typeof NodeState>

const Leaving = z.object({ leaves: z.string() })

/** What is said on `nodes_subject`: how a node stands, or that it leaves. */
export type NodeWord = NodeState | z.output<typeof Leaving>

const NodeWord = z.union([NodeState, Leaving])

/** Undefined for what another version may say and this one does not understand. */
export function nodeWordIn(text: string): NodeWord | undefined {
  try {
    return NodeWord.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
