/** JSON over HTTP on connections that stay open: Node's own `fetch` takes three times as much of a processor a request. */
import { Agent } from 'undici'

export interface Poster {
  /** The answer, whatever its status. Throws when none came. */
  post(url: string, body: object): Promise<{ status: number; body: unknown }>
  close(): Promise<void>
}

const headers = { 'content-type': 'application/json' }

export function poster(): Poster {
  const agent = new Agent()
  return {
    async post(url, body) {
      const { origin, pathname: path } = new URL(url)
      const asked = { origin, path, method: 'POST', headers, body: JSON.stringify(body) } as const
      const answer = await agent.request(asked)
      const text = await answer.body.text()
      return { status: answer.statusCode, body: text === '' ? undefined : JSON.parse(text) }
    },
    close: () => agent.destroy(),
  }
}
