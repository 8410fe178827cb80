/**
 * GET /v1/attachments/{id}: the bytes of a clean attachment, for agents and for whoever has its address; the id cannot be
 * guessed, so it asks for no token. Speaks to the object store.
 * Invariant: what a customer sent never runs here: it is downloaded, as the type it was found to be, in a sandbox.
 */
import type { FastifyInstance } from 'fastify'
import type { StoredFile } from './attachment-store.ts'
import { problem } from './problem.ts'

export function openAttachmentDoor(
  app: FastifyInstance,
  attachment: (id: string) => Promise<StoredFile | undefined>,
): void {
  app.get('/v1/attachments/:id', async (request, reply) => {
    const found = await attachment((request.params as { id: string }).id)
    if (!found) {
      const refusal = problem('not-found', 'no attachment has this id, or it is past its 30 days')
      return reply.code(refusal.status).type('application/problem+json').send(refusal)
    }
    return reply
      .type(found.contentType)
      .headers({
        'content-disposition': 'attachment',
        'x-content-type-options': 'nosniff',
        'content-security-policy': 'sandbox',
      })
      .send(Buffer.from(found.bytes))
  })
}
