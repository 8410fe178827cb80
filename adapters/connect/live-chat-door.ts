/**
 * The door for live chat from Connect. This version serves no live chat: what comes is set aside, not lost and not refused.
 */
import type { Door } from '../adapter.ts'
import { fingerprint } from '../fingerprint.ts'
import { objectAt, textOr } from '../loose-body.ts'

/** Throws `MalformedBody` unless the body is a JSON object. */
export const liveChatDoor: Door = {
  name: 'live-chat',
  body_bytes_max: 1_048_576,
  parse(body) {
    const fields = objectAt(body)
    const eventId = textOr(fields.tid, '') || textOr(fields.transid, '') || fingerprint(JSON.stringify(fields))
    return { kind: 'unhandled', eventId, reason: 'live chat is not served by this version' }
  },
}
