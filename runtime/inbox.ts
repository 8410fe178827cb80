/**
 * Where answers to a connection's requests come: below the prefix that its rights give it, so that no other user of the
 * broker hears them. Pure.
 */
import { createInbox, type NatsConnection } from '@nats-io/transport-node'

/** A user of the broker listens below a prefix of its own (`deploy/nats/accounts.conf`). */
export const inboxPrefixOf = (user: string): string => `_INBOX.${user}`

export function inboxOf(nc: NatsConnection): string {
  return createInbox((nc as { options?: { inboxPrefix?: string } }).options?.inboxPrefix)
}
