/**
 * What goes wrong on the way from the desk to the runtime, by what is sent: asked for by a tester, for as long as this desk
 * runs. Never journalled: a restarted desk is a healthy one. Spoken to by `webhooks.ts` with its lanes and attempts, and `inbound-post.ts`, which do it.
 */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'

/** A webhook by its type, or whatever a customer's device sends. */
export const troubled = ['CREATED', 'QUEUED', 'ROUTED', 'TRANSFERRED', 'CLOSED', 'message'] as const
export type Troubled = (typeof troubled)[number]

/**
 * `duplicate`: so many extra copies. `delayMs`: that much later; what comes behind it in its task waits with it. `behind`: only
 * once the next one of its task, or channel, went, or after 10 s. `drop`: never.
 */
export const Trouble = z.strictObject({
  duplicate: z.number().int().min(0).max(10).default(0),
  delayMs: z.number().int().min(0).max(600_000).default(0),
  behind: z.boolean().default(false),
  drop: z.boolean().default(false),
})
export type Trouble = z.infer<typeof Trouble>

/** How long something waits for what it should come behind. */
export const behind_ms = 10_000

export interface Troubles {
  of(what: string): Trouble
  set(what: Troubled, trouble: Trouble): void
  clear(): void
  list(): ({ what: Troubled } & Trouble)[]
}

export const noTrouble = Trouble.parse({})

export function troubleBook(): Troubles {
  const book = new Map<string, Trouble>()
  return {
    of: (what) => book.get(what) ?? noTrouble,
    set: (what, trouble) => void book.set(what, trouble),
    clear: () => book.clear(),
    list: () => troubled.map((what) => ({ what, ...(book.get(what) ?? noTrouble) })),
  }
}

/** `onChange` is for what waited under the troubles of before. */
export function openTroubleDoors(server: FastifyInstance, troubles: Troubles, onChange: () => void): void {
  const told = () => ({ items: troubles.list() })
  server.get('/desk/troubles', async () => told())
  server.put('/desk/troubles/:what', async (request) => {
    const { what } = z.object({ what: z.enum(troubled) }).parse(request.params)
    troubles.set(what, Trouble.parse(request.body))
    onChange()
    return told()
  })
  server.delete('/desk/troubles', async () => {
    troubles.clear()
    onChange()
    return told()
  })
}
