/** An IMAP address taken apart: `imaps://user@host:993/INBOX` (RFC 5092, as far as it goes). Pure. */
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
  const { protocol, hostname, port, username, pathname } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  const isTls = protocol === 'imaps:'
  return {
    host,
    port: Number(port) || (isTls ? port_tls_default : port_default),
    isTls,
    isLoopback: host === 'localhost' || host === '::1' || /^127\./.test(host),
    user: decodeURIComponent(username),
    folder: decodeURIComponent(pathname.slice(1)) || 'INBOX',
  }
}
