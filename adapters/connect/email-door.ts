/**
 * The door for email from Connect. This version serves no email: what comes is set aside, not lost and not refused.
 */
import type { Door } from '../adapter.ts'
import { fingerprint } from '../fingerprint.ts'
import { objectAt, textOr } from '../loose-body.ts'

/** Throws `MalformedBody` unless the body is a JSON object. */
export const emailDoor: Door = {
  name: 'email',
  body_bytes_max: 27_262_976,
  parse(body) {
    const fields = objectAt(body)
    const eventId = textOr(fields.messageId, '') || textOr(fields.transId, '') || fingerprint(JSON.stringify(fields))
    return { kind: 'unhandled', eventId, reason: 'email is not served by this version' }
  },
}
