/**
 * Decides on every file of a customer's message before its event is stored (LC8, LC11, EM4, PC2, PC3): fetches it, has it
 * looked into, keeps the clean ones in the object store. Speaks to the outside through the functions it is given.
 * Keeps T7: a dropped file leaves no byte and no address behind. Fails closed (E109): what could not be fetched is handed
 * on only when the provider has cleared it, what could not be looked into never.
 */
import { setMaxListeners } from 'node:events'
import type { InboundFiles } from '../adapters/adapter.ts'
import type { Clock } from '../adapters/clock.ts'
import type { Download, Inspect } from '../adapters/inbound-file.ts'
import type { Attachment, ConversationEvent } from '../machines/events.ts'
import type { AttachmentStore } from './attachment-store.ts'
import { slots } from './slots.ts'

export interface AttachmentParts {
  /** The real clock: networks and threads know no other time. */
  clock: Clock
  inspect: Inspect
  download: Download
  store: AttachmentStore
  /** Where the gateway is reached from outside. */
  publicUrl: () => string
}

/**
 * Gives the event back with each of its files kept (`url` is ours then, `contentType` what is in it) or dropped.
 * `name` is the event's, unique over all doors and conversations: a message that comes twice stores its files once. `actor`
 * is whose they are.
 */
export type DecideFiles = (
  name: string,
  event: ConversationEvent,
  files: InboundFiles | undefined,
  actor: string,
) => Promise<ConversationEvent>

/** For all files of a message. The sender of a webhook waits ten seconds for all there is to do. */
const fetch_ms_max = 4_000
const decide_ms_max = 8_000
/** Over all messages of this node: each file may take 25 MB of memory. */
const files_at_once_max = 6

/** Rejects when the object store does not take a file: then the message must not be stored, but sent again. */
export function attachmentDecisions(parts: AttachmentParts): DecideFiles {
  const room = slots(files_at_once_max)
  return async (name, event, files, actor) => {
    if (event.type !== 'message.received' || !event.attachments?.some(({ dropped }) => !dropped)) return event
    const times = timesUp(parts.clock)
    const decided = event.attachments.map((attachment, index) => {
      if (attachment.dropped) return attachment
      const bytes = files?.bytes[index]
      const isCleared = bytes === undefined && files?.isCleared === true
      const file = { attachment, actor, of: `${name}\n${index}`, bytes, isCleared, ...times.signals }
      return room.during(file.decide, () => decidedFile(parts, file), unfetched(file))
    })
    try {
      return { ...event, attachments: await Promise.all(decided) }
    } finally {
      times.cancel()
    }
  }
}

interface File {
  attachment: Attachment
  actor: string
  /** The message and the file's place in it. */
  of: string
  bytes: Uint8Array | undefined
  /** The provider looked into it, and it is not here to be looked into again. */
  isCleared: boolean
  fetch: AbortSignal
  decide: AbortSignal
}

async function decidedFile(parts: AttachmentParts, file: File): Promise<Attachment> {
  const { attachment, actor, of, decide } = file
  const bytes = file.bytes ?? (await parts.download(attachment.url, file.fetch))
  if (bytes === 'unreachable') return unfetched(file)
  if (bytes === 'too-large') return dropped(attachment, 'unprocessable')
  const verdict = await parts.inspect(bytes, attachment.name, decide)
  if ('dropped' in verdict) return dropped(attachment, verdict.dropped)
  const id = await parts.store.put(of, { bytes, contentType: verdict.kept }, actor)
  return { ...attachment, contentType: verdict.kept, url: `${parts.publicUrl()}/v1/attachments/${id}` }
}

function unfetched({ attachment, isCleared }: File): Attachment {
  return isCleared && attachment.url !== '' ? attachment : dropped(attachment, 'unprocessable')
}

const dropped = (attachment: Attachment, reason: 'sensitive' | 'unprocessable'): Attachment => ({
  ...attachment,
  url: '',
  dropped: reason,
})

function timesUp(clock: Clock) {
  const [fetch, decide] = [new AbortController(), new AbortController()]
  // Each file listens; a message has as many as its door lets it have, and none outlives it.
  setMaxListeners(0, fetch.signal, decide.signal)
  const cancels = [clock.after(fetch_ms_max, () => fetch.abort()), clock.after(decide_ms_max, () => decide.abort())]
  const cancel = () => {
    for (const one of cancels) one()
  }
  return { signals: { fetch: fetch.signal, decide: decide.signal }, cancel }
}
