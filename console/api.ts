/**
 * How the console speaks to its node: requests and feeds, with the admin token when there is one. Keeps the token for as
 * long as the tab lives. Whoever is refused for it is asked to sign in.
 */
import { useEffect, useState } from 'react'
import { framesIn } from '../runtime/feed-frames.ts'

const token_key = 'parley.adminToken'
const signedOut = new EventTarget()

export const signIn = (token: string): void => sessionStorage.setItem(token_key, token)
export function onSignedOut(act: () => void): () => void {
  signedOut.addEventListener('signedOut', act)
  return () => signedOut.removeEventListener('signedOut', act)
}

/** The node refused; `message` is its reason. */
export class Refusal extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

function authorization(own?: string): Record<string, string> {
  const token = own ?? sessionStorage.getItem(token_key)
  return token === null ? {} : { authorization: `Bearer ${token}` }
}

/**
 * What the node answers, as JSON or text. `token` is another one than the admin's: whoever is refused for it signs in
 * nowhere. Throws `Refusal`, or what fetch throws when nobody answers.
 */
export async function ask<Answer>(path: string, method = 'GET', body?: unknown, token?: string): Promise<Answer> {
  const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' }
  const response = await fetch(path, {
    method,
    headers: { ...authorization(token), ...type },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const isJson = response.headers.get('content-type')?.includes('json') ?? false
  const answer = isJson ? await response.json() : await response.text()
  if (response.ok) return answer as Answer
  if (response.status === 401 && token === undefined) signedOut.dispatchEvent(new Event('signedOut'))
  throw new Refusal(response.status, answer?.detail ?? answer?.error ?? `the node answered ${response.status}`)
}

const again_ms = 2_000

/**
 * Follows a feed until the returned function is called, over every break. `open` comes at each beginning: what is read
 * after it, with what the feed tells put over it, misses nothing.
 */
export function follow(path: string, tell: (event: string, data: unknown) => void): () => void {
  const ending = new AbortController()
  const once = async () => {
    const response = await fetch(path, { headers: authorization(), signal: ending.signal })
    if (!response.ok || !response.body) throw new Refusal(response.status, 'no feed')
    for await (const { event, data } of framesIn(response.body)) tell(event, data)
  }
  const forever = async () => {
    while (!ending.signal.aborted) {
      await once().catch(() => {})
      if (!ending.signal.aborted) await new Promise((resolve) => setTimeout(resolve, again_ms))
    }
  }
  void forever()
  return () => ending.abort()
}

export interface Asked<Answer> {
  answer: Answer | undefined
  problem: string | undefined
  again: () => void
}

/** What is at a path, asked for now, and again every so often while the page is looked at. */
export function useAnswer<Answer>(path: string | undefined, every_ms?: number, token?: string): Asked<Answer> {
  const [answer, setAnswer] = useState<Answer>()
  const [problem, setProblem] = useState<string>()
  const [count, setCount] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `count` asks again
  useEffect(() => {
    if (path === undefined) return
    let isCurrent = true
    const read = () => {
      if (document.hidden && answer !== undefined) return
      ask<Answer>(path, 'GET', undefined, token).then(
        (found) => {
          if (!isCurrent) return
          setAnswer(found)
          setProblem(undefined)
        },
        (error: Error) => isCurrent && setProblem(reasonOf(error)),
      )
    }
    read()
    const timer = every_ms === undefined ? undefined : setInterval(read, every_ms)
    return () => {
      isCurrent = false
      clearInterval(timer)
    }
  }, [path, every_ms, token, count])
  return { answer, problem, again: () => setCount(count + 1) }
}

export const reasonOf = (error: unknown): string =>
  error instanceof Refusal ? error.message : 'the node does not answer; is it still running?'
