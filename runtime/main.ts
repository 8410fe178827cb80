/**
 * The composition root, and the only file that names concrete adapters: from a configuration to a running node. A node is
 * a gateway, a worker and a transmitter on one NATS connection, and the embedded desk where no real far side is set.
 */
import type { Adapter, Door } from '../adapters/adapter.ts'
import { downloader } from '../adapters/attachments/download.ts'
import { inspector } from '../adapters/attachments/inspector.ts'
import { chatMount } from '../adapters/chat/chat-mount.ts'
import { chatSender } from '../adapters/chat/chat-sender.ts'
import { threadsBy } from '../adapters/chat/session-token.ts'
import type { ChatThreads } from '../adapters/chat-threads.ts'
import { clientCredentials } from '../adapters/client-credentials.ts'
import { type Clock, systemClock } from '../adapters/clock.ts'
import { agentsTextsDoor } from '../adapters/connect/agents-texts-door.ts'
import { connect } from '../adapters/connect/connect.ts'
import { actorOfMessageId } from '../adapters/connect/email-body.ts'
import { emailDoor } from '../adapters/connect/email-door.ts'
import { liveChatDoor } from '../adapters/connect/live-chat-door.ts'
import { receiptsDoor } from '../adapters/connect/receipts-door.ts'
import { smsDoor } from '../adapters/connect/sms-door.ts'
import type { Desk } from '../adapters/desk/desk.ts'
import { appOfMailbox, deskOfNode, needsDesk } from '../adapters/desk/desk-of-node.ts'
import { digitalRouting } from '../adapters/digital-routing/digital-routing.ts'
import { webhookDoor } from '../adapters/digital-routing/webhook-door.ts'
import { engage } from '../adapters/engage/engage.ts'
import { type Authorization, staticToken } from '../adapters/http.ts'
import { actorIdOf, normaliseAsset, normaliseCustomer } from '../adapters/identity.ts'
import { messageCentre } from '../adapters/smpp/message-centre.ts'
import { openMailListener } from '../adapters/smtp/mail-listener.ts'
import { smtp } from '../adapters/smtp/smtp.ts'
import { type TextLine, textSender } from '../adapters/text-line.ts'
import { twilioLine } from '../adapters/twilio/twilio.ts'
import { twilioDoors } from '../adapters/twilio/twilio-doors.ts'
import { definitions } from '../machines/definitions.ts'
import type { AnyEffect } from '../machines/effects.ts'
import { migrations } from '../machines/migrations.ts'
import { activity } from './activity.ts'
import { actorCache, recordReader } from './actor-cache.ts'
import { withAgentsReceipts } from './agents-receipts.ts'
import { alerts } from './alerts.ts'
import { openAttachmentStore } from './attachment-store.ts'
import { attachmentDecisions } from './attachments.ts'
import { auditTrail } from './audit.ts'
import { balance } from './balance.ts'
import { assetBindings } from './bindings.ts'
import { type Breaker, breaker } from './breaker.ts'
import { type Broker, connectBroker } from './broker.ts'
import { statecharts } from './chart/statecharts.ts'
import { chatAppender, chatThreads } from './chat-threads.ts'
import type { Config, Credentials } from './config.ts'
import { followConversations } from './conversations-view.ts'
import { secretsIn } from './credentials.ts'
import { deadLetters } from './dead-letters.ts'
import { StartError } from './errors.ts'
import { feeds } from './feed.ts'
import { type Gateway, startGateway } from './gateway.ts'
import { acceptHosted, type Hosted, withHosted } from './hosted.ts'
import { effectsLedger } from './ledger.ts'
import type { Log } from './log.ts'
import { assetReading } from './machine-doors.ts'
import { mailThreads } from './mail-threads.ts'
import { metrics } from './metrics.ts'
import { nobodys } from './nobodys.ts'
import { joinNodes } from './nodes.ts'
import { owedTurns } from './owed-turns.ts'
import { pacing } from './pacing.ts'
import { dumpCustomer } from './privacy/dump-customer.ts'
import { eraseCustomer, onForgotten } from './privacy/erase-customer.ts'
import { rateLimit } from './rate-limit.ts'
import { isIdle, notReady, oldestOwed, streamSizes } from './readiness.ts'
import { readingDoors } from './reading.ts'
import { remembered } from './remembered.ts'
import { forgottenOf } from './retention.ts'
import { retryLetter } from './retried-letters.ts'
import { type Running, stopRunning } from './running.ts'
import { sentTexts } from './sent-texts.ts'
import { type AcceptAnswer, accept } from './stages/accept.ts'
import type { Versions } from './stages/restore.ts'
import { storeUntilDone } from './store-until-done.ts'
import { ensureStreams } from './streams.ts'
import { thisNode } from './this-node.ts'
import { throughDoor } from './through-door.ts'
import { scheduledTimers } from './timers.ts'
import { tracedDoor } from './traced-door.ts'
import { startTraces } from './traces.ts'
import { startTransmitter } from './transmitter.ts'
import { turnstilesOf, unlimited } from './turnstile.ts'
import { unhandledCounts } from './unhandled-counts.ts'
import { virtualTime } from './virtual-time.ts'
import { startWorker } from './worker.ts'

