/** A follower of server-sent events, as a program outside would write it: one request, frames as they come. */
export interface Follower {
  /** The next frame of that name, `ms` at most; frames of other names before it are passed over. */
  next(event: string): Promise<{ event: string; data: unknown }>
  /** All that has come so far, as text. */
  text(): string
  /** Resolves when the other side has ended it. */
  ended: Promise<void>
  close(): void
}

/** Resolves once the answer's head is there; rejects when it is no event stream. */
export async function followEvents(url: string, headers: Record<string, string> = {}): Promise<Follower> {
  const ending = new AbortController()
  const answer = await fetch(url, { headers, signal: ending.signal })
  if (answer.headers.get('content-type') !== 'text/event-stream') throw new Error(`${answer.status}: no event stream`)
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
  let [text, at, isOver] = ['', 0, false]
  const read = async () => {
    const chunk = await reader.read().catch(() => ({ done: true, value: undefined }))
    if (chunk.done) isOver = true
    else text += chunk.value
  }
  return {
    text: () => text,
    async next(event) {
      for (;;) {
        const end = text.indexOf('\n\n', at)
        if (end === -1) {
          if (isOver) throw new Error(`the feed ended before an event ${event}`)
          await read()
          continue
        }
        const frame = text.slice(at, end)
        at = end + 2
        const name = /^event: (.*)$/m.exec(frame)?.[1]
        if (name === event) return { event, data: JSON.parse(/^data: (.*)$/m.exec(frame)![1]!) }
      }
    },
    get ended() {
      return (async () => {
        while (!isOver) await read()
      })()
    },
    close: () => ending.abort(),
  }
}
