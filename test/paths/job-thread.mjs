/**
 * A thread that does jobs, one after the other: answers each with what it is doing, and then with what came of it.
 * Plain JavaScript, since a new thread does not know yet how to read TypeScript; it learns that first, or is built.
 */
import { parentPort } from 'node:worker_threads'
import { register } from 'tsx/esm/api'

register()
const { done } = await import('./jobs.ts')

parentPort.on('message', (job) =>
  parentPort.postMessage({ done: done(job, (stage) => parentPort.postMessage({ stage })) }),
)
