/**
 * From a configuration to a running node: a gateway, a worker and a transmitter on one NATS connection, or what is asked for of
 * them, and the embedded desk where no real far side is set. Beside it, `composition/` alone names concrete adapters.
 */
import { systemClock } from '../adapters/clock.ts'
import { deskOfNode, needsDesk } from '../adapters/desk/desk-of-node.ts'
import { messageCentre } from '../adapters/smpp/message-centre.ts'
import { smtpLine } from '../adapters/smtp/smtp.ts'
import type { TextLine } from '../adapters/text-line.ts'
import { twilioLine } from '../adapters/twilio/twilio.ts'
import { balance } from './balance.ts'
import { type Broker, connectBroker } from './broker.ts'
import { nodeParts } from './composition/node-parts.ts'
import { startReceiving } from './composition/receiving.ts'
import { textDoors } from './composition/text-doors.ts'
import { startTransmitting } from './composition/transmitting.ts'
import { startTurning } from './composition/turning.ts'
import type { Config } from './config.ts'
import type { Hosted } from './hosted.ts'
import type { Log } from './log.ts'
import { works as allWorks, type Work } from './node-state.ts'
import { notReady } from './readiness.ts'
import { type Running, stopRunning } from './running.ts'
import type { Versions } from './stages/restore.ts'
import { startWatchDoor } from './watch-doors.ts'

export interface Node {
  /** Where the gateway listens; empty on a worker without one. */
  url: string
  /** Where a node without a gateway is watched; empty when it is not, and with a gateway. */
  watchUrl: string
  /** Where mail is taken by SMTP; empty when it is not. */
  mailUrl: string
  /** Where the embedded desk listens; empty when real far sides are set. */
  deskUrl: string
  broker: Broker
  /** Ends in order, within `stop_ms_max`; doors take what comes for `doors_open_ms` more (0 unless said). */
  stop(doors_open_ms?: number): Promise<void>
}

export interface NodeOptions {
  config: Config
  natsUrls: string[]
  log: Log
  gateway?: boolean
  /** What it owns partitions for; both unless said. What it leaves out, other nodes must do. */
  works?: readonly Work[]
  /** Mail is taken at any free port when none is configured, or that one is taken. */
  anyMailPort?: boolean
  /** Where the built console lies; without it `/` says how to get it. */
  consoleDir?: string
  /** The machines it runs; this build's when not given. */
  versions?: Versions
  /** Machines of the program's own, beside those (`defineConversation`). */
  hosted?: readonly Hosted[]
}

/** Throws `StartError` with what to do when something it needs is not there, and leaves nothing running. */
export async function startNode(options: NodeOptions): Promise<Node> {
  const broker = await connectBroker(options.natsUrls, options.config.nats, 'parley')
  const running: Running = { broker }
  const stop = (doors_open_ms = 0) => stopRunning(running, systemClock(), doors_open_ms)
  try {
    await startParts(options, running)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url: running.gateway?.url ?? '',
    watchUrl: running.watch?.url ?? '',
    deskUrl: running.desk?.url ?? '',
    mailUrl: running.mail?.url ?? '',
    broker: running.broker,
    stop,
  }
}

async function startParts(options: NodeOptions, running: Running): Promise<void> {
  const { config, log, gateway: withGateway = true, works = allWorks, hosted = [] } = options
  const parts = await nodeParts(options, running)
  const { broker, common, connections, measured, sealed, replicas, sent, nodes } = parts
  const { clock, wallClock } = common
  let textLines: TextLine[] = []
  const receiving = {
    hosted,
    anyMailPort: options.anyMailPort ?? false,
    consoleDir: options.consoleDir,
    lineOf: (asset: string) => textLines.find((line) => line.sends(asset)),
    mailLine: smtpLine(config, clock.now),
  }
  const taking = withGateway ? await startReceiving(parts, running, receiving) : undefined
  if (!withGateway && config.bind.watchPort !== undefined) {
    const watched = { notReady: () => notReady(broker, wallClock), metrics: measured.text }
    running.watch = await startWatchDoor(config.bind.host, config.bind.watchPort, watched)
  }

  const ofCentre = { clock: wallClock, random: Math.random, sent, accept: taking, log }
  running.centre = messageCentre(config, {
    ...ofCentre,
    ...textDoors,
    sends: works.includes('transmitting') || needsDesk(config),
  })
  textLines = [...twilioLine(config, clock.now, connections.others), ...(running.centre ? [running.centre.line] : [])]
  running.desk = await deskOfNode(config, {
    nats: broker.nc,
    clock,
    replicas,
    sealing: sealed.journal,
    gatewayUrl: () => running.gateway?.innerUrl ?? '',
    mailUrl: () => running.mail?.url ?? '',
  })
  const ownAdapters = hosted.flatMap(({ adapters }) => adapters)
  if (works.includes('turning')) running.worker = startTurning(parts)
  if (works.includes('transmitting')) running.transmitter = startTransmitting(parts, running, textLines, ownAdapters)
  if (works.length > 0) {
    const held = { turning: running.worker?.partitions, transmitting: running.transmitter?.partitions }
    running.balance = balance(nodes, wallClock, held)
  }
  log.info(
    {
      node: nodes.self,
      url: running.gateway?.url,
      desk: running.desk?.url,
      nats: broker.nc.info?.version,
      partitions: config.partitions,
      replicas,
      config: config.source,
    },
    'node started',
  )
}
