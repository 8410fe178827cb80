/**
 * The thread that looks into files: answers each `{bytes, name}` with a verdict (`inspect-bytes.ts`). Plain JavaScript,
 * since a new thread does not know yet how to read TypeScript; it learns that first, or is built.
 */
import { parentPort } from 'node:worker_threads'
import { register } from 'tsx/esm/api'
// Its one and a half megabytes are loaded before the first file comes, whose time is limited, and as they are.
import 'unpdf/pdfjs'

register()
const { inspectBytes } = await import('./inspect-bytes.ts')

parentPort.on('message', async ({ bytes, name }) => parentPort.postMessage(await inspectBytes(bytes, name)))
parentPort.postMessage('ready')
