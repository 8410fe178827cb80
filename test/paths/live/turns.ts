/** An eye on TURNS: every turn as it is stored, sorted by conversation, for whoever waits for it. */
import type { Broker } from '../../../runtime/broker.ts'
import { followFromNow } from '../../../runtime/follow-from-now.ts'
import type { TurnRecord } from '../../../runtime/record.ts'
import { stream } from '../../../runtime/streams.ts'

export interface LiveTurn {
  record: TurnRecord
  /** Its number in the stream, of which keys are made. */
  revision: number
}

export interface Turns {
  /** The next turn of that conversation; undefined when none comes within that time. */
  next(actor: string, within_ms: number): Promise<LiveTurn | undefined>
  /** Whether one has come that was not asked for yet. */
  has(actor: string): boolean
  /** Those that have come and were not asked for, oldest first. */
  rest(actor: string): LiveTurn[]
  /** Resolves once all that was stored before has come. */
  caughtUp(): Promise<void>
}

const look_again_ms = 5

export async function followTurns({ nc, js }: Broker): Promise<Turns> {
  const come = new Map<string, LiveTurn[]>()
  const waiting = new Map<string, () => void>()
  const of = (actor: string) => come.get(actor) ?? come.set(actor, []).get(actor)!
  const follower = await followFromNow(js, { stream: stream.turns }, (message) => {
    const actor = message.subject.split('.').at(-1)!
    of(actor).push({ record: message.json<TurnRecord>(), revision: message.seq })
    waiting.get(actor)?.()
  })
  return {
    async next(actor, within_ms) {
      if (of(actor).length === 0) {
        await new Promise<void>((resolve) => {
          const given_up = setTimeout(resolve, within_ms)
          waiting.set(actor, () => {
            clearTimeout(given_up)
            resolve()
          })
        })
        waiting.delete(actor)
      }
      return of(actor).shift()
    },
    has: (actor) => of(actor).length > 0,
    rest: (actor) => of(actor).splice(0),
    async caughtUp() {
      while ((await follower.behind()) > 0) await new Promise((resolve) => setTimeout(resolve, look_again_ms))
      await nc.flush()
    },
  }
}
