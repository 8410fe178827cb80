/** What the doctor looks at on the broker: its version, the streams and their settings, the consumers, what was set aside. */
import type { JetStreamManager, StreamConfig, StreamInfo } from '@nats-io/jetstream'
import { type Broker, connectBroker, replicasOf } from '../broker.ts'
import type { Config } from '../config.ts'
import { keys_stream } from '../encryption/keys-stream.ts'
import { differences, inWords } from '../stream-settings.ts'
import { inboxConsumer, stream, streamConfigs, turnsConsumer } from '../streams.ts'
import { type Finding, ok, warn, wrong } from './finding.ts'
import { checkNodes } from './nodes.ts'

/** Connects, looks, and leaves everything as it is. */
export async function checkBroker(config: Config, natsUrls: string[]): Promise<Finding[]> {
  let broker: Broker
  try {
    broker = await connectBroker(natsUrls, config.nats, 'parley-doctor')
  } catch (error) {
    const [found = '', ...mend] = (error instanceof Error ? error.message : String(error)).split('; ')
    return [wrong('broker', found, mend.join('; ') || 'see what the server logs')]
  }
  try {
    const { nc, jsm, servers } = broker
    const found = ok('broker', `nats-server ${nc.info?.version}${servers > 1 ? `, ${servers} servers` : ''}`)
    const replicas = replicasOf(config, broker)
    const nodes = await checkNodes(nc, config.partitions)
    return [found, ...(await checkStreams(jsm, config, replicas)), ...nodes]
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error)
    return [wrong('broker', `JetStream does not answer: ${found}`, 'enable JetStream for this account')]
  } finally {
    await broker.nc.close()
  }
}

async function checkStreams(
  jsm: JetStreamManager,
  { partitions, masterKeys }: Pick<Config, 'partitions' | 'masterKeys'>,
  replicas: number,
): Promise<Finding[]> {
  const infos = new Map<string, StreamInfo>()
  for await (const info of jsm.streams.list()) infos.set(info.config.name, info)
  const wanted = streamConfigs({ partitions, replicas })
  if (!wanted.some(({ name }) => infos.has(name))) return [ok('streams', 'none yet, made at the first start')]
  const streams = wanted.map((config) => checkStream(config, infos.get(config.name)?.config))
  const made = Number(infos.get(stream.inbox)?.config.metadata?.['parley.partitions'])
  return [
    ...streams,
    ...(made === partitions ? await checkConsumers(jsm, partitions) : []),
    ...checkEncryption(masterKeys.length > 0, infos.has(keys_stream)),
    ...checkDeadLetters(infos.get(stream.dead)),
  ]
}

/** More copies than are asked for are no difference: of three brokers one may be away. */
export function checkStream(
  wanted: Partial<StreamConfig> & { name: string },
  found: StreamConfig | undefined,
): Finding {
  const check = `stream ${wanted.name}`
  if (!found) return warn(check, 'missing', 'start a node, which makes it')
  const other = differences(wanted, found)
  if (other.length === 0) return ok(check, 'as wanted')
  const partitionsDiffer = other.some(({ setting }) => setting === 'metadata')
  const mend = partitionsDiffer
    ? 'set PARLEY_PARTITIONS to the count the streams were made with; it is fixed at the first start'
    : `change it with nats stream edit ${wanted.name}, or set PARLEY_REPLICAS where that is what differs`
  return (partitionsDiffer ? wrong : warn)(check, inWords(other), mend)
}

async function checkConsumers(jsm: JetStreamManager, partitions: number): Promise<Finding[]> {
  const kinds = [
    ['turning', stream.inbox, inboxConsumer],
    ['transmitting', stream.turns, turnsConsumer],
  ] as const
  return Promise.all(
    kinds.map(async ([what, name, consumer]) => {
      const waiting = new Map<string, number>()
      for await (const info of jsm.consumers.list(name)) waiting.set(info.name, info.num_pending + info.num_ack_pending)
      const wanted = Array.from({ length: partitions }, (_, partition) => consumer(partition).durable_name)
      const missing = wanted.filter((one) => !waiting.has(one)).length
      const check = `consumers of ${name}`
      if (missing > 0)
        return warn(check, `${missing} of ${partitions} missing`, 'start a node with a worker, which makes them')
      const behind = wanted.reduce((sum, one) => sum + (waiting.get(one) ?? 0), 0)
      return ok(check, `${partitions}, ${behind} messages wait for ${what}`)
    }),
  )
}

/** `hasKeys`: there are data keys, so something is sealed or may be. */
export function checkEncryption(hasMasterKey: boolean, hasKeys: boolean): Finding[] {
  const check = 'encryption at rest'
  if (hasMasterKey) return [ok(check, hasKeys ? 'on' : 'on from the next start of a node')]
  if (!hasKeys) return []
  return [wrong(check, 'on, and no master key is set here', 'set PARLEY_MASTER_KEYS to what the nodes have')]
}

function checkDeadLetters(info: StreamInfo | undefined): Finding[] {
  const letters = info?.state.messages ?? 0
  if (letters === 0) return [ok('dead letters', 'none')]
  return [warn('dead letters', `${letters} set aside`, 'parley dead-letters ls says what and why')]
}
