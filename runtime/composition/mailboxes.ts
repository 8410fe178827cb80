/** The mailboxes that a node reads by IMAP, and what it says when it cannot. */
import { clientCredentials } from '../../adapters/client-credentials.ts'
import type { Clock } from '../../adapters/clock.ts'
import type { Connections } from '../../adapters/connections.ts'
import { imapAddress } from '../../adapters/imap/imap-address.ts'
import { type MailboxReader, readMailbox } from '../../adapters/imap/mailbox-reader.ts'
import { mail_bytes_max } from '../../adapters/smtp/mail-listener.ts'
import type { Config, MailboxConfig } from '../config.ts'
import type { SetAside } from '../dead-letters.ts'
import type { Log } from '../log.ts'
import { authoritiesIn } from '../pem-files.ts'
import type { AcceptAnswer } from '../stages/accept.ts'
import type { TakenMails } from '../taken-mails.ts'
import type { UnhandledCounts } from '../unhandled-counts.ts'

export interface MailboxMeans {
  clock: Clock
  random: () => number
  /** Through the email door. */
  deliver: (raw: Uint8Array) => Promise<AcceptAnswer>
  taken: TakenMails
  setAside: SetAside
  counts: UnhandledCounts
  /** For tokens. */
  connections: Connections
  /** Whether this node is the one that reads mailboxes. */
  isReader: () => boolean
  log: Log
}

/** Begins to connect, and does not wait for it. Throws `StartError` when the file of an authority cannot be read. */
export async function readMailboxes({ mailboxes }: Config, means: MailboxMeans): Promise<Pick<MailboxReader, 'stop'>> {
  const authorities = await Promise.all(mailboxes.map(authorityOf))
  const readers = mailboxes.map((mailbox, index) => readerOf(mailbox, authorities[index], means))
  return {
    async stop() {
      await Promise.all(readers.map((reader) => reader.stop()))
    },
  }
}

function readerOf(mailbox: MailboxConfig, ca: string | undefined, means: MailboxMeans): MailboxReader {
  const { app, moveTo } = mailbox
  const { clock, random, deliver, taken, connections, isReader, log } = means
  const address = imapAddress(mailbox.url)
  const named = { asset: app, host: address.host, folder: address.folder }
  const setAside = async (id: string, { uid, why }: { uid: number; why: string }) => {
    const at = new Date(clock.now()).toISOString()
    const reason = `a mail of ${address.folder} at ${address.host} was not taken: ${why}; it is flagged there`
    log.warn({ code: 'mail-not-taken', uid, why, ...named }, 'a mail was not taken; it is flagged in its mailbox')
    means.counts.add('email', 'a mail of the mailbox that cannot be taken')
    await means.setAside({ kind: 'unreadable', actor: '', reason, at, attempts: 1, content: { uid, ...named } }, id)
  }
  return readMailbox({
    address,
    ca,
    logsInBy:
      'password' in mailbox.logsInBy
        ? mailbox.logsInBy
        : clientCredentials(`mailbox of ${app}`, mailbox.logsInBy, clock, clock, connections),
    taking: { address, app, moveTo, bytes_max: mail_bytes_max, deliver, taken, setAside },
    clock,
    random,
    isOurs: isReader,
    say(what, detail) {
      if (what === 'reading') log.info({ code: 'mailbox-read', ...named }, 'reading the mailbox')
      else log.warn({ code: 'mailbox-not-read', ...named, ...detail }, 'the mailbox cannot be read; it is tried again')
    },
  })
}

const authorityOf = async ({ app, ca }: MailboxConfig): Promise<string | undefined> =>
  ca === undefined ? undefined : authoritiesIn(`imap.ca of the asset ${app}`, ca)
