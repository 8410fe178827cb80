/**
 * The embedded desk put together for a node: where no far side is set, at the configured port or a free one, posting to the
 * node's own doors.
 */
import type { NatsConnection } from '@nats-io/transport-node'
import type { Clock } from '../clock.ts'
import { type Desk, type DeskOptions, startDesk } from './desk.ts'

/** What a configuration says of it. */
interface Chosen {
  urls: { digitalRouting?: string; engage?: string; connect?: string; smtp?: string }
  assets: readonly { channel: string; id: string; provider: string; address?: string }[]
  desk: { port: number } & NonNullable<DeskOptions['agents']>
  bind: { host: string }
  inboundToken?: string
  inboundHmacSecret?: string
  inboundWebhookSecrets: readonly string[]
}

interface NodeParts {
  nats: NatsConnection
  clock: Clock
  replicas: number
  sealing: DeskOptions['sealing']
  /** Where the node's gateway and its mail listener are; empty while they are not. */
  gatewayUrl: () => string
  mailUrl: () => string
}

/** Whether a far side is left to the desk. */
export const needsDesk = ({ urls: { digitalRouting, engage, connect } }: Pick<Chosen, 'urls'>): boolean =>
  !(digitalRouting && engage && connect)

export async function deskOfNode(chosen: Chosen, parts: NodeParts): Promise<Desk | undefined> {
  if (!needsDesk(chosen)) return undefined
  const { nats, clock, replicas, sealing, gatewayUrl, mailUrl } = parts
  const { port, ...agents } = chosen.desk
  const open = (on: number) =>
    startDesk({
      nats,
      clock,
      host: chosen.bind.host,
      port: on,
      webhookUrl: () => `${gatewayUrl()}/v1/webhooks/digital-routing`,
      messagesUrl: () => `${gatewayUrl()}/v1/messages`,
      textsUrl: () => `${gatewayUrl()}/v2/messages`,
      hasLine: (asset) => hasLine(chosen, asset),
      inboundUrl: (channel) => `${gatewayUrl()}/v1/inbound/${channel}`,
      appOfMailbox: appOfMailbox(chosen),
      mailUrl,
      inboundToken: chosen.inboundToken,
      inboundHmacSecret: chosen.inboundHmacSecret,
      inboundWebhookSecret: chosen.inboundWebhookSecrets[0],
      agents,
      replicas,
      sealing,
    })
  return open(port).catch((error) => {
    if ((error as { code?: string }).code === 'EADDRINUSE') return open(0)
    throw error
  })
}

/** A service number whose texts Twilio or SMPP carries; a mailbox, where mails go out by SMTP. */
const hasLine = ({ assets, urls }: Pick<Chosen, 'assets' | 'urls'>, from: string): boolean =>
  assets.some(({ channel, id, provider, address }) => {
    if (channel === 'email') return address === from && urls.smtp !== undefined
    return channel === 'sms' && id === from.replace(/^\+/, '') && provider !== 'connect'
  })

/** The id of the email asset that has a mailbox. */
export const appOfMailbox =
  ({ assets }: Pick<Chosen, 'assets'>) =>
  (address: string) =>
    assets.find((asset) => asset.channel === 'email' && asset.address === address)?.id
