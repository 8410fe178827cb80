/**
 * The embedded desk: a small contact centre behind real HTTP that speaks the contracts of Digital Routing, Engage and
 * Connect messaging. The default far side for everyone without an account, and the stand-in for demos and tests; the
 * runtime cannot tell it from the real ones. Composes the parts beside it; keeps its data in JetStream (`journal.ts`).
 */
import type { NatsConnection } from '@nats-io/transport-node'
import fastify, { type FastifyError, type FastifyInstance } from 'fastify'
import { ZodError } from 'zod'
import type { Clock } from '../clock.ts'
import type { Trouble } from '../trouble.ts'
import { openAgentDoors } from './agent-doors.ts'
import { automaticAgent } from './automatic-agent.ts'
import { openCalls } from './calls.ts'
import { openChatDoors } from './chat-doors.ts'
import { openChatWindow } from './chat-window.ts'
import { openConnectDoors } from './connect-doors.ts'
import { openControl } from './control.ts'
import { openCrewDoors } from './crew-doors.ts'
import { type DeskEvent, deliveryEventOf, eventOf } from './desk-events.ts'
import { deskOpenApi } from './desk-openapi.ts'
import { openDispatch } from './dispatch.ts'
import { openDutyRoster, transferDuty } from './duties.ts'
import { openEngageDoors } from './engage-doors.ts'
import type { Delivery } from './entries.ts'
import { estimates } from './estimates.ts'
import { faultBook } from './faults.ts'
import { openForgetting } from './forgetting.ts'
import { openHandset } from './handset.ts'
import { type DeviceChannel, openInboundPost } from './inbound-post.ts'
import { openJournal } from './journal.ts'
import { openLedger } from './ledger.ts'
import { openLineReceipts } from './line-receipts.ts'
import { type AppOfMailbox, openMailbox } from './mailbox.ts'
import { Refused } from './refused.ts'
import { openRoutingDoors } from './routing-doors.ts'
import { type AllSettings, openSettings } from './settings.ts'
import type { JournalSealing } from './tape.ts'
import { ringDuty, waitDuty } from './time-limits.ts'
import { openTroubleDoors, troubleBook } from './troubles.ts'
import { openWebhooks } from './webhooks.ts'

export interface DeskOptions {
  /** Stays the caller's: the desk never closes it. */
  nats: NatsConnection
  clock: Clock
  host: string
  /** 0 takes a free one. */
  port: number
  /** Full address of POST /v1/webhooks/digital-routing; asked anew for each delivery. */
  webhookUrl: () => string
  /** Full address of the runtime's POST /v1/messages: what agents say in threads of its own chat door. */
  messagesUrl?: () => string
  /** Full address of the runtime's POST /v2/messages: what agents write from numbers and mailboxes that `hasLine` names. */
  textsUrl?: () => string
  /** Whether what a service number or mailbox sends goes out over a line of the runtime (Twilio, SMPP, SMTP); none unless said. */
  hasLine?: (asset: string) => boolean
  /** Full address of the runtime's door for that channel. */
  inboundUrl: (channel: DeviceChannel) => string
  /** Which email asset has a mailbox, given in lower case. Without it nobody can write mails. */
  appOfMailbox?: AppOfMailbox
  /** Where the runtime takes mail by SMTP; empty while it does not. */
  mailUrl?: () => string
  /** Sent as a bearer token to the addresses above, and to receipt addresses of the same origin only. */
  inboundToken?: string | undefined
  /** Signs what goes to the same addresses, when set. */
  inboundHmacSecret?: string | undefined
  inboundWebhookSecret?: string | undefined
  /** What the desk starts with; `automatic-agent.ts` and `estimates.ts` have the defaults. */
  agents?: Partial<AllSettings>
  /** Stream replicas, default 1. */
  replicas?: number
  /** How the journal lies in its stream; in clear unless said. */
  sealing?: JournalSealing | undefined
  onEvent?: (line: DeskEvent) => void
}

export interface Desk {
  url: string
  /** Ends what is under way and frees the port. Undelivered webhooks go out at the next start. */
  stop(): Promise<void>
  /** True when nothing is being written or delivered; what waits on the clock or is held does not count. */
  idle(): boolean
  /** What goes wrong with what windows of our own chat door send now. */
  windowTrouble(): Trouble
  /** `GET /desk/tasks` and so on: every door that is open. */
  doors: readonly string[]
}