export interface Node {
  /** Where the gateway listens; empty on a worker without one. */
  url: string
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
  worker?: boolean
  /** Mail is taken at any free port when none is configured, or that one is taken. */
  anyMailPort?: boolean
  /** Where the built console lies; without it `/` says how to get it. */
  consoleDir?: string
  /** The machines it runs; this build's when not given. */
  versions?: Versions
  /** Machines of the program's own, beside those (`defineConversation`). */
  hosted?: readonly Hosted[]
}

const ownVersions: Versions = { definitions, migrations }
const textDoors = { sms: smsDoor, receipts: receiptsDoor }
const doors: readonly Door[] = [smsDoor, liveChatDoor, emailDoor, webhookDoor, receiptsDoor]

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
    deskUrl: running.desk?.url ?? '',
    mailUrl: running.mail?.url ?? '',
    broker,
    stop,
  }
}

async function startParts(options: NodeOptions, running: Running): Promise<void> {
  const { broker } = running
  const { config, log, gateway: withGateway = true, worker: withWorker = true, hosted = [] } = options
  const { definitions: given, migrations: ways } = options.versions ?? ownVersions
  const versions = { definitions: [...given, ...hosted.map(({ definition }) => definition)], migrations: ways }
  const { js, jsm, nc } = broker
  const replicas = config.replicas ?? (broker.servers >= 3 ? 3 : 1)
  const { partitions } = config
  await ensureStreams(jsm, { replicas, partitions })

  const wallClock = systemClock()
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
  let textLines: TextLine[] = []
  let takingTexts: ((door: Door, raw: Uint8Array) => Promise<AcceptAnswer>) | undefined
  if (withGateway) {
    const view = await followConversations(nc, js, log)
    running.view = view
    onForgotten(nc, view.forget)
    const limit = rateLimit(clock, config.ratePerCustomer)
    const counts = unhandledCounts()
    const idle = () => isIdle(broker, busy, running.desk)
    const threads = mailThreads({ js, jsm, recordOf, actorIdOf, ownsMailbox, actorOfMessageId })
    const store = await openAttachmentStore(js, jsm, replicas)
    const looking = inspector(wallClock, (why) =>
      log.warn({ code: 'inspection-ended', why }, 'the thread that looks into files ended'),
    )
    running.inspector = looking
    const decideFiles = attachmentDecisions({
      clock: wallClock,
      inspect: looking.inspect,
      download: downloader(config),
      store,
      publicUrl: () => config.publicUrl ?? running.gateway?.url ?? '',
    })
    measured.reading({ conversations: view.counts, streams: () => streamSizes(broker), owed: () => oldestOwed(broker) })
    const wasErased = async (actor: string) => (await forgottenOf(jsm, actor)) !== undefined
    const looked = { recordOf, actorIdOf, normaliseCustomer, normaliseAsset, view }
    const incoming = {
      ...common,
      ...looked,
      actorOf: view.actorOf,
      knowsAsset,
      limit,
      wasErased,
      counts,
      decideFiles,
      mailThreads: threads,
    }
    const chatSecret = store.secretFor('chat')
    const onCustomer = { ...common, threadOf: threadsBy(chatSecret), ...looked, assets: config.assets, store, versions }
    const chat = await chatThreads(nc, js, jsm, log)
    running.chat = chat
    const accepting = measured.accepting(
      withAgentsReceipts(nc, (given, door, raw) =>
        tracedDoor(traces, wallClock, door.name, given, (traceparent) =>
          accept({ ...incoming, traceparent }, door, raw),
        ),
      ),
    )
    const hostedDoor = (one: Hosted) => (given: string | undefined, raw: Uint8Array) =>
      tracedDoor(traces, wallClock, one.definition.id, given, (own) => acceptHosted(js, one, raw, own))
    const taking = (door: Door, raw: Uint8Array) => accepting(undefined, door, raw)
    takingTexts = taking
    running.mail = await mailListener(config, options.anyMailPort ?? false, (raw) => taking(emailDoor, raw))
    running.gateway = await listening(config, {
      ...common,
      host: config.bind.host,
      port: config.bind.port,
      doors,
      accept: accepting,
      chat: chatMount(config, clock, wallClock, chat, chatSecret, taking),
      hosted: new Map(hosted.map((one) => [one.definition.id, hostedDoor(one)])),
      providers: [
        twilioDoors({ ...textDoors, ...config, authToken: config.twilio?.authToken, accept: taking }),
        agentsTextsDoor({ lineOf: (asset) => textLines.find((line) => line.sends(asset)), sent, clock: wallClock }),
      ],
      metrics: measured.text,
      consoleDir: options.consoleDir,
      deskUrl: () => running.desk?.url ?? '',
      assets: config.assets.map(assetReading),
      ...statecharts(jsm, versions.definitions),
      feeds: feeds({ js, clock: wallClock, partitions, view }),
      deadLetters: {
        letters,
        log,
        retry: (id) => retryLetter({ js, letters, now: clock.now, throughDoor: throughDoor(incoming, doors) }, id),
      },
      attachment: (id) => store.get(id),
      reading: readingDoors({ ...common, ...looked, versions }),
      privacy: {
        erase: (query) => eraseCustomer(onCustomer, query),
        dump: (query) => dumpCustomer(onCustomer, query),
        audit: auditTrail(js, jsm, wallClock),
      },
      ...secretsIn(config),
      testClock: virtual && { ...virtual, advance: (ms) => virtual.advance(ms, idle) },
      notReady: () => notReady(broker, wallClock),
      nodes: nodes.live,
      unhandled: counts.all,
    })
  }

  const ofCentre = { clock: wallClock, random: Math.random, sent, accept: takingTexts, log }
  running.centre = messageCentre(config, { ...ofCentre, ...textDoors, sends: withWorker || needsDesk(config) })
  textLines = [...twilioLine(config, clock.now), ...(running.centre ? [running.centre.line] : [])]
  running.desk = await deskOfNode(config, {
    nats: nc,
    clock,
    replicas,
    gatewayUrl: () => running.gateway?.url ?? '',
    mailUrl: () => running.mail?.url ?? '',
  })
  if (withWorker) {
    const cache = actorCache(recordOf, partitions)
    onForgotten(nc, (actor) => cache.drop(actor))
    const timers = virtual?.timers ?? scheduledTimers(js, jsm, partitions)
    const breakers = new Map<string, Breaker>()
    const ledger = effectsLedger(js, jsm, partitions)
    const turnstiles = turnstilesOf(config, clock, () => running.transmitter?.share() ?? 0)
    const own = hosted.flatMap(({ adapters }) => adapters)
    const lines = chatAppender(js, jsm)
    const far = farSides(config, running.desk, clock, log, lines, textLines, measured.performing, own)
    running.worker = startWorker({
      ...common,
      versions,
      timeOf: virtual?.timeOf ?? clock.now,
      cache,
      timers,
      pacing: pacing(clock, partitions, config.reconcilePerSecond),
      isTooFarAhead: owedTurns(jsm, partitions, ledger),
      turned: measured.turned,
    })
    running.transmitter = startTransmitter({
      ...common,
      definitions: versions.definitions,
      ledger,
      adapterFor: far,
      breakerFor: (destination) => remembered(breakers, destination, () => breaker(clock)),
      turnstileFor: (destination) => turnstiles[destination] ?? unlimited,
      policyOf: (record) => bindings(record.address)?.asset.policy ?? config.assets[0]!.policy,
      tell: (actor, envelope) => storeUntilDone(broker, wallClock, actor, envelope),
      random: Math.random,
    })
    running.balance = balance(nodes, wallClock, {
      turning: running.worker.partitions,
      transmitting: running.transmitter.partitions,
    })
  }
  log.info(
    {
      node: nodes.self,
      url: running.gateway?.url,
      desk: running.desk?.url,
      nats: nc.info?.version,
      partitions,
      replicas,
      config: config.source,
    },
    'node started',
  )
}

