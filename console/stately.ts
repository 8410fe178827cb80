/**
 * Shows a conversation in Stately's own inspector, in a window of its own: each frame from page to page, as
 * `@statelyai/inspect` does it. It is the person's wish and needs the internet; texts are masked as they are stored.
 */
import type { ConversationReading, TurnReading } from '../runtime/history.ts'
import { beginning, turnFrames } from '../runtime/inspection.ts'

const inspector = 'https://stately.ai'

export function openInStately(one: ConversationReading, definition: object, turns: readonly TurnReading[]): void {
  const opened = window.open(`${inspector}/inspect`, 'stately-inspector')
  const last = turns.length - 1
  const frames = [
    beginning(one.id, one.machine, definition),
    ...turns.flatMap((turn, index) => turnFrames(one.id, turn, index === last ? one.context : {})),
  ]
  const connected = ({ source, origin, data }: MessageEvent) => {
    if (source !== opened || origin !== inspector || data?.type !== '@statelyai.connected') return
    removeEventListener('message', connected)
    for (const frame of frames) opened?.postMessage(frame, inspector)
  }
  addEventListener('message', connected)
}
