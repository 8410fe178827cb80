/**
 * An end for every conversation: from wherever it is, the far side answers what it is asked, the timers run out and nobody
 * writes any more; then it must come to rest. The drive goes on; what it did before stays in its history.
 */
import type { Drive, Step } from '../drive.ts'
import { delayOf } from './catalogue.ts'

const turns_max = 40

/** Plays on until the conversation is closed; what it still waits for when it is not, undefined when it is. */
export function drained(drive: Drive): string | undefined {
  for (let turn = 0; turn < turns_max; turn++) {
    const state = drive.history.at(-1)?.state ?? 'noConversation.idle'
    if (restful.includes(state)) return undefined
    const step = next(drive, state)
    if (step === undefined) return `${state}: waits for nobody and no timer`
    drive.play(step)
  }
  return `${drive.history.at(-1)?.state}: ${turns_max} turns later it is not over`
}

/** Nothing has begun, or it is over. */
const restful = ['noConversation.idle', 'closed.resting', 'closed.searchFailed', 'closed.archived']

/** Answers first; then the far side ends the task it is asked about (E41); then the timer that is due first. */
function next(drive: Drive, state: string): Step | undefined {
  const [ask] = drive.pending()
  if (ask) return { answers: ask }
  const { timers = {} } = drive.loaded()?.record ?? {}
  const [first] = Object.entries(timers).sort(([, a], [, b]) => a.due_ms - b.due_ms)
  if (state === 'active.talking' || first?.[0].includes('reconcileAfter')) return { task: 'closed' }
  return first && { timer: delayOf(first[0]) }
}