/** Who carries out an effect: the real far side where an address is set, the desk for the rest. */
function farSides(
  config: Config,
  desk: Pick<Desk, 'url'> | undefined,
  clock: Clock,
  log: Log,
  lines: Pick<ChatThreads, 'append'>,
  textLines: readonly TextLine[],
  measured: (adapter: Adapter<AnyEffect>) => Adapter<AnyEffect>,
  own: readonly Adapter<AnyEffect>[],
): (effect: AnyEffect) => Adapter<AnyEffect> {
  const at = (name: 'digitalRouting' | 'engage' | 'connect') => ({
    url: config.urls[name] ?? desk?.url ?? '',
    authorization: authorizationOf(name, config.tokens[name], clock),
    now: () => clock.now(),
  })
  const { smtp: mailServer } = config.urls
  const adapters = [
    digitalRouting(at('digitalRouting')),
    engage(at('engage')),
    ...(mailServer === undefined ? [] : [smtp({ url: mailServer, now: () => clock.now() })]),
    chatSender(lines, () => clock.now()),
    ...textLines.map(textSender),
    connect(at('connect'), config.publicUrl),
    alerts(log),
    ...own,
  ].map((adapter) => measured(adapter as Adapter<AnyEffect>))
  return (effect) =>
    adapters.find(({ performs, takes }) => performs.includes(effect.type) && (takes?.(effect) ?? true)) ?? nobodys
}

