/**
 * What a tester may have go wrong on a way that things take one behind the other, and such a way. Who asks for it is the
 * embedded desk (`desk/troubles.ts`); its devices and our own chat door send over such ways. Speaks to the clock only.
 */
import { z } from 'zod'
import type { Clock } from './clock.ts'

/**
 * `duplicate`: so many extra copies. `delayMs`: that much later. `behind`: only once the next one of its way went, or after
 * 10 s. `drop`: never.
 */
export const Trouble = z.strictObject({
  duplicate: z.number().int().min(0).max(10).default(0),
  delayMs: z.number().int().min(0).max(600_000).default(0),
  behind: z.boolean().default(false),
  drop: z.boolean().default(false),
})
export type Trouble = z.infer<typeof Trouble>

export const noTrouble = Trouble.parse({})

/** How long something waits for what it should come behind. */
export const behind_ms = 10_000

export interface Way<Thing, Answer> {
  /** Resolves to what `go` gave; of what is `lost` or `late`, at once: as on a bad line, nobody hears its answer. */
  send(thing: Thing): Promise<Answer | 'lost' | 'late'>
  /** How many are late. */
  late(): number
  /** What is late never comes. */
  stop(): void
}

interface WayMeans<Thing, Answer> {
  clock: Clock
  /** What goes wrong with what is sent now. */
  trouble: () => Trouble
  /** Brings it there, and so many copies behind it. */
  go: (thing: Thing, copies: number) => Answer | Promise<Answer>
}

/** Without trouble `go` is called before `send` returns. */
export function openWay<Thing, Answer>({ clock, trouble, go }: WayMeans<Thing, Answer>): Way<Thing, Answer> {
  const late = new Set<Late>()

  const keep = (thing: Thing, { duplicate, delayMs, behind }: Trouble) => {
    const arrive = async () => {
      late.delete(one)
      one.cancel()
      await go(thing, duplicate)
    }
    const cancel = clock.after(delayMs || behind_ms, () => void arrive())
    const one: Late = { isBehind: behind && delayMs === 0, arrive, cancel }
    late.add(one)
  }
  const behind = () => [...late].filter(({ isBehind }) => isBehind)

  return {
    async send(thing) {
      const now = trouble()
      if (now.drop) return 'lost'
      const overtaken = behind()
      if (now.delayMs > 0 || (now.behind && overtaken.length === 0)) {
        keep(thing, now)
        return 'late'
      }
      const answer = await go(thing, now.duplicate)
      for (const { arrive } of overtaken) await arrive()
      return answer
    },
    late: () => late.size,
    stop() {
      for (const { cancel } of late) cancel()
      late.clear()
    },
  }
}

interface Late {
  isBehind: boolean
  arrive: () => Promise<void>
  cancel: () => void
}
