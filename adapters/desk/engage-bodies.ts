/**
 * The bodies that Engage's nodes take, as zod schemas: what must be there, and what may be left out (flows.md section 3,
 * samples/engage/*-request.json). More keys may come and are not looked at.
 */
import { z } from 'zod'

const text = z.string().default('')
const required = z.string().min(1)
/** What a mail has besides its words; its subject may also be called as in a search. */
const mail = {
  emailSubject: z.string().exactOptional(),
  html: z.string().exactOptional(),
  fromEmailId: z.string().exactOptional(),
  messageId: z.string().exactOptional(),
}

/** Whom and what a conversation is looked for by; a subject for email only, where one customer has several. */
interface Sought {
  channel: string
  business: string
  customer: string
  subject?: string
}

export const Search = z.union([
  z.object({ channel: required, businessLongcode: required, customerMobileNumber: required }).transform(
    (body): Sought => ({
      channel: body.channel,
      business: body.businessLongcode,
      customer: body.customerMobileNumber,
    }),
  ),
  z.object({ channel: required, businessEmailId: required, fromEmailId: required, emailSubject: text }).transform(
    (body): Sought => ({
      channel: body.channel,
      business: body.businessEmailId,
      customer: body.fromEmailId,
      subject: body.emailSubject,
    }),
  ),
  z
    .object({ channel: required, bizAddress: required, customerAddress: required })
    .transform(
      (body): Sought => ({ channel: body.channel, business: body.bizAddress, customer: body.customerAddress }),
    ),
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
  ...mail,
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
    subject: z.string().exactOptional(),
    ...mail,
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
