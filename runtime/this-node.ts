/**
 * What this node says of itself to the others (`nodes.ts`): who it is, since when, and its shares as they are.
 */
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { systemClock } from '../adapters/clock.ts'
import type { NodeState } from './node-state.ts'
import type { Running } from './running.ts'

/** What this node says of itself, at every moment. */
export function thisNode(running: Running): () => NodeState {
  const fixed = {
    id: randomBytes(node_id_bytes).toString('hex'),
    host: hostname(),
    pid: process.pid,
    since: new Date(systemClock().now()).toISOString(),
  }
  return () => {
    const shares = running.balance?.shares()
    return { ...fixed, url: running.gateway?.url ?? '', ...(shares ? { shares } : {}) }
  }
}

const node_id_bytes = 6
