/**
 * What becomes of the files of one message when networks, threads and the store are slow or broken: on a clock that the
 * test moves, with stand-ins that answer when they are told to.
 */
import { describe, expect, test } from 'vitest'
import { virtualClock } from '../adapters/clock.ts'
import type { FileVerdict } from '../adapters/inbound-file.ts'
import type { Attachment, MessageReceived } from '../machines/events.ts'
import { type AttachmentParts, attachmentDecisions } from '../runtime/attachments.ts'
import { slots } from '../runtime/slots.ts'

const bytes = new Uint8Array([1])
const file: Attachment = { name: 'a.txt', contentType: 'text/plain', url: 'https://files.test/a.txt' }
const gone = (dropped: NonNullable<Attachment['dropped']>): Attachment => ({ ...file, url: '', dropped })
const never = (_: unknown, signal: AbortSignal) =>
  new Promise<'unreachable'>((resolve) => signal.addEventListener('abort', () => resolve('unreachable')))
const neverInspected = (_bytes: Uint8Array, _name: string, signal: AbortSignal) =>
  new Promise<FileVerdict>((resolve) => signal.addEventListener('abort', () => resolve({ dropped: 'unprocessable' })))

function message(...attachments: Attachment[]): MessageReceived {
  return { type: 'message.received', id: 'm-1', at: '2026-03-02T14:05:11.000Z', text: 'Hi', scan: 'clean', attachments }
}

function decisions(parts: Partial<AttachmentParts> = {}) {
  const clock = virtualClock(0)
  const asked: string[] = []
  const decideOf = attachmentDecisions({
    clock,
    inspect: async () => ({ kept: 'text/html' }),
    download: async (url) => {
      asked.push(url)
      return bytes
    },
    store: { put: async (of) => of.replace('\n', '-'), get: async () => undefined, erase: async () => false },
    publicUrl: () => 'https://parley.test',
    ...parts,
  })
  const decide = (name: string, event: MessageReceived, files: Parameters<typeof decideOf>[2]) =>
    decideOf(name, event, files, 'actor')
  return { clock, asked, decide }
}

const kept = { ...file, contentType: 'text/html', url: 'https://parley.test/v1/attachments/name-0' }

describe('a message with files', () => {
  test('LC3: a clean file gets our address and the type that was found', async () => {
    const event = message(file)
    expect(await decisions().decide('name', event, undefined)).toEqual({ ...event, attachments: [kept] })
  })

  test('LC11: a file that is dropped already is not asked for, and keeps its reason', async () => {
    const { decide, asked } = decisions()
    const event = message(gone('malicious'))
    expect(await decide('name', event, undefined)).toBe(event)
    expect(asked).toEqual([])
  })

  test('bytes that came along are not asked for', async () => {
    const { decide, asked } = decisions({
      inspect: async (found) => ({ kept: found === bytes ? 'text/html' : 'other' }),
    })
    const event = message({ ...file, url: '' })
    expect(await decide('name', event, { bytes: [bytes], isCleared: false })).toEqual({ ...event, attachments: [kept] })
    expect(asked).toEqual([])
  })

  test.each<{ title: string; parts: Partial<AttachmentParts>; isCleared: boolean; becomes: Attachment }>([
    { title: 'nowhere, not cleared', parts: { download: never }, isCleared: false, becomes: gone('unprocessable') },
    { title: 'nowhere, cleared', parts: { download: never }, isCleared: true, becomes: file },
    {
      title: 'too large, cleared',
      parts: { download: async () => 'too-large' },
      isCleared: true,
      becomes: gone('unprocessable'),
    },
    {
      title: 'too slow to look into, cleared',
      parts: { inspect: neverInspected },
      isCleared: true,
      becomes: gone('unprocessable'),
    },
    {
      title: 'with card data, cleared',
      parts: { inspect: async () => ({ dropped: 'sensitive' }) },
      isCleared: true,
      becomes: gone('sensitive'),
    },
  ])('A48, E109: within 8 s a file is decided: $title', async ({ parts, isCleared, becomes }) => {
    const { clock, decide } = decisions(parts)
    const decided = decide('name', message(file), { bytes: [undefined], isCleared })
    await clock.advance(8_000)
    expect(await decided).toMatchObject({ attachments: [becomes] })
  })

  test('E109: more files than are handled at once wait in line, and those whose turn never comes are dropped', async () => {
    const { clock, asked, decide } = decisions({ inspect: neverInspected })
    const decided = decide('name', message(...Array.from({ length: 20 }, () => file)), undefined)
    await clock.advance(8_000)
    expect(await decided).toMatchObject({ attachments: Array.from({ length: 20 }, () => gone('unprocessable')) })
    expect(asked).toHaveLength(6)
  })

  test('T9: when the store does not take a file the message is not stored either, so that it is sent again', async () => {
    const put = () => Promise.reject(new Error('no broker'))
    const { decide } = decisions({ store: { put, get: async () => undefined, erase: async () => false } })
    await expect(decide('name', message(file), undefined)).rejects.toThrow('no broker')
  })
})

describe('slots', () => {
  test('as many at once as there are slots; the next begins when one ends, however it ends', async () => {
    const two = slots(2)
    const { signal } = new AbortController()
    const begun: number[] = []
    const ends: ((error?: Error) => void)[] = []
    const all = [0, 1, 2, 3].map((number) =>
      two.during(
        signal,
        () => {
          begun.push(number)
          return new Promise((resolve, reject) => ends.push((error) => (error ? reject(error) : resolve(number))))
        },
        'otherwise',
      ),
    )
    const settled = Promise.allSettled(all)
    await Promise.resolve()
    expect(begun).toEqual([0, 1])
    ends[0]!(new Error('broken'))
    await all[0]!.catch(() => {})
    ends[1]!()
    await all[1]
    expect(begun).toEqual([0, 1, 2, 3])
    for (const end of ends) end()
    expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled'])
  })

  test('who gives up leaves the line, and takes nobody else along', async () => {
    const one = slots(1)
    const patient = new AbortController()
    const hasty = new AbortController()
    let end = () => {}
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    const first = one.during(patient.signal, () => ended, undefined)
    const second = one.during(hasty.signal, async () => 'done', 'given up')
    const third = one.during(patient.signal, async () => 'done', 'given up')
    hasty.abort()
    expect(await second).toBe('given up')
    end()
    await first
    expect(await third).toBe('done')
    expect(await one.during(hasty.signal, async () => 'done', 'given up')).toBe('given up')
  })
})
