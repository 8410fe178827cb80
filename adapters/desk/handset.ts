/**
 * The customer's phone: sends texts to the runtime's SMS door as Connect would, and shows what came in.
 * Speaks to the inbound door over HTTP and reads the floor. What a customer writes is not kept here: the runtime has it.
 */
import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Clock } from '../clock.ts'
import type { HandsetText } from './entries.ts'
import { type Floor, normalised } from './floor.ts'
import type { InboundPost } from './inbound-post.ts'

/**
 * POST /desk/handset/sms/send {from, to, text, tid?} gives back the door's status and body;
 * GET /desk/handset/sms/inbox?number= gives {items: [{at, from, text, transid, correlationId}]}, oldest first.
 */
export function openHandset(
  server: FastifyInstance,
  means: { inbound: InboundPost; floor: Floor; clock: Clock },
): void {
  const { inbound, floor, clock } = means
  server.post('/desk/handset/sms/send', async (request, reply) => {
    const text = SendText.parse(request.body)
    return inbound.post('sms', mobileOriginated(text, clock.now()), reply)
  })

  server.get('/desk/handset/sms/inbox', async (request) => {
    const { number } = z.object({ number: z.string().min(1) }).parse(request.query)
    return { items: (floor.inbox.get(normalised(number)) ?? []).map(shown) }
  })
}

const SendText = z.strictObject({
  from: z.string().min(1),
  to: z.string().min(1),
  text: z.string(),
  tid: z.string().min(1).optional(),
})

/**
 * Connect's payload for a text from a customer (samples/inbound/sms-mo-first-contact.json). It says honestly that nobody
 * has looked for card data in it yet, so the runtime's own scan decides (flows.md A48).
 */
function mobileOriginated({ from, to, text, tid }: z.infer<typeof SendText>, nowMs: number): object {
  const ts = new Date(nowMs).toISOString()
  return {
    transid: randomUUID(),
    channel: 'SMS',
    message: text,
    keyword: '',
    userId: from.replace(/^\+/, ''),
    tid: tid ?? randomUUID(),
    oa: from,
    da: to,
    datetime: ts.slice(0, 19).replace('T', ' '),
    ts,
    x_networkid: '310-260',
    clientUUID: client_uuid,
    pciInfo: JSON.stringify({
      droppedAttachmentCount: 0,
      isPCICompliance: true,
      isPCIValidationDone: false,
      isAttachmentEnabled: false,
      nonPCIComplianceReason: {},
    }),
    securityscaninfo: JSON.stringify({
      droppedAttachmentCount: 0,
      isSecurityCompliance: true,
      securityFailedReason: {},
      isSecurityValidationDone: true,
    }),
  }
}

function shown({ at, from, text, transid, correlationId }: HandsetText) {
  return { at, from, text, transid, correlationId }
}

/** Connect names its tenant here; the embedded desk has one. */
const client_uuid = 'de5c0000-0000-4000-8000-000000000001'
