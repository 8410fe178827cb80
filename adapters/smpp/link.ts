/**
 * The line to a message centre: one session after another, for as long as the node runs. What is lost is opened again
 * with back-off; meanwhile whatever is to be sent is refused at once, to be tried again by the policy of its asset.
 */
import { NotTaken, openSession, type Session, type SessionOptions } from './session.ts'

export interface Link {
  /** Resolves to the message id. Rejects with `NotTaken`, at once when there is no session. */
  submit(body: Buffer, signal: AbortSignal): Promise<string>
  stop(): Promise<void>
}

export interface LinkOptions extends SessionOptions {
  /** 0 to 1, spreads the nodes that come back. */
  random: () => number
  say: (what: 'bound' | 'not bound' | 'lost', detail: { status?: string }) => void
}

const back_off_ms = 500
const back_off_ms_max = 30_000

/** Begins at once; never rejects. */
export function openLink(options: LinkOptions): Link {
  const { clock, random, say } = options
  const over = new AbortController()
  let session: Session | undefined

  const run = async (): Promise<void> => {
    for (let failures = 0; !over.signal.aborted; ) {
      try {
        const opened = await openSession(options)
        if (over.signal.aborted) return opened.end()
        session = opened
        failures = 0
        say('bound', {})
        await opened.closed
        session = undefined
        if (!over.signal.aborted) say('lost', {})
      } catch (error) {
        const found = error instanceof NotTaken ? error.status : undefined
        say('not bound', found === undefined ? {} : { status: `0x${found.toString(16)}` })
      }
      const wait_ms = Math.min(back_off_ms * 2 ** failures++, back_off_ms_max)
      await clock.sleep(wait_ms * (0.5 + random() / 2), over.signal)
    }
  }
  const running = run()
  return {
    async submit(body, signal) {
      if (!session) throw new NotTaken(undefined)
      return session.submit(body, signal)
    },
    async stop() {
      over.abort()
      await session?.end()
      await running
    },
  }
}
