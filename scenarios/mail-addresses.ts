/**
 * Who writes mails in a story. A file knows people by first names; at the doors each has an address that nobody else on
 * the stack has, so that no play reads another one's mail. Pure.
 */
import { defaultConfig } from '../runtime/default-config.ts'

/** The customer of every story by mail. */
export const customer_name = 'ana'

/** `bo` is `bo.0123@example.test` in the play with the line 0123; a whole address is taken as it is. */
export function addressOf(person: string, line: string): string {
  return person.includes('@') ? person : `${person}.${line}@example.test`
}

/** The name in the story; `customer` for its customer, the whole address for somebody from elsewhere. */
export function personAt(address: string): string {
  const name = /^(.+)\.\d{4}@example\.test$/.exec(address)?.[1] ?? address
  return name === customer_name ? 'customer' : name
}

/** The mailbox of an email asset: the built-in one's own, any other's made of its id. */
export function mailboxOf(asset: string): string {
  const builtIn = defaultConfig.assets.find(({ channel, id }) => channel === 'email' && id === asset)
  return builtIn?.channel === 'email' ? builtIn.address : `${asset.toLowerCase()}@corp.example`
}
