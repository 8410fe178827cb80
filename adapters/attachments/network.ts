/**
 * Which addresses a file may be fetched from. Whoever writes to a door names them, and must not make the runtime ask the
 * machines behind its own firewall (SSRF). Pure.
 * Invariant: link-local addresses are never asked: in clouds a machine's own credentials are served there.
 */
import { BlockList, isIP } from 'node:net'

export interface NetworkRules {
  /** In production, private networks are out of bounds. */
  production: boolean
  /** Hosts that may lie in one all the same, by name. */
  attachmentHosts: readonly string[]
}

/** Whether `host` may be asked, given the address it has. */
export function mayAsk({ production, attachmentHosts }: NetworkRules, host: string, address: string): boolean {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  if (isIP(address) === 0 || linkLocal.check(address, family)) return false
  if (!production || !privateNetworks.check(address, family)) return true
  return attachmentHosts.some((listed) => listed.toLowerCase() === host.toLowerCase())
}

const linkLocal = blocked(['169.254.0.0/16', 'fe80::/10'])
/** Private, loopback, shared, reserved, multicast, and those that are mapped to such by a gateway. */
const privateNetworks = blocked([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/3',
  '::/127',
  '64:ff9b::/96',
  '2002::/16',
  'fc00::/7',
  'ff00::/8',
])

function blocked(networks: string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', prefix = ''] = network.split('/')
    list.addSubnet(address, Number(prefix), isIP(address) === 6 ? 'ipv6' : 'ipv4')
  }
  return list
}