function authorizationOf(name: string, credentials: Credentials | undefined, clock: Clock): Authorization {
  if (!credentials || 'token' in credentials) return staticToken(credentials?.token)
  return clientCredentials(name, credentials, clock, systemClock())
}

/** Undefined when no port is configured and none is asked for. */
async function mailListener(
  { smtpPort = 0, smtpTls, ...config }: Config,
  anyPort: boolean,
  deliver: (raw: Uint8Array) => Promise<AcceptAnswer>,
): Promise<Running['mail']> {
  if (smtpPort === 0 && !anyPort) return undefined
  const asked = { host: config.bind.host, port: smtpPort, anyPort, tls: smtpTls, appOfMailbox: appOfMailbox(config) }
  return openMailListener({
    ...asked,
    deliver: async (raw) => {
      const { status, body } = await deliver(raw)
      return { status, said: 'eventId' in body ? body.eventId : body.detail }
    },
  }).catch((cause) => {
    const { code = 'no code' } = cause as { code?: string }
    const todo = `mail cannot be taken at port ${smtpPort} (${code}); correct PARLEY_SMTP_PORT or the certificate`
    throw new StartError('E_SMTP', todo, cause)
  })
}

async function listening(config: Config, parts: Parameters<typeof startGateway>[0]): Promise<Gateway> {
  try {
    return await startGateway(parts)
  } catch (cause) {
    if ((cause as { code?: string }).code !== 'EADDRINUSE') throw cause
    throw new StartError('E_PORT', `port ${config.bind.port} is taken; set PARLEY_PORT to a free one`, cause)
  }
}
