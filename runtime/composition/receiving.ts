/**
 * The receiving half of a node: every door, what it accepts into the inbox, and what it lets be read. Puts parts together and
 * decides nothing.
 */
import type { Door } from '../../adapters/adapter.ts'
import { downloader } from '../../adapters/attachments/download.ts'
import { inspector } from '../../adapters/attachments/inspector.ts'
import { chatMount } from '../../adapters/chat/chat-mount.ts'
import { threadsBy } from '../../adapters/chat/session-token.ts'
import { agentsTextsDoor } from '../../adapters/connect/agents-texts-door.ts'
import { actorOfMessageId } from '../../adapters/connect/email-body.ts'
import { emailDoor } from '../../adapters/connect/email-door.ts'
import { liveChatDoor } from '../../adapters/connect/live-chat-door.ts'
import { receiptsDoor } from '../../adapters/connect/receipts-door.ts'
import { smsDoor } from '../../adapters/connect/sms-door.ts'
import { webhookDoor } from '../../adapters/digital-routing/webhook-door.ts'
import { actorIdOf, normaliseAsset, normaliseCustomer } from '../../adapters/identity.ts'
import type { MailLine } from '../../adapters/mail-line.ts'
import type { TextLine } from '../../adapters/text-line.ts'
import { noTrouble } from '../../adapters/trouble.ts'
import { twilioDoors } from '../../adapters/twilio/twilio-doors.ts'
import { withAgentsReceipts } from '../agents-receipts.ts'
import { openAttachmentStore } from '../attachment-store.ts'
import { attachmentDecisions } from '../attachments.ts'
import { auditTrail } from '../audit.ts'
import { statecharts } from '../chart/statecharts.ts'
import { chatThreads } from '../chat-threads.ts'
import type { Config } from '../config.ts'
import { followConversations } from '../conversations-view.ts'
import { secretsIn } from '../credentials.ts'
import { StartError } from '../errors.ts'
import { feeds } from '../feed.ts'
import { type Gateway, startGateway } from '../gateway.ts'
import { serverTls } from '../gateway-tls.ts'
import { acceptHosted, type Hosted } from '../hosted.ts'
import { assetReading } from '../machine-doors.ts'
import { mailThreads } from '../mail-threads.ts'
import { dumpCustomer } from '../privacy/dump-customer.ts'
import { eraseCustomer, onForgotten } from '../privacy/erase-customer.ts'
import { rateLimit } from '../rate-limit.ts'
import { isIdle, notReady, oldestOwed, streamSizes } from '../readiness.ts'
import { readingDoors } from '../reading.ts'
import { followFiles } from '../renewed-files.ts'
import { forgottenOf } from '../retention.ts'
import { retryLetter } from '../retried-letters.ts'
import type { Running } from '../running.ts'
import { type AcceptAnswer, accept } from '../stages/accept.ts'
import { takenMails } from '../taken-mails.ts'
import { throughDoor } from '../through-door.ts'
import { tracedDoor } from '../traced-door.ts'
import { unhandledCounts } from '../unhandled-counts.ts'
import { untilBrokerAnswers } from '../until-broker-answers.ts'
import { mailListener } from './mail-listener.ts'
import { readMailboxes } from './mailboxes.ts'
import type { NodeParts } from './node-parts.ts'
import { textDoors } from './text-doors.ts'

const doors: readonly Door[] = [smsDoor, liveChatDoor, emailDoor, webhookDoor, receiptsDoor]

export interface ReceivingOptions {
  hosted: readonly Hosted[]
  anyMailPort: boolean
  consoleDir: string | undefined
  /** The line that texts of an asset go out over, once lines are open. */
  lineOf: (asset: string) => TextLine | undefined
  mailLine: MailLine | undefined
}

