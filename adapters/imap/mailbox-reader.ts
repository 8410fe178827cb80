/**
 * Mail in by IMAP (RFC 3501, RFC 9051): a mailbox elsewhere is read, and each new mail goes through the email door, as one
 * over SMTP does. Told by IDLE, and looked for once a minute; a lost connection is opened again with back-off. Owns the
 * connection; what becomes of a mail is `mail-taking.ts`'s.
 * Invariant: of the nodes that have a mailbox one is connected while all is well; two at a time do no harm (T9).
 */
import { ImapFlow } from 'imapflow'
import type { Clock } from '../clock.ts'
import type { Authorization } from '../http.ts'
import type { ImapAddress } from './imap-address.ts'
import { type MailTaking, takeNewMails } from './mail-taking.ts'

export interface MailboxReaderOptions {
  address: ImapAddress
  /** A password, or tokens for XOAUTH2. */
  logsInBy: { password: string } | Authorization
  /** Authorities to believe instead of the usual ones, in PEM. */
  ca: string | undefined
  /** What is done with each mail. */
  taking: MailTaking
  clock: Clock
  /** 0 to 1, spreads the nodes that come back. */
  random: () => number
  /** Whether it is this node's to read just now. */
  isOurs: () => boolean
  say: (what: 'reading' | 'not reading', detail: { why?: string }) => void
}

export interface MailboxReader {
  stop(): Promise<void>
}

const back_off_ms = 1_000
const back_off_ms_max = 60_000
const look_every_ms = 60_000
/** What could not be stored is looked at again. */
const look_again_ms = 5_000
/** How soon it is noticed that a mailbox has become this node's, or another one's. */
const stand_by_ms = 1_000
/** Servers end an IDLE after 30 minutes; networks forget earlier. */
const idle_ms_max = 240_000
const connect_ms_max = 30_000
const logout_ms_max = 2_000

/** Begins at once; never rejects. */
export function readMailbox(options: MailboxReaderOptions): MailboxReader {
  const { clock, random, isOurs, say } = options
  const over = new AbortController()
  let open: ImapFlow | undefined

  const run = async (): Promise<void> => {
    for (let failures = 0; !over.signal.aborted; ) {
      if (!isOurs()) {
        await clock.sleep(stand_by_ms, over.signal)
        continue
      }
      try {
        open = await connected(options, over.signal)
        say('reading', {})
        await readWhileOurs(open, options, over.signal, () => {
          failures = 0
        })
        await open.logout()
      } catch (error) {
        if (!over.signal.aborted) say('not reading', { why: reasonOf(error) })
        const wait_ms = Math.min(back_off_ms * 2 ** failures++, back_off_ms_max)
        await clock.sleep(wait_ms * (0.5 + random() / 2), over.signal)
      } finally {
        open?.close()
        open = undefined
      }
    }
  }
  const running = run()
  return {
    async stop() {
      over.abort()
      const cancel = clock.after(logout_ms_max, () => open?.close())
      await running
      cancel()
    },
  }
}

/** With the folder open. */
async function connected(options: MailboxReaderOptions, over: AbortSignal): Promise<ImapFlow> {
  const { address, logsInBy, ca } = options
  const { host, port, isTls, isLoopback, user, folder } = address
  const token = 'token' in logsInBy ? await logsInBy.token(over) : undefined
  const client = new ImapFlow({
    host,
    port,
    secure: isTls,
    auth: 'token' in logsInBy ? { user, accessToken: token ?? '' } : { user, pass: logsInBy.password },
    logger: false,
    autoIdleDelay: 50,
    maxIdleTime: idle_ms_max,
    connectionTimeout: connect_ms_max,
    ...(ca === undefined ? {} : { tls: { ca } }),
    // A password goes over no open line, but on this machine.
    ...(isTls || isLoopback ? {} : { doSTARTTLS: true }),
  })
  // Said again by whatever is under way then.
  client.on('error', () => {})
  try {
    await client.connect()
    const { readOnly } = await client.mailboxOpen(folder)
    if (readOnly) throw Object.assign(new Error(), { code: `${folder} may only be read` })
    return client
  } catch (error) {
    client.close()
    const isRefused = (error as { authenticationFailed?: boolean }).authenticationFailed
    if (isRefused && 'token' in logsInBy) logsInBy.refused(token)
    throw error
  }
}

/** Until the connection ends, which rejects, or the mailbox is another node's, or it is over. */
async function readWhileOurs(
  client: ImapFlow,
  { clock, taking, isOurs }: MailboxReaderOptions,
  over: AbortSignal,
  onLooked: () => void,
): Promise<void> {
  let news = new AbortController()
  const wake = () => news.abort()
  client.on('exists', wake)
  client.on('close', wake)
  over.addEventListener('abort', wake, { once: true })
  try {
    while (isOurs() && !over.aborted) {
      if (!client.usable) throw Object.assign(new Error(), { code: 'the connection was lost' })
      // What comes from now on wakes up the next wait.
      news = new AbortController()
      const waits = await takeNewMails(client, taking, over)
      onLooked()
      await untilNews(clock, waits ? look_again_ms : look_every_ms, isOurs, news.signal)
    }
  } finally {
    over.removeEventListener('abort', wake)
  }
}

async function untilNews(clock: Clock, wait_ms: number, isOurs: () => boolean, news: AbortSignal): Promise<void> {
  const until_ms = clock.now() + wait_ms
  while (!news.aborted && isOurs() && clock.now() < until_ms) await clock.sleep(stand_by_ms, news)
}

/** The server's code and nothing else: its words may quote what was sent. */
function reasonOf(error: unknown): string {
  const { code, authenticationFailed, responseStatus, family } = error as Record<string, unknown>
  if (authenticationFailed) return 'the server refused the user, the password or the token'
  if (family !== undefined) return (error as Error).message
  return String(code ?? responseStatus ?? 'the connection ended')
}
