/** One reading. Throws unless it is answered 200. */
import { exchange } from '../../adapters/http-exchange.ts'

export async function getJson<Answer>(url: string): Promise<Answer> {
  const { signal } = new AbortController()
  const { status, text } = await exchange({ method: 'GET', url, headers: {}, body: '', signal })
  if (status !== 200) throw new Error(`GET ${new URL(url).pathname} answered ${status}`)
  return JSON.parse(text) as Answer
}
