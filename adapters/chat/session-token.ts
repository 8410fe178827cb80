/**
 * Who may read and write a thread: a token that this deployment has signed (HMAC-SHA256), given to the window that opened
 * it. It names asset, user and thread; whoever has none cannot guess a thread, nor make a token for one.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

export interface ChatSession {
  asset: string
  user: string
  thread: string
}

export interface SessionTokens {
  /** A customer nobody has seen before, in a thread of their own. */
  fresh(asset: string): ChatSession
  sign(session: ChatSession): string
  /** Undefined for what was not signed here, or for another asset, or longer ago than `age_ms_max`. */
  read(token: string, asset: string): ChatSession | undefined
}

/** Threads are kept no longer. */
const age_ms_max = 7 * 86_400_000

/**
 * The thread of a customer: whoever has the secret and the customer's name finds it, when nothing else is stored of them
 * (`parley erase`); nobody else can.
 */
export const threadsBy =
  (secret: Uint8Array) =>
  (asset: string, user: string): string =>
    `pc-${createHmac('sha256', secret)
      .update(JSON.stringify([asset, user]))
      .digest('hex')
      .slice(0, thread_digits)}`

const thread_digits = 32

export function sessionTokens(secret: Uint8Array, now: () => number): SessionTokens {
  const threadOf = threadsBy(secret)
  const signature = (payload: string) => createHmac('sha256', secret).update(payload).digest()
  return {
    fresh(asset) {
      const user = `visitor-${randomBytes(12).toString('hex')}`
      return { asset, user, thread: threadOf(asset, user) }
    },
    sign({ asset, user, thread }) {
      const payload = Buffer.from(JSON.stringify([asset, user, thread, now()])).toString('base64url')
      return `${payload}.${signature(payload).toString('base64url')}`
    },
    read(token, asset) {
      const [payload = '', signed = ''] = token.split('.')
      const found = Buffer.from(signed, 'base64url')
      const wanted = signature(payload)
      if (found.length !== wanted.length || !timingSafeEqual(found, wanted)) return undefined
      const [of, user, thread, at] = JSON.parse(Buffer.from(payload, 'base64url').toString()) as [
        string,
        string,
        string,
        number,
      ]
      return of === asset && now() - at < age_ms_max ? { asset, user, thread } : undefined
    },
  }
}
