/**
 * Jobs (`jobs.ts`) done by threads, one a core: whoever is idle does the one that was asked for first. Which thread does it
 * changes nothing of what comes back.
 */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Asked, Done, Kind } from './jobs.ts'

/** Rejects with what the job threw. `tells` hears what is being done. */
export type Ask = <One extends Kind>(
  kind: One,
  asked: Asked<One>,
  tells?: (stage: string) => void,
) => Promise<Done<One>>

export const threads_max = availableParallelism()

/** Threads for as long as `use` takes. When it rejects, what still runs is ended. */
export async function inThreads<Result>(use: (ask: Ask) => Promise<Result>): Promise<Result> {
  const threads: Worker[] = []
  const idle: Worker[] = []
  const waiting: ((thread: Worker) => void)[] = []
  const next = (): Worker | Promise<Worker> => {
    const known = idle.pop()
    if (known) return known
    if (threads.length >= threads_max) return new Promise((resolve) => waiting.push(resolve))
    const thread = newThread()
    threads.push(thread)
    return thread
  }
  try {
    return await use(async (kind, asked, tells = () => {}) => {
      const thread = await next()
      const done = await answered(thread, kind, asked, tells)
      const following = waiting.shift()
      if (following) following(thread)
      else idle.push(thread)
      return done
    })
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()))
  }
}

/** Most of what a search makes is soon forgotten: with room for it, little of it is looked at twice. */
const young_heap_mb = 64

const newThread = () =>
  new Worker(new URL('./job-thread.mjs', import.meta.url), {
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: young_heap_mb },
  })

function answered<One extends Kind>(
  thread: Worker,
  kind: One,
  asked: Asked<One>,
  tells: (stage: string) => void,
): Promise<Done<One>> {
  return new Promise((resolve, reject) => {
    const hear = (message: { stage: string } | { done: Done<One> }) => {
      if ('stage' in message) return tells(message.stage)
      thread.off('message', hear)
      thread.off('error', reject)
      resolve(message.done)
    }
    thread.on('message', hear)
    thread.once('error', reject)
    thread.postMessage({ kind, asked })
  })
}
