/** One reading. Throws unless it is answered 200. */
import { exchange, NoAnswer } from '../../adapters/http-exchange.ts'

export async function getJson<Answer>(url: string): Promise<Answer> {
  const { status, text } = await read(url)
  if (status !== 200) throw new Error(`GET ${new URL(url).pathname} answered ${status}`)
  return JSON.parse(text) as Answer
}

/** Once more where no answer came: a connection that was kept may have been closed meanwhile. */
async function read(url: string) {
  const { signal } = new AbortController()
  const outgoing = { method: 'GET', url, headers: {}, body: '', signal } as const
  return exchange(outgoing).catch((error) => {
    if (error instanceof NoAnswer) return exchange(outgoing)
    throw error
  })
}
