/**
 * The bodies that Engage's nodes take, as zod schemas: what must be there, and what may be left out (flows.md section 3,
 * samples/engage/*-request.json). More keys may come and are not looked at.
 */
import { z } from 'zod'

const text = z.string().default('')
const required = z.string().min(1)

export const Search = z.union([
  z
    .object({ channel: required, businessLongcode: required, customerMobileNumber: required })
    .transform((body) => ({ place: [body.channel, body.businessLongcode, body.customerMobileNumber] as const })),
  z
    .object({ channel: required, businessEmailId: required, fromEmailId: required })
    .transform((body) => ({ place: [body.channel, body.businessEmailId, body.fromEmailId] as const })),
  z
    .object({ channel: required, bizAddress: required, customerAddress: required })
    .transform((body) => ({ place: [body.channel, body.bizAddress, body.customerAddress] as const })),
])

export const Create = z.object({
  channel: required,
  direction: z.enum(['Inbound', 'Outbound', 'Announcement']).default('Inbound'),
  customerAddress: required,
  bizAddress: required,
  threadId: text,
  websiteDomain: z.string().exactOptional(),
  customerName: text,
  customerEmail: text,
  text,
  timestamp: required,
})

/** Other message types are kept as they come; these two must bring what they announce. */
export const Append = z
  .object({
    channel: required,
    conversationId: required,
    direction: z.enum(['Inbound', 'Outbound', 'Announcement']),
    text,
    timestamp: required,
    messageType: z.string().optional(),
    attachments: z
      .array(z.looseObject({ mimeType: z.string(), fileName: required, url: z.string(), dropped: z.boolean() }))
      .optional(),
    formResponse: z.looseObject({ title: z.string(), fields: z.array(z.looseObject({ name: required })) }).optional(),
  })
  .refine((body) => body.messageType !== 'Text With Attachments' || (body.attachments ?? []).length > 0, {
    path: ['attachments'],
  })
  .refine((body) => body.messageType !== 'Live Chat Form Response' || body.formResponse !== undefined, {
    path: ['formResponse'],
  })

export const Update = z.object({ conversationId: required, taskId: required })
export const Named = z.object({ conversationId: required })
export const Participant = z.object({ conversationId: required, participantId: required })