/** Starts the desk on its journal. Rejects when the port is taken or the broker refuses the stream. */
export async function startDesk(options: DeskOptions): Promise<Desk> {
  const { nats, clock, host, port, inboundUrl, onEvent = () => {}, hasLine = () => false } = options
  const journal = await openJournal(nats, clock, options.replicas ?? 1, options.sealing)
  journal.onEntry((entry) => {
    const event = eventOf(entry)
    if (event) onEvent(event)
  })
  const troubles = troubleBook()
  const webhooks = openWebhooks({
    journal,
    clock,
    troubleOf: troubles.of,
    destinationOf: (delivery) => destinationOf(delivery, options),
    onOutcome: (delivery, outcome, status, tries) =>
      onEvent(deliveryEventOf(delivery, outcome, status, tries, new Date(clock.now()).toISOString())),
  })
  const settings = openSettings(options.agents ?? {}, () => roster.refresh())
  const duties = [
    transferDuty,
    ringDuty,
    waitDuty,
    automaticAgent(settings.current, hasLine),
    estimates(settings.current),
  ]
  const roster = openDutyRoster({
    journal,
    clock,
    dutiesOf: (floor, task, at) => duties.flatMap((dutiesOf) => dutiesOf(floor, task, at)),
    everyone: () => settings.current().automatic || settings.current().estimates || journal.floor.agents.size > 0,
    onDone: webhooks.go,
  })
  const dispatch = openDispatch({ journal, clock, onDone: webhooks.go })

  let url = ''
  const faults = faultBook()
  const ledger = openLedger(journal.floor)
  const { server, doors } = openServer(webhooks.go)
  server.get('/desk/openapi.json', async () => deskOpenApi())
  const calls = openCalls({ journal, faults, ledger, clock, url: () => url })
  openRoutingDoors(server, calls, () => settings.current().waiting_max)
  openEngageDoors(server, calls)
  openConnectDoors(server, calls)
  openChatDoors(server, calls)
  const line = openInboundPost({
    clock,
    inboundUrl,
    inbound: secretsOf(options),
    trouble: () => troubles.of('message'),
  })
  const devices = { clock, inbound: line }
  openHandset(server, { ...devices, floor: journal.floor })
  openChatWindow(server, { ...devices, journal })
  const { appOfMailbox = () => undefined, mailUrl = () => '' } = options
  openMailbox(server, { ...devices, floor: journal.floor, appOfMailbox, mailUrl })
  const now = () => new Date(clock.now()).toISOString()
  openCrewDoors(server, { journal, now })
  openAgentDoors(server, { journal, now, hasLine })
  openTroubleDoors(server, troubles, webhooks.retry)
  openControl(server, { journal, faults, ledger, webhooks, settings, hasLine })

  const closeForgetting = openForgetting(nats, journal)
  const closeReceipts = openLineReceipts(nats, journal)

  url = await server.listen({ host, port })
  roster.refresh()
  dispatch.go()
  webhooks.go()
  return {
    url,
    doors,
    windowTrouble: () => troubles.of('window'),
    idle: () => journal.quiet() && !webhooks.busy() && !line.busy(),
    async stop() {
      closeForgetting()
      closeReceipts()
      journal.close()
      roster.stop()
      dispatch.stop()
      line.stop()
      await server.close()
      await webhooks.stop()
      await journal.settled()
    },
  }
}

/** `onAnswered` runs when an answer is out or its connection is gone, so that callers hear the answer before webhooks. */
function openServer(onAnswered: () => void): { server: FastifyInstance; doors: string[] } {
  const server = fastify({ forceCloseConnections: true, bodyLimit: body_bytes_max, exposeHeadRoutes: false })
  const doors: string[] = []
  server.addHook('onRoute', ({ method, url }) => void doors.push(`${method} ${url}`))
  server.addHook('onRequest', async (_request, reply) => {
    reply.raw.once('close', onAnswered)
  })
  server.setErrorHandler((error: FastifyError, _request, reply) => {
    if (error instanceof Refused) return reply.code(error.status).send({ error: error.message })
    if (error instanceof ZodError) return reply.code(400).send({ error: wrongFields(error) })
    if (error.statusCode !== undefined && error.statusCode < 500) {
      return reply.code(error.statusCode).send({ error: error.message })
    }
    return reply
      .code(503)
      .header('retry-after', '1')
      .send({ error: error.message, errorMessage: 'Service unavailable' })
  })
  return { server, doors }
}

function wrongFields(error: ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; ')
}

/** Receipts go where the sender asked for; our secrets serve only the runtime they belong to. */
function destinationOf(delivery: Delivery, options: DeskOptions) {
  const webhookUrl = options.webhookUrl()
  const messagesUrl = options.messagesUrl?.() ?? ''
  const textsUrl = options.textsUrl?.() ?? ''
  const url = { webhook: webhookUrl, receipt: delivery.to, message: messagesUrl, text: textsUrl }[delivery.kind]
  const own = new URL(url).origin === new URL(webhookUrl).origin
  return { url, secrets: own ? secretsOf(options) : {} }
}

const secretsOf = ({ inboundToken, inboundHmacSecret, inboundWebhookSecret }: DeskOptions) => ({
  token: inboundToken,
  hmacSecret: inboundHmacSecret,
  webhookSecret: inboundWebhookSecret,
})

const body_bytes_max = 26 * 1024 * 1024
