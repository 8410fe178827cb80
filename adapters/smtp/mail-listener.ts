/**
 * The SMTP listener: mail to an asset's mailbox, straight from mail servers (RFC 5321). Speaks to the email door only.
 * Invariants: 250 is said once every receiver's event is stored (T9); 4xx asks for the mail again, and what was stored by
 * then is a duplicate by its Message-ID; it is no relay, since it takes mail for our own mailboxes alone.
 */
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'
import { MalformedBody } from '../adapter.ts'
import { mailBodies } from './mail-as-body.ts'

/** What a door answered: an HTTP status, and words for the sender. */
export interface Delivered {
  status: number
  said: string
}

export interface MailListenerOptions {
  host: string
  /** 0 takes a free one. */
  port: number
  /** Takes a free one, too, when `port` is taken. */
  anyPort?: boolean
  /** PEM files; with them STARTTLS is offered. */
  tls: { cert: string; key: string } | undefined
  /** The email asset that has a mailbox, given in lower case; undefined when none has. */
  appOfMailbox: (address: string) => string | undefined
  /** Through the email door; never rejects. */
  deliver: (body: Uint8Array) => Promise<Delivered>
}

export interface MailListener {
  /** `smtp://host:port`. */
  url: string
  /** Takes no more, ends what is being said, and frees the port. */
  stop(): Promise<void>
}

/** Announced as SIZE (RFC 1870): what the HTTP door takes. */
export const mail_bytes_max = 27_262_976
/** Mails are held in memory until they are stored: so much of all of them together. */
const bytes_in_hand_max = 8 * mail_bytes_max
const connections_max = 200
const receivers_max = 100
const socket_timeout_ms = 60_000
const close_wait_ms = 2_000

/** Listens. Rejects when the port is taken (`EADDRINUSE`) or the certificate cannot be used. */
export async function openMailListener(options: MailListenerOptions): Promise<MailListener> {
  const { host, port, anyPort = false, tls } = options
  const pem = tls && { cert: await readFile(tls.cert), key: await readFile(tls.key) }
  const listening = await listen(options, pem, port).catch((error) => {
    if (anyPort && (error as { code?: string }).code === 'EADDRINUSE') return listen(options, pem, 0)
    throw error
  })
  return {
    url: `smtp://${host}:${(listening.server.address() as AddressInfo).port}`,
    stop: () => new Promise((resolve) => listening.close(() => resolve())),
  }
}

async function listen(options: MailListenerOptions, pem: object | undefined, port: number): Promise<SMTPServer> {
  const { host, appOfMailbox } = options
  let bytes_in_hand = 0
  const server = new SMTPServer({
    ...pem,
    banner: 'Parley',
    size: mail_bytes_max,
    authOptional: true,
    disabledCommands: pem ? ['AUTH'] : ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    maxClients: connections_max,
    socketTimeout: socket_timeout_ms,
    closeTimeout: close_wait_ms,
    onRcptTo({ address }, session, callback) {
      if (session.envelope.rcptTo.length >= receivers_max) return callback(refusal(452, 'too many receivers'))
      if (appOfMailbox(address.toLowerCase()) !== undefined) return callback()
      callback(refusal(550, 'no such mailbox here'))
    },
    onData(stream, session, callback) {
      const count = (bytes: number) => {
        bytes_in_hand += bytes
        return bytes_in_hand <= bytes_in_hand_max
      }
      taken(stream, session, options, count).then((said) => callback(null, said), callback)
    },
  })
  // Of one connection: reset, or TLS that was not spoken. The others go on.
  server.on('error', () => {})
  const listening = server.listen(port, host)
  await new Promise<void>((resolve, reject) => {
    listening.once('listening', resolve)
    listening.once('error', reject)
  })
  return server
}

/** The words of 250. Rejects with the reply code otherwise. */
async function taken(
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
  { appOfMailbox, deliver }: MailListenerOptions,
  count: (bytes: number) => boolean,
): Promise<string> {
  let held = 0
  try {
    const chunks: Buffer[] = []
    let isRoom = true
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      // The rest is read all the same, so that the reply is heard; it is not kept.
      if (!isRoom || stream.sizeExceeded) continue
      held += chunk.length
      isRoom = count(chunk.length)
      chunks.push(chunk)
    }
    if (stream.sizeExceeded) throw refusal(552, `the mail is over ${mail_bytes_max} bytes`)
    if (!isRoom) throw refusal(452, 'too many mails at once; send it again')
    const { mailFrom, rcptTo } = session.envelope
    const from = mailFrom === false ? '' : mailFrom.address
    const apps = new Set(rcptTo.flatMap(({ address }) => appOfMailbox(address.toLowerCase()) ?? []))
    const bodies = await mailBodies(
      Buffer.concat(chunks),
      [...apps].map((app) => ({ app, from })),
    )
    const answers = await Promise.all(bodies.map((body) => deliver(utf8.encode(JSON.stringify(body)))))
    const failed = answers.find(({ status }) => status !== 200)
    if (failed) throw refusal(replyCodeOf(failed.status), failed.said)
    return `stored as ${answers.map(({ said }) => said).join(' ')}`
  } catch (error) {
    if (error instanceof MalformedBody) throw refusal(554, error.message)
    throw (error as { responseCode?: number }).responseCode ? error : refusal(451, 'the mail was not taken')
  } finally {
    count(-held)
  }
}

const utf8 = new TextEncoder()

/** RFC 5321, 4.2.1: 4xx to be sent again, 5xx not. */
function replyCodeOf(status: number): number {
  if (status === 413) return 552
  if (status === 429) return 450
  return status >= 500 ? 451 : 554
}

const refusal = (responseCode: number, message: string): Error =>
  Object.assign(new Error(message.replace(/[\r\n]+/g, ' ')), { responseCode })
