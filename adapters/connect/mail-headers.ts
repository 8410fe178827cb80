/**
 * The headers of a mail as Connect passes them on, and what they say: addresses, ids, and whether a machine sent it.
 */
import { addressParser } from 'postal-mime'
import { nestedObject, scalarText } from '../loose-body.ts'

/** The text of a header by its lower-case name; empty when it is not there. */
export type Headers = (name: string) => string

/** `headers` is an object, or one as JSON inside a string; a repeated header is a list, of which the first counts. */
export function headersOf(raw: unknown): Headers {
  const byName = new Map<string, string>()
  for (const [name, value] of Object.entries(nestedObject(raw))) {
    const text = scalarText(Array.isArray(value) ? value[0] : value)
    if (text !== undefined) byName.set(name.trim().toLowerCase(), text.trim())
  }
  return (name) => byName.get(name) ?? ''
}

/** The bare addresses in a list, lower-case, each once; names, comments and groups are left out (E13). */
export function mailboxesIn(raw: unknown): string[] {
  const written = (Array.isArray(raw) ? raw : [raw]).map((one) => scalarText(one) ?? '').join(', ')
  const mailboxes = addressParser(written).flatMap((entry) => entry.group ?? [entry])
  const addresses = mailboxes.map(({ address }) => (address ?? '').trim().toLowerCase())
  return [...new Set(addresses.filter((address) => /^[^\s@]+@[^\s@]+$/.test(address)))]
}

/** Message ids with their angle brackets, in the order in which they stand (RFC 5322, 3.6.4). */
export const idsIn = (text: string): string[] => [...new Set(text.match(/<[^<>\s]{1,900}>/g) ?? [])]

/**
 * Whether a machine sent it, so that nothing may be begun by it or sent in answer (RFC 3834, E12, A39): it says so, it is
 * a bounce (RFC 3464: from the null sender or a mail system), or it came over a mailing list (RFC 2919).
 * `X-Auto-Response-Suppress` alone does not count: people's mail programs set it, too.
 */
export function isAutomatic(headers: Headers, from: string): boolean {
  const submitted = headers('auto-submitted').split(';')[0]!.trim().toLowerCase()
  return (
    (submitted !== '' && submitted !== 'no') ||
    /^(auto_reply|bulk|junk|list)$/i.test(headers('precedence')) ||
    headers('return-path') === '<>' ||
    /^multipart\/report\b/i.test(headers('content-type')) ||
    /^(mailer-daemon|postmaster)@/i.test(from) ||
    machine_headers.some((name) => headers(name) !== '')
  )
}

const machine_headers = ['x-autoreply', 'x-autorespond', 'x-failed-recipients', 'list-id']
