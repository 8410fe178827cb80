/**
 * How HTTP calls leave: over kept connections, through a proxy where one is set, believing the authorities and showing the
 * certificate of one far side. Through undici, which speaks CONNECT and SOCKS5 to proxies.
 */
import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici'

/** In PEM; what is left out is as Node has it: the usual authorities, no certificate of ours. */
export interface ClientTls {
  ca?: string
  cert?: string
  key?: string
}

/** Addresses of proxies by the scheme of what is called. */
export interface Proxies {
  http?: string
  https?: string
  /** Hosts, with or without a port, that are called directly; a name stands for those below it, too. */
  except: readonly string[]
}

export interface Connections {
  /** Of the next call. */
  current(): Dispatcher
  /** Calls from now on show this; those under way end as they began. */
  renew(tls: ClientTls): void
}

/** Opens nothing yet. */
export function connectionsWith(tls: ClientTls, proxies: Proxies): Connections {
  let current = agentWith(tls, proxies)
  return {
    current: () => current,
    renew(next) {
      const last = current
      current = agentWith(next, proxies)
      // It rejects for nobody: what fails is told to the calls that are under way.
      last.close().catch(() => {})
    },
  }
}

/** How long an exchange may take is the caller's to say, whatever part of it takes the time. */
const timeless = { headersTimeout: 0, bodyTimeout: 0 }

const this_machine = ['localhost', '127.0.0.1', '[::1]']

function agentWith(tls: ClientTls, { http = '', https = http, except }: Proxies): Dispatcher {
  if (https === '' || except.includes('*')) return new Agent({ ...timeless, connect: tls })
  return new EnvHttpProxyAgent({
    ...timeless,
    connect: tls,
    requestTls: tls,
    httpProxy: http,
    httpsProxy: https,
    noProxy: [...this_machine, ...except].join(','),
  })
}

/** Without a proxy, and as Node has it: for what is on this machine, and for tests. */
export const directly: Connections = connectionsWith({}, { except: [] })
