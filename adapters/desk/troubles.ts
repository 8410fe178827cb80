/**
 * What goes wrong on the way from the desk to the runtime, by what is sent: asked for by a tester, for as long as this desk
 * runs. Never journalled: a restarted desk is a healthy one. Asked by `webhooks.ts` with its lanes and attempts, by
 * `inbound-post.ts` and by the chat door, which do it. A late webhook holds up those behind it in its task.
 */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { noTrouble, Trouble } from '../trouble.ts'

/** A webhook by its type, whatever a device of the desk sends, or what a window of our own chat door does. */
export const troubled = ['CREATED', 'QUEUED', 'ROUTED', 'TRANSFERRED', 'CLOSED', 'message', 'window'] as const
export type Troubled = (typeof troubled)[number]

export interface Troubles {
  of(what: string): Trouble
  set(what: Troubled, trouble: Trouble): void
  clear(): void
  list(): ({ what: Troubled } & Trouble)[]
}

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
