/**
 * The thread that lays charts out: answers each chart with its drawing, so that the half second it takes holds up no turn.
 * Plain JavaScript, since a new thread does not know yet how to read TypeScript; it learns that first, or is built.
 */
import { parentPort } from 'node:worker_threads'
import { register } from 'tsx/esm/api'

register()
const { layOut } = await import('./layout.ts')

parentPort.on('message', async (chart) => parentPort.postMessage(await layOut(chart)))
