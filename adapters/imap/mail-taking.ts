/**
 * What becomes of the mails of a mailbox that nobody has read yet: through the email door, oldest first, then marked as read
 * or moved. What can never be taken is flagged, left where it is, and set aside with its reason.
 * Invariants: a mail is marked only once its event is stored (T9); one that was stored and not marked, as after a crash, is
 * not heard twice: it is known by UIDVALIDITY and UID, and until that is noted by its Message-ID.
 */
import type { ImapFlow } from 'imapflow'
import { fingerprint } from '../fingerprint.ts'
import { mailBodies } from '../smtp/mail-as-body.ts'
import type { ImapAddress } from './imap-address.ts'

export interface MailTaking {
  address: ImapAddress
  /** The id of the email asset. */
  app: string
  /** The folder that what was taken is moved to; undefined leaves it, marked as read. */
  moveTo: string | undefined
  /** A larger one is refused. */
  bytes_max: number
  /** Through the email door; never rejects. */
  deliver: (body: Uint8Array) => Promise<{ status: number }>
  /** The mails that were delivered, over all nodes and restarts, by a name of ours. */
  taken: { has(id: string): Promise<boolean>; note(id: string): Promise<void> }
  /** Resolves once it is written down that a mail was given up; `id` names it. */
  setAside: (id: string, detail: { uid: number; why: string }) => Promise<void>
}

type Outcome =
  | { kind: 'taken' }
  /** It cannot be stored now. */
  | { kind: 'later' }
  /** It never can be. */
  | { kind: 'refused'; why: string }

/** Resolves to whether mails wait to be tried again. Rejects when the connection or the server fails. */
export async function takeNewMails(client: ImapFlow, taking: MailTaking, over: AbortSignal): Promise<boolean> {
  const uids = await client.search({ seen: false, deleted: false }, { uid: true })
  if (!Array.isArray(uids)) throw refusedBy('SEARCH')
  let waits = false
  let failure: unknown
  for (const uid of uids.toSorted((a, b) => a - b)) {
    if (over.aborted) return true
    try {
      waits = (await takeOne(client, taking, uid)) || waits
    } catch (error) {
      // One mail that the server cannot give does not hold up those behind it.
      if (!client.usable) throw error
      failure ??= error
    }
  }
  if (failure !== undefined) throw failure
  return waits
}

/** Resolves to whether it waits to be tried again. */
async function takeOne(client: ImapFlow, taking: MailTaking, uid: number): Promise<boolean> {
  const id = nameOf(client, taking.address, uid)
  const outcome = (await taking.taken.has(id)) ? taken : await take(client, taking, id, uid)
  if (outcome.kind === 'taken') await putAway(client, taking, uid)
  if (outcome.kind === 'refused') {
    await taking.setAside(id, { uid, why: outcome.why })
    await marked(client, uid, ['\\Flagged', '\\Seen'])
  }
  return outcome.kind === 'later'
}

const taken: Outcome = { kind: 'taken' }
const later: Outcome = { kind: 'later' }
const refused = (why: string): Outcome => ({ kind: 'refused', why })

/** The same whenever and by whomever it is read (RFC 3501, 2.3.1.1). */
function nameOf(client: ImapFlow, { host, user, folder }: ImapAddress, uid: number): string {
  const { mailbox } = client
  if (mailbox === false) throw refusedBy('SELECT')
  return fingerprint('imap', host, user, folder, String(mailbox.uidValidity), String(uid))
}

async function take(
  client: ImapFlow,
  { app, bytes_max, deliver, taken: noted }: MailTaking,
  id: string,
  uid: number,
): Promise<Outcome> {
  const raw = await sourceOf(client, uid, bytes_max)
  if (raw === undefined) return later
  if (raw.length > bytes_max) return refused(`it is over ${bytes_max} bytes`)
  const [body] = await mailBodies(raw, [{ app, from: undefined }]).catch(() => [])
  if (!body) return refused('it cannot be read as a mail (RFC 5322)')
  const { status } = await deliver(new TextEncoder().encode(JSON.stringify({ ...body, transId: id })))
  if (status === 429 || status >= 500) return later
  if (status !== 200) return refused(`the email door answered ${status}`)
  await noted.note(id)
  return taken
}

/** As it came, cut one byte after what may be taken; undefined when it is gone: another node was quicker. */
async function sourceOf(client: ImapFlow, uid: number, bytes_max: number): Promise<Buffer | undefined> {
  const query = { source: { start: 0, maxLength: bytes_max + 1 } }
  const mail = await client.fetchOne(String(uid), query, { uid: true })
  return mail === false ? undefined : mail.source
}

async function putAway(client: ImapFlow, { moveTo }: MailTaking, uid: number): Promise<void> {
  await marked(client, uid, ['\\Seen'])
  if (moveTo === undefined || (await client.messageMove(String(uid), moveTo, { uid: true }))) return
  // The folder may be missing: once it is there the move goes well, or the server says why not.
  await client.mailboxCreate(moveTo)
  if (!(await client.messageMove(String(uid), moveTo, { uid: true }))) throw refusedBy('MOVE')
}

async function marked(client: ImapFlow, uid: number, flags: string[]): Promise<void> {
  if (!(await client.messageFlagsAdd(String(uid), flags, { uid: true }))) throw refusedBy('STORE')
}

const refusedBy = (command: string): Error => Object.assign(new Error(), { code: `the server refused ${command}` })
