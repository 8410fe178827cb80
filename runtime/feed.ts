/**
 * What changes, as it changes: of all conversations their summaries, of one its turns and what became of their effects.
 * Speaks to the list of conversations, TURNS and EFFECTS; tells committed turns only (T3), with texts masked as they are
 * stored (T7), and changes nothing.
 */
import type { JetStreamClient } from '@nats-io/jetstream'
import type { Clock } from '../adapters/clock.ts'
import type { ConversationsView } from './conversations-view.ts'
import { followFromNow } from './follow-from-now.ts'
import { type TurnReading, turnReading } from './history.ts'
import type { LedgerEntry } from './ledger.ts'
import { partitionOf } from './partition.ts'
import type { Summary, TurnRecord } from './record.ts'
import { stream, subject } from './streams.ts'

/** The conversations that turned since the last batch, each as it stands now, and how many there are of all. */
export interface ListNews {
  items: ({ id: string } & Summary)[]
  counts: { channel: string; state: string; count: number }[]
}

export type ConversationNews = { kind: 'turn'; turn: TurnReading } | { kind: 'effects'; entry: LedgerEntry }

export interface Feeds {
  /** Calls `tell` with what changes from now on; at most four times a second, however much that is. */
  list(tell: (news: ListNews) => void): () => void
  /** Resolves once nothing that is committed from now on is missed. Undefined when no conversation has this id. */
  conversation(id: string, tell: (news: ConversationNews) => void): Promise<(() => Promise<void>) | undefined>
}

export interface FeedParts {
  js: JetStreamClient
  clock: Clock
  partitions: number
  view: Pick<ConversationsView, 'actorOf' | 'counts' | 'onChange'>
}

const batch_ms = 250

export function feeds({ js, clock, partitions, view }: FeedParts): Feeds {
  return {
    list(tell) {
      let changed = new Map<string, Summary>()
      let cancel: (() => void) | undefined
      const tellAll = () => {
        const items = [...changed].map(([id, summary]) => ({ id, ...summary }))
        changed = new Map()
        cancel = undefined
        tell({ items, counts: view.counts() })
      }
      const unfollow = view.onChange((actor, summary) => {
        changed.set(actor, summary)
        cancel ??= clock.after(batch_ms, tellAll)
      })
      return () => {
        unfollow()
        cancel?.()
      }
    },
    async conversation(id, tell) {
      const actor = view.actorOf(id)
      if (actor === undefined) return undefined
      const partition = partitionOf(actor, partitions)
      const [turns, effects] = await Promise.all([
        followFromNow(js, { stream: stream.turns, subject: subject.turns(partition, actor) }, (message) => {
          const turn = turnReading(message.json<TurnRecord>(), message.seq, undefined)
          tell({ kind: 'turn', turn })
        }),
        followFromNow(js, { stream: stream.effects, subject: subject.effects(partition, actor) }, (message) => {
          tell({ kind: 'effects', entry: message.json<LedgerEntry>() })
        }),
      ])
      return async () => {
        await Promise.all([turns.end(), effects.end()])
      }
    },
  }
}
