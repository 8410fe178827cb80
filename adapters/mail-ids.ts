/**
 * Ids of mails as their headers have them. Pure but for what is drawn.
 */
import { randomUUID } from 'node:crypto'

/** A `Message-ID` nobody else has, under the domain of its sender, with its angle brackets. */
export function newMessageId(sender: string): string {
  return `<${randomUUID()}@${sender.split('@').at(-1)}>`
}
