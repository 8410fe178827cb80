/**
 * `parley serve`: one node of a cluster. Its log goes to standard error. On SIGTERM it hands over what it owns and ends in
 * order, within `stop_ms_max` (runtime/running.ts).
 */
import { loadConfig } from '../../runtime/config.ts'
import { StartError } from '../../runtime/errors.ts'
import { openLog } from '../../runtime/log.ts'
import { startNode } from '../../runtime/main.ts'
import { works } from '../../runtime/node-state.ts'
import type { Versions } from '../../runtime/stages/restore.ts'
import { VerbError } from '../cli.ts'
import { consoleDir } from '../console-dir.ts'
import { exitWhenTold } from '../exit-when-told.ts'
import { untilStopped } from '../until-stopped.ts'

/** Load balancers ask for readiness about every second; until they know, doors take what they still send. */
const doors_open_ms = 1_000

export interface ServeOptions {
  gateway: boolean
  /** Neither work without it. */
  worker: boolean
  turning: boolean
  transmitting: boolean
}

/** `versions`: the machines it runs; this build's when not given. */
export async function serve({ gateway, worker, ...left }: ServeOptions, versions?: Versions): Promise<void> {
  const does = works.filter((work) => worker && left[work])
  if (!gateway && does.length === 0) {
    throw new VerbError('serve: nothing is left to do; leave out --no-gateway, or what leaves the work to others')
  }
  const config = loadConfig({ env: process.env, cwd: process.cwd() })
  if (!config.nats.url) {
    throw new StartError(
      'E_NO_CLUSTER',
      'serve joins a NATS cluster: set PARLEY_NATS_URL, or use parley dev to run alone',
    )
  }
  // The first process of a container is not ended by a signal that it does not listen for.
  const begun = exitWhenTold()
  const node = await startNode({
    config,
    natsUrls: config.nats.url,
    log: openLog(config.logLevel),
    consoleDir,
    gateway,
    works: does,
    ...(versions && { versions }),
  })
  begun()
  if (node.url) process.stdout.write(`Gateway ${node.url}\n`)
  if (node.watchUrl) process.stdout.write(`Watch ${node.watchUrl}\n`)
  if (node.deskUrl) process.stdout.write(`Desk ${node.deskUrl}\n`)
  await untilStopped(() => node.stop(doors_open_ms))
}
