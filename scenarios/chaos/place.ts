/**
 * Where a customer of the load writes: the channel, the asset, and who they are. One customer has one place, and by mail one
 * subject. Pure.
 */
import type { Channel } from '../../machines/events.ts'
import { defaultConfig } from '../../runtime/default-config.ts'

export interface Place {
  /** From 1; part of every message of theirs. */
  number: number
  channel: Channel
  /** Id of the asset, and what the contact centre knows it by: a mailbox for mails. */
  asset: string
  business: string
  customer: string
  /** Live chat. */
  thread: string
  /** Email. */
  subject: string
}

export function placeOfCustomer(number: number, channel: Channel): Place {
  const line = String(number).padStart(5, '0')
  const asset = defaultConfig.assets.find((one) => one.channel === channel)!
  const customer = { sms: `+141555${line}`, 'live-chat': `visitor-${line}`, email: `customer-${line}@mail.example` }
  return {
    number,
    channel,
    asset: asset.id,
    business: asset.channel === 'email' ? asset.address : asset.id,
    customer: customer[channel],
    thread: channel === 'live-chat' ? `thread-${line}` : '',
    subject: channel === 'email' ? `Matter ${line}` : '',
  }
}
