/**
 * A message centre put together for a node: one link, heard by the doors where the node has them, spoken into
 * where it has a worker or a desk.
 */
import type { Door } from '../adapter.ts'
import type { Clock } from '../clock.ts'
import type { TextLine } from '../text-line.ts'
import { openLink } from './link.ts'
import { status } from './pdu.ts'
import type { BindMode } from './session.ts'
import { smppLine } from './smpp.ts'
import { type SentTexts, smppDoor } from './smpp-door.ts'

interface Chosen {
  urls: { smpp?: string }
  assets: readonly { id: string; provider: string }[]
}

export interface MessageCentreMeans {
  clock: Clock
  random: () => number
  sent: SentTexts
  sms: Door
  receipts: Door
  /** Of the gateway; without one texts are not asked for. */
  accept: ((door: Door, raw: Uint8Array) => Promise<{ status: number }>) | undefined
  /** Whether texts are sent from here. */
  sends: boolean
  log: { info(detail: object, words: string): void; warn(detail: object, words: string): void }
}

export interface MessageCentre {
  line: TextLine
  stop(): Promise<void>
}

/** Undefined where no centre is set. Begins to connect, and does not wait for it. */
export function messageCentre({ urls, assets }: Chosen, means: MessageCentreMeans): MessageCentre | undefined {
  if (urls.smpp === undefined) return undefined
  const { accept, sends, log } = means
  const link = openLink({
    ...means,
    url: urls.smpp,
    mode: modeOf(accept !== undefined, sends),
    hear: accept ? smppDoor({ ...means, accept }) : async () => ({ status: status.retryLater }),
    say(what, detail) {
      if (what === 'bound') log.info({ code: 'smpp-bound' }, 'bound to the message centre')
      else log.warn({ code: 'smpp-not-bound', ...detail }, `message centre: ${what}; it is tried again`)
    },
  })
  const isOurs = (asset: string) => assets.some(({ id, provider }) => id === asset && provider === 'smpp')
  return { line: smppLine({ link, sent: means.sent, sends: isOurs }), stop: () => link.stop() }
}

function modeOf(hears: boolean, sends: boolean): BindMode {
  if (hears && sends) return 'bind_transceiver'
  return hears ? 'bind_receiver' : 'bind_transmitter'
}
