/**
 * The reports of several machines at once, a thread a core, the largest machine first. The same as one after the other.
 */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { latestDefinition } from '../../machines/definitions.ts'
import { transitionsOf } from './chart.ts'
import type { Done, Job } from './report-job.ts'

/** In the order of the machines. Rejects with what a thread threw; nothing runs on then. */
export async function reportsOf(
  machines: readonly string[],
  { seed, allMutants }: Omit<Job, 'machine'>,
  tells: (machine: string, stage: string) => void,
): Promise<Done[]> {
  const done = new Map<string, Done>()
  const waiting = [...machines].sort((one, other) => sizeOf(other) - sizeOf(one)).values()
  const threads: Worker[] = []
  const lane = async () => {
    const thread = newThread()
    threads.push(thread)
    for (const machine of waiting) {
      done.set(machine, await answered(thread, { machine, seed, allMutants }, (stage) => tells(machine, stage)))
    }
  }
  try {
    await Promise.all(Array.from({ length: Math.min(availableParallelism(), machines.length) }, lane))
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()))
  }
  return machines.map((machine) => done.get(machine)!)
}

const sizeOf = (machine: string): number => transitionsOf(latestDefinition(machine)!.machine).length

/** Most of what a search makes is soon forgotten: with room for it, little of it is looked at twice. */
const young_heap_mb = 64

const newThread = () =>
  new Worker(new URL('./report-thread.mjs', import.meta.url), {
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: young_heap_mb },
  })

function answered(thread: Worker, job: Job, tells: (stage: string) => void): Promise<Done> {
  return new Promise((resolve, reject) => {
    const hear = (message: Done | { stage: string }) => {
      if ('stage' in message) return tells(message.stage)
      thread.off('message', hear)
      thread.off('error', reject)
      resolve(message)
    }
    thread.on('message', hear)
    thread.once('error', reject)
    thread.postMessage(job)
  })
}
