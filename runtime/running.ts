/**
 * What a node runs, and the order in which it ends: not ready, pulling no more, doors closed, what is in hand ended, pins
 * given back, connection closed. Speaks to the parts only. Whatever hangs, it is over within `stop_ms_max`: what is left
 * then comes again at the next owner (T5, T9).
 */
import type { Clock } from '../adapters/clock.ts'
import type { TextLine } from '../adapters/text-line.ts'
import type { Trouble } from '../adapters/trouble.ts'
import type { Balance } from './balance.ts'
import type { Broker } from './broker.ts'
import type { ConversationsView } from './conversations-view.ts'
import type { Gateway } from './gateway.ts'
import type { Nodes } from './nodes.ts'
import type { Transmitter } from './transmitter.ts'
import type { WatchDoor } from './watch-doors.ts'
import type { Worker } from './worker.ts'

interface Stops {
  stop(): Promise<void>
}

/** All there is to stop, as far as it was started. */
export interface Running {
  broker: Broker
  view?: ConversationsView
  inspector?: Stops
  gateway?: Gateway
  /** Instead of a gateway. */
  watch?: WatchDoor
  /** Looks after the certificate that the gateway answers with. */
  certificates?: { stop(): void }
  /** Follows the threads of our own chat door. */
  chat?: Stops
  /** The SMTP listener. */
  mail?: (Stops & { url: string }) | undefined
  /** Reads mailboxes by IMAP. */
  mailboxes?: Stops
  /** The line to a message centre. */
  centre?: (Stops & { line: TextLine }) | undefined
  desk?: (Stops & { url: string; idle(): boolean; windowTrouble(): Trouble }) | undefined
  nodes?: Nodes
  worker?: Worker
  transmitter?: Transmitter
  balance?: Balance
  /** Looks after the certificates that far sides are shown. */
  connections?: Stops
  /** Sends spans to a collector. */
  traces?: Stops
}

/** Shorter than what orchestrators wait before they kill (10 s by docker). */
export const stop_ms_max = 9_000
/** Turns and calls under way; a call's own limit is 5 s by default. */
const in_hand_ms_max = 6_000

/** `doors_open_ms`: how long doors still take what comes, so that whoever asks for readiness can send it elsewhere. */
export async function stopRunning(running: Running, clock: Clock, doors_open_ms: number): Promise<void> {
  const over = new AbortController()
  await Promise.race([inOrder(running, clock, doors_open_ms), clock.sleep(stop_ms_max, over.signal)])
  over.abort()
  await running.broker.nc.close()
}

async function inOrder(running: Running, clock: Clock, doors_open_ms: number): Promise<void> {
  running.gateway?.leave()
  running.watch?.leave()
  running.certificates?.stop()
  running.nodes?.leave()
  const handedOver = Promise.all([running.worker?.stop(in_hand_ms_max), running.transmitter?.stop(in_hand_ms_max)])
  if (doors_open_ms > 0) await clock.sleep(doors_open_ms)
  await Promise.all([running.gateway?.stop(), running.mail?.stop(), running.mailboxes?.stop()])
  await running.chat?.stop()
  await running.inspector?.stop()
  await handedOver
  await running.watch?.stop()
  await running.centre?.stop()
  await running.desk?.stop()
  await running.view?.stop()
  await running.connections?.stop()
  await running.traces?.stop()
}
