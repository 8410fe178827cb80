/**
 * The frames of a feed as its readers hear them (server-sent events, WHATWG HTML 9.2.6, as `feed-doors.ts` writes them: one
 * line of data each). For the command line and the browser: no Node in it.
 */
export interface FeedEvent {
  /** `open` at each beginning: what is read after it, with what follows, misses nothing. */
  event: string
  data: unknown
}

/** Ends where the body ends or breaks, for whoever follows opens it again. Comments that keep the line alive are left out. */
export async function* framesIn(body: ReadableStream<Uint8Array>): AsyncGenerator<FeedEvent> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  for (;;) {
    const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }))
    if (done) return
    text += decoder.decode(value, { stream: true })
    const frames = text.split('\n\n')
    text = frames.pop() ?? ''
    for (const frame of frames) {
      const event = /^event: (.*)$/m.exec(frame)?.[1]
      const data = /^data: (.*)$/m.exec(frame)?.[1]
      if (event !== undefined && data !== undefined) yield { event, data: JSON.parse(data) }
    }
  }
}
