/** What the verbs read of a running node, over its reading paths. */
import { loadConfig } from '../runtime/config.ts'
import { VerbError } from './cli.ts'

/** Throws `VerbError` with what to do when no node answers, and with the node's own words when it refuses. */
export async function askNode<Answer>(path: string): Promise<Answer> {
  const { parleyUrl, adminToken } = loadConfig({ env: process.env, cwd: process.cwd() })
  const headers = adminToken === undefined ? {} : { authorization: `Bearer ${adminToken}` }
  const response = await fetch(parleyUrl + path, { headers }).catch(() => undefined)
  if (!response) throw new VerbError(`no node answers at ${parleyUrl}; start one with npm start, or set PARLEY_URL`)
  const body = (await response.json()) as Answer & { detail?: string }
  if (!response.ok) throw new VerbError(body.detail ?? `the node answered ${response.status}`)
  return body
}
