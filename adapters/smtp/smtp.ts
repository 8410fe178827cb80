/**
 * The adapter that sends mail by SMTP (RFC 5321), where `SMTP_URL` is set: the same mail that Connect would be asked for,
 * with the id that answers name. Terminal or retryable by the reply code.
 * T6: the Message-ID is made of the idempotency key, so that a mail sent twice is one for the receiver's program.
 */
import MailComposer from 'nodemailer/lib/mail-composer'
import SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { Effect, OutboundMail, OutboundMessage } from '../../machines/effects.ts'
import { type Adapter, type Call, EffectError } from '../adapter.ts'
import { mailHeaders, messageIdOf } from '../connect/email-body.ts'
import { hostOf, isLoopback } from '../mail-host.ts'
import type { MailLine, OutgoingMail } from '../mail-line.ts'

const destination = 'smtp'

/** Where and as whom; `url` as `smtp://user:password@host:port` or `smtps://…` (465 and TLS at once). `now`: ms since the epoch. */
export interface MailServer {
  url: string
  now: () => number
}

/** Performs `sendMessage` of mails. A connection each: what hangs is cut when the attempt's time is up. */
export function smtp(server: MailServer): Adapter {
  return {
    destination,
    performs: ['sendMessage'],
    takes: (effect) => effect.type === 'sendMessage' && effect.payload.mail !== undefined,
    perform: (effect, call) => perform(server, effect, call),
  }
}

/** What a configuration says of it. */
interface Chosen {
  urls: { smtp?: string }
  assets: readonly { channel: string; address: string }[]
}

/** The line for mails of people, out of the mailboxes of the assets; undefined where no server is set. */
export function smtpLine({ urls, assets }: Chosen, now: () => number): MailLine | undefined {
  const { smtp: url } = urls
  if (url === undefined) return undefined
  return {
    sends: (mailbox) => assets.some(({ channel, address }) => channel === 'email' && address === mailbox),
    send: (mail, { signal }) => sent({ url, now }, mail, signal),
  }
}

async function perform(server: MailServer, effect: Effect, call: Call): Promise<object> {
  const mail = effect.type === 'sendMessage' ? effect.payload.mail : undefined
  if (effect.type !== 'sendMessage' || !mail) {
    throw new EffectError(
      'terminal',
      'refused',
      `${destination}: expected a mail, found ${effect.type} of another channel`,
    )
  }
  await sent(server, answerOf(effect.payload, mail, call.idempotencyKey), call.signal)
  return {}
}

function answerOf({ address, text }: OutboundMessage, mail: OutboundMail, key: string): OutgoingMail {
  const { 'Message-ID': _id, ...headers } = mailHeaders(mail, key)
  return { ...mail, to: address.customer, text, messageId: messageIdOf(key, mail.from), headers }
}

async function sent({ url, now }: MailServer, mail: OutgoingMail, signal: AbortSignal): Promise<void> {
  const bytes = await composed(mail, now())
  const to = [mail.to, ...mail.cc, ...mail.bcc]
  await conversation(url, { from: mail.from, to, size: bytes.length }, bytes, signal)
}

/** The mail as it goes over the wire; blind copies are in the envelope alone. */
function composed({ from, fromName, cc, bcc: _bcc, ...mail }: OutgoingMail, at_ms: number): Promise<Buffer> {
  return new MailComposer({
    ...mail,
    from: { name: fromName, address: from },
    cc: [...cc],
    date: new Date(at_ms),
    disableFileAccess: true,
    disableUrlAccess: true,
  })
    .compile()
    .build()
}

interface Envelope {
  from: string
  to: string[]
  size: number
}

function conversation(url: string, envelope: Envelope, bytes: Buffer, signal: AbortSignal): Promise<void> {
  const server = new URL(url)
  const { port, protocol, username, password } = server
  const secure = protocol === 'smtps:'
  const host = hostOf(server)
  const connection = new SMTPConnection({
    host,
    secure,
    ...(port === '' ? {} : { port: Number(port) }),
    // A password goes over no open line, but on this machine.
    requireTLS: !secure && username !== '' && !isLoopback(host),
  })
  const auth = { user: decodeURIComponent(username), pass: decodeURIComponent(password) }
  return new Promise<void>((resolve, reject) => {
    const fail = (error: unknown) => reject(failureOf(error))
    const timeUp = () => reject(failureOf({ code: 'ETIMEDOUT' }))
    signal.addEventListener('abort', timeUp, { once: true })
    if (signal.aborted) return timeUp()
    const send = () =>
      connection.send(envelope, bytes, (error, info) => {
        if (error) return fail(error)
        const customer = info?.rejectedErrors?.find(({ recipient }) => recipient === envelope.to[0])
        if (customer) return fail(customer)
        connection.quit()
        resolve()
      })
    connection.once('error', fail)
    connection.once('end', () => fail({ code: 'ECONNECTION' }))
    connection.connect((error) => {
      if (error) return fail(error)
      if (username === '') return send()
      connection.login(auth, (refused) => (refused ? fail(refused) : send()))
    })
  }).catch((error) => {
    connection.close()
    throw error
  })
}

/** By the reply code alone: the words of a mail server may quote addresses. 5xx is terminal, everything else is not. */
function failureOf(error: unknown): EffectError {
  const { responseCode, code } = error as { responseCode?: number; code?: string }
  if (responseCode !== undefined && responseCode >= 500) {
    const problem = `${destination}: expected 250, found ${responseCode}; look for the Message-ID in the mail server's log`
    return new EffectError('terminal', 'refused', problem)
  }
  const isBusy = responseCode !== undefined && [421, 450, 451, 452].includes(responseCode)
  const found = responseCode ?? `no answer (${code ?? 'no code'})`
  return new EffectError(
    'retryable',
    isBusy ? 'serviceUnavailable' : 'failed',
    `${destination}: expected 250, found ${found}; try again`,
  )
}
