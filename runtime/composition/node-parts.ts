/** What both halves of a node share: its streams, clocks, records, the nodes beside it, and what is measured. */
import { type Clock, systemClock } from '../../adapters/clock.ts'
import { definitions } from '../../machines/definitions.ts'
import { migrations } from '../../machines/migrations.ts'
import { activity } from '../activity.ts'
import { recordReader } from '../actor-cache.ts'
import { assetBindings } from '../bindings.ts'
import { replicasOf } from '../broker.ts'
import { openConnections } from '../connections-out.ts'
import { deadLetters } from '../dead-letters.ts'
import { atRest } from '../encryption/at-rest.ts'
import { withHosted } from '../hosted.ts'
import type { NodeOptions } from '../main.ts'
import { metrics } from '../metrics.ts'
import { joinNodes } from '../nodes.ts'
import type { Running } from '../running.ts'
import { sentTexts } from '../sent-texts.ts'
import type { Versions } from '../stages/restore.ts'
import { ensureStreams } from '../streams.ts'
import { thisNode } from '../this-node.ts'
import { startTraces } from '../traces.ts'
import { untilBrokerAnswers } from '../until-broker-answers.ts'
import { virtualTime } from '../virtual-time.ts'

const ownVersions: Versions = { definitions, migrations }

export type NodeParts = Awaited<ReturnType<typeof nodeParts>>

/** Makes the streams where they are missing. Throws `StartError` when they are of another make or nothing answers. */
export async function nodeParts({ config, log, versions: ofBuild, hosted = [] }: NodeOptions, running: Running) {
  const { broker: inClear } = running
  const { definitions: given, migrations: ways } = ofBuild ?? ownVersions
  const versions = { definitions: [...given, ...hosted.map(({ definition }) => definition)], migrations: ways }
  const replicas = replicasOf(config, inClear)
  const { partitions, masterKeys } = config
  const wallClock = systemClock()
  await untilBrokerAnswers(wallClock, () => ensureStreams(inClear.jsm, { replicas, partitions }))
  const sealed = await atRest(inClear, { masterKeys, replicas, partitions }, wallClock, log)
  const { broker } = sealed
  running.broker = broker
  const { js, jsm, nc } = broker
  const virtual = config.clock === 'virtual' ? await virtualTime(nc, js, jsm, partitions, wallClock) : undefined
  const clock: Clock = virtual?.clock ?? wallClock
  const busy = activity(virtual !== undefined)
  const { bindings: configured, knowsAsset, ownsMailbox } = assetBindings(config.assets)
  const bindings = withHosted(hosted, configured)
  const measured = metrics(wallClock)
  const letters = deadLetters(js, jsm)
  const traces = await startTraces(config.otlpEndpoint, log)
  running.traces = traces
  const setAside = measured.settingAside(letters.setAside)
  const recordOf = recordReader(jsm, partitions)
  const nodes = joinNodes(nc, wallClock, thisNode(running))
  running.nodes = nodes
  const common = { ...broker, traces, clock, wallClock, partitions, bindings, setAside, letters, activity: busy, log }

  const sent = sentTexts(js, jsm)
  const connections = await openConnections(config, wallClock, log)
  running.connections = connections
  return {
    config,
    broker,
    inClear,
    sealed,
    common,
    versions,
    virtual,
    measured,
    recordOf,
    replicas,
    sent,
    connections,
    nodes,
    knowsAsset,
    ownsMailbox,
  }
}