/** Opens the doors. Resolves to how what comes over a line is taken. Throws `StartError` when a port cannot be had. */
export async function startReceiving(
  parts: NodeParts,
  running: Running,
  { hosted, anyMailPort, consoleDir, lineOf, mailLine }: ReceivingOptions,
): Promise<(door: Door, raw: Uint8Array) => Promise<AcceptAnswer>> {
  const {
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
    nodes,
    knowsAsset,
    ownsMailbox,
  } = parts
  const { js, jsm, nc, log, clock, wallClock, partitions, letters, traces, activity: busy } = common
  const view = await followConversations(nc, js, log)
  running.view = view
  onForgotten(nc, view.forget)
  const limit = rateLimit(clock, config.ratePerCustomer)
  const counts = unhandledCounts()
  const idle = () => isIdle(broker, partitions, busy, running.desk)
  const threads = mailThreads({ js, jsm, recordOf, actorIdOf, ownsMailbox, actorOfMessageId })
  const store = await untilBrokerAnswers(wallClock, () => openAttachmentStore(js, jsm, replicas, sealed.files))
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
  const ofCustomer = { ...common, threadOf: threadsBy(chatSecret), ...looked, assets: config.assets, store, versions }
  // What is written of an erasure has nothing of the customer, and stays readable when their keys are gone.
  const erasing = { ...ofCustomer, js: inClear.js, keys: sealed.keys }
  const chat = await chatThreads(nc, js, jsm)
  running.chat = chat
  const accepting = measured.accepting(
    withAgentsReceipts(nc, (given, door, raw) =>
      tracedDoor(traces, wallClock, door.name, given, (traceparent) => accept({ ...incoming, traceparent }, door, raw)),
    ),
  )
  const hostedDoor = (one: Hosted) => (given: string | undefined, raw: Uint8Array) =>
    tracedDoor(traces, wallClock, one.definition.id, given, (own) => acceptHosted(js, one, raw, own))
  const taking = (door: Door, raw: Uint8Array) => accepting(undefined, door, raw)
  running.mail = await mailListener(config, anyMailPort, (raw) => taking(emailDoor, raw))
  running.mailboxes = await readMailboxes(config, {
    ...{ clock: wallClock, random: Math.random, log, counts, setAside: common.setAside, taken: takenMails(js, jsm) },
    deliver: (raw) => taking(emailDoor, raw),
    connections: parts.connections.others,
    isReader: () => nodes.live().find(({ url }) => url !== '')?.id === nodes.self,
  })
  const windowTrouble = () => running.desk?.windowTrouble() ?? noTrouble
  running.gateway = await listening(config, {
    ...common,
    host: config.bind.host,
    port: config.bind.port,
    tls: config.bind.tls && (await serverTls(config.bind.tls)),
    doors,
    accept: accepting,
    chat: chatMount(config, { clock, wallClock, threads: chat, trouble: windowTrouble }, chatSecret, taking),
    hosted: new Map(hosted.map((one) => [one.definition.id, hostedDoor(one)])),
    providers: [
      twilioDoors({ ...textDoors, ...config, authToken: config.twilio?.authToken, accept: taking }),
      agentsTextsDoor({ lineOf, mailLine, sent, clock: wallClock }),
    ],
    metrics: measured.text,
    consoleDir,
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
      erase: (query) => eraseCustomer(erasing, query),
      dump: (query) => dumpCustomer(ofCustomer, query),
      audit: auditTrail(js, jsm, wallClock),
    },
    ...secretsIn(config),
    testClock: virtual && { ...virtual, advance: (ms) => virtual.advance(ms, idle) },
    notReady: () => notReady(broker, wallClock),
    nodes: nodes.live,
    unhandled: counts.all,
  })
  followCertificates(config, running, { clock: wallClock, log })
  return taking
}

/** Of the gateway, as they are renewed. */
function followCertificates(
  { bind }: Config,
  running: Running,
  means: Pick<Parameters<typeof followFiles>[1], 'clock' | 'log'>,
): void {
  const { tls } = bind
  if (!tls) return
  const { cert, key, clientCa } = tls
  const renew = async () => running.gateway?.renewTls(await serverTls(tls))
  running.certificates = followFiles([cert, key, ...(clientCa ? [clientCa] : [])], { ...means, renew })
}

async function listening(config: Config, parts: Parameters<typeof startGateway>[0]): Promise<Gateway> {
  try {
    return await startGateway(parts)
  } catch (cause) {
    if ((cause as { code?: string }).code !== 'EADDRINUSE') throw cause
    throw new StartError('E_PORT', `port ${config.bind.port} is taken; set PARLEY_PORT to a free one`, cause)
  }
}
