/**
 * Owns the thread in which files are looked into, one after the other. A file that takes too long, or all the memory the
 * thread may have, ends the thread and not the node: it is unprocessable (E109), and the next file gets a new thread.
 * Invariant: every inspection that was asked for is answered, also when the thread breaks and when the node stops.
 */
import { Worker } from 'node:worker_threads'
import type { Clock } from '../clock.ts'
import type { FileVerdict, Inspect } from '../inbound-file.ts'

/** For one file, from the moment a ready thread has it. */
export const inspect_ms_max = 6_000
const heap_mb_max = 512
const young_heap_mb_max = 64

type Report = (why: string) => void

export interface Inspector {
  inspect: Inspect
  /** Ends the thread; what still waits is unprocessable. */
  stop(): Promise<void>
}

/**
 * Starts its thread with the first file. `report` hears why a thread ended that nobody has stopped: the code or name of
 * an error, or `too slow`; never its message, which may quote the file. `heap_mb` is for tests.
 */
export function inspector(clock: Clock, report: Report, heap_mb = heap_mb_max): Inspector {
  let thread: Promise<Worker | undefined> | undefined
  let last: Promise<unknown> = Promise.resolve()
  let stopped = false

  const end = async () => {
    const ending = thread
    thread = undefined
    await (await ending)?.terminate()
  }
  const looked = async (bytes: Uint8Array, name: string, signal: AbortSignal): Promise<FileVerdict> => {
    if (stopped || signal.aborted) return unprocessable
    thread ??= readyThread(heap_mb, report, () => {
      thread = undefined
    })
    const worker = await thread
    if (!worker || signal.aborted) return unprocessable
    const verdict = await asked(worker, bytes, name, clock)
    if (typeof verdict !== 'string') return verdict
    if (verdict === 'too slow') {
      report(verdict)
      await end()
    }
    return unprocessable
  }
  return {
    inspect(bytes, name, signal) {
      const verdict = last.then(() => looked(bytes, name, signal))
      last = verdict
      return Promise.race([verdict, abortOf(signal)])
    },
    async stop() {
      stopped = true
      await end()
      await last
    },
  }
}

const unprocessable: FileVerdict = { dropped: 'unprocessable' }

/** What the thread prints is its own: pdf.js says things nobody asked for. Undefined when it does not start. */
function readyThread(heap_mb: number, report: Report, gone: () => void): Promise<Worker | undefined> {
  const worker = new Worker(new URL('./inspection-thread.mjs', import.meta.url), {
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: heap_mb, maxYoungGenerationSizeMb: young_heap_mb_max },
  })
  worker.stdout.resume()
  worker.stderr.resume()
  return new Promise((resolve) => {
    worker.once('message', () => resolve(worker))
    worker.on('error', (error: NodeJS.ErrnoException) => report(error.code ?? error.name))
    worker.once('exit', () => {
      gone()
      resolve(undefined)
    })
  })
}

type Asked = FileVerdict | 'too slow' | 'gone'

/** `gone` when the thread ended over the file. */
function asked(worker: Worker, bytes: Uint8Array, name: string, clock: Clock): Promise<Asked> {
  return new Promise((resolve) => {
    const answered = (answer: Asked) => {
      cancel()
      worker.off('message', answered)
      worker.off('exit', gone)
      resolve(answer)
    }
    const gone = () => answered('gone')
    const cancel = clock.after(inspect_ms_max, () => answered('too slow'))
    worker.once('message', answered)
    worker.once('exit', gone)
    // A copy of its own: a view would take the whole buffer behind it along.
    const copy = Uint8Array.from(bytes)
    worker.postMessage({ bytes: copy, name }, [copy.buffer])
  })
}

function abortOf(signal: AbortSignal): Promise<FileVerdict> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(unprocessable)
    signal.addEventListener('abort', () => resolve(unprocessable), { once: true })
  })
}
