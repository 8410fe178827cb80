/**
 * The thread in which files are looked into: it answers, it ends what takes too long, and it says nothing.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Inspector, inspector } from '../adapters/attachments/inspector.ts'
import { type Clock, systemClock } from '../adapters/clock.ts'
import { file_bytes_max } from '../adapters/inbound-file.ts'
import { card, pdf, utf8 } from './corpus/files.ts'

const { signal } = new AbortController()
const hello = utf8('hello')

const ended: string[] = []
let one: Inspector
beforeAll(() => {
  one = inspector(systemClock(), (why) => ended.push(why))
})
afterAll(() => one.stop())

test('T7: files are looked into in a thread, one after the other, and each gets its own answer', async () => {
  const files = [hello, utf8(card), pdf({}), pdf({ draws: `(${card}) Tj` }), new Uint8Array([1, 2, 3])]
  const verdicts = await Promise.all(files.map((bytes) => one.inspect(bytes, 'file', signal)))
  expect(verdicts).toEqual([
    { kept: 'text/plain' },
    { dropped: 'sensitive' },
    { kept: 'application/pdf' },
    { dropped: 'sensitive' },
    { dropped: 'unprocessable' },
  ])
})

test('a view into a larger buffer is looked at alone, and stays usable', async () => {
  const whole = utf8(`${card} hello`)
  const view = whole.subarray(card.length + 1)
  expect(await one.inspect(view, 'file', signal)).toEqual({ kept: 'text/plain' })
  expect(new TextDecoder().decode(view)).toBe('hello')
})

test('E109: what takes too long is dropped, its thread ends, and the next file gets another', async () => {
  let isHasty = false
  const clock: Clock = {
    ...systemClock(),
    after(_ms, fire) {
      if (isHasty) queueMicrotask(fire)
      return () => {}
    },
  }
  const reports: string[] = []
  const limited = inspector(clock, (why) => reports.push(why))
  const inspected = (bytes: Uint8Array) => limited.inspect(bytes, 'file', signal)
  expect(await inspected(hello)).toEqual({ kept: 'text/plain' })
  isHasty = true
  expect(await inspected(hello)).toEqual({ dropped: 'unprocessable' })
  isHasty = false
  expect(await inspected(hello)).toEqual({ kept: 'text/plain' })
  expect(reports).toEqual(['too slow'])
  await limited.stop()
})

test('E109: a file nobody waits for any more is dropped, and so is one that comes after the end', async () => {
  expect(await one.inspect(hello, 'file', AbortSignal.abort())).toEqual({ dropped: 'unprocessable' })
  expect(ended).toEqual([])
  const over = inspector(systemClock(), () => {})
  await over.stop()
  expect(await over.inspect(hello, 'file', signal)).toEqual({ dropped: 'unprocessable' })
})

test('E109: a file that takes all the memory there is ends its thread and not the node', async () => {
  const reports: string[] = []
  const small = inspector(systemClock(), (why) => reports.push(why), 64)
  const greedy = await small.inspect(Buffer.alloc(file_bytes_max, '<b>\u0101\u0101 '), 'a.html', signal)
  expect(greedy).toEqual({ dropped: 'unprocessable' })
  expect(reports).toEqual(['ERR_WORKER_OUT_OF_MEMORY'])
  expect(await small.inspect(hello, 'file', signal)).toEqual({ kept: 'text/plain' })
  await small.stop()
})

test('a node that looks into files prints nothing', async () => {
  const script = `
    import { register } from 'tsx/esm/api'
    register()
    const { inspector } = await import('./adapters/attachments/inspector.ts')
    const { systemClock } = await import('./adapters/clock.ts')
    const one = inspector(systemClock(), console.log)
    const bytes = Buffer.from(process.env.PDF, 'base64')
    const verdict = await one.inspect(bytes, 'a.pdf', new AbortController().signal)
    await one.stop()
    process.exitCode = 'kept' in verdict ? 7 : 1`
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: join(import.meta.dirname, '..'),
    env: { PATH: process.env.PATH, PDF: Buffer.from(pdf({})).toString('base64') },
    encoding: 'utf8',
  })
  expect([run.status, run.stdout, run.stderr]).toEqual([7, '', ''])
})
