/** An IMAP address taken apart: `imaps://user@host:993/INBOX` (RFC 5092, as far as it goes). Pure. */
import { hostOf, isLoopback } from '../mail-host.ts'

export interface ImapAddress {
  host: string
  port: number
  /** TLS from the start; otherwise STARTTLS, unless the server is on this machine. */
  isTls: boolean
  isLoopback: boolean
  user: string
  /** The folder that is read. */
  folder: string
}

const port_default = 143
const port_tls_default = 993

export function imapAddress(url: string): ImapAddress {
  const parsed = new URL(url)
  const { protocol, port, username, pathname } = parsed
  const host = hostOf(parsed)
  const isTls = protocol === 'imaps:'
  return {
    host,
    port: Number(port) || (isTls ? port_tls_default : port_default),
    isTls,
    isLoopback: isLoopback(host),
    user: decodeURIComponent(username),
    folder: decodeURIComponent(pathname.slice(1)) || 'INBOX',
  }
}
