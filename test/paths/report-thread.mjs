/**
 * The thread that reports on machines, one after the other: answers each job with what it is doing, and then with the report.
 * Plain JavaScript, since a new thread does not know yet how to read TypeScript; it learns that first,
 * or is built.
 */
import { parentPort } from 'node:worker_threads'
import { register } from 'tsx/esm/api'

register()
const { done } = await import('./report-job.ts')

parentPort.on('message', (job) => parentPort.postMessage(done(job, (stage) => parentPort.postMessage({ stage }))))
