/** One request of a verb to a node, at the address and with the admin token that the configuration names. */
import { loadConfig } from '../runtime/config.ts'
import { VerbError } from './cli.ts'

/** What the node answers. Throws `VerbError` when nobody answers there, or with the node's reason when it refuses. */
export async function ask<Answer>(
  path: string,
  method: 'GET' | 'POST' | 'DELETE' = 'GET',
  content?: object,
): Promise<Answer> {
  const { parleyUrl, adminToken } = loadConfig({ env: process.env, cwd: process.cwd() })
  const headers = {
    ...(adminToken === undefined ? {} : { authorization: `Bearer ${adminToken}` }),
    ...(content === undefined ? {} : { 'content-type': 'application/json' }),
  }
  const sent = content === undefined ? {} : { body: JSON.stringify(content) }
  const response = await fetch(parleyUrl + path, { method, headers, ...sent }).catch(() => undefined)
  if (!response) throw new VerbError(`no node answers at ${parleyUrl}; start one with npm start, or set PARLEY_URL`)
  const body = (await response.json()) as Answer & { detail?: string }
  if (!response.ok) throw new VerbError(body.detail ?? `the node answered ${response.status}`)
  return body
}
