/**
 * Fetching a file from an address that a stranger gave: how much, from where, and what is not followed.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { downloader } from '../adapters/attachments/download.ts'
import { mayAsk } from '../adapters/attachments/network.ts'
import { file_bytes_max } from '../adapters/inbound-file.ts'
import { type FileServer, fileServer } from './file-server.ts'

const { signal } = new AbortController()
const anywhere = { production: false, attachmentHosts: [] }
const production = { production: true, attachmentHosts: [] }

let server: FileServer
beforeAll(async () => {
  server = await fileServer()
})
afterAll(() => server.close())

describe('what is read', () => {
  const download = downloader(anywhere)

  test('a file, byte for byte', async () => {
    const bytes = new Uint8Array([0, 1, 255, 10])
    expect(Buffer.from((await download(server.put('/a', bytes), signal)) as Uint8Array)).toEqual(Buffer.from(bytes))
  })

  test('E107: exactly 25 MB, and not one byte more, announced or not', async () => {
    const full = await download(server.put('/full', Buffer.alloc(file_bytes_max)), signal)
    expect(full.length).toBe(file_bytes_max)
    expect(await download(server.put('/over', Buffer.alloc(file_bytes_max + 1)), signal)).toBe('too-large')
    const chunked = server.put('/chunked', (response) => {
      response.write(Buffer.alloc(file_bytes_max))
      response.end('x')
    })
    expect(await download(chunked, signal)).toBe('too-large')
  })

  test('a redirect is not followed', async () => {
    const target = server.put('/target', Buffer.from('a'))
    const from = server.put('/from', (response) => void response.writeHead(302, { location: target }).end())
    expect(await download(from, signal)).toBe('unreachable')
    expect(server.asked).not.toContain('/target')
  })

  test.each<{ title: string; path: string; answer: Parameters<FileServer['put']>[1] }>([
    { title: 'an error', path: '/500', answer: (response) => void response.writeHead(500).end('a') },
    { title: 'a part', path: '/206', answer: (response) => void response.writeHead(206).end('a') },
    {
      title: 'a packed answer',
      path: '/gzip',
      answer: (response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end('a'),
    },
    {
      title: 'half a file',
      path: '/half',
      answer: (response) => {
        response.writeHead(200, { 'content-length': '10' })
        response.write('half', () => response.destroy())
      },
    },
  ])('E109: $title is no file', async ({ path, answer }) => {
    expect(await download(server.put(path, answer), signal)).toBe('unreachable')
  })

  test.each(['', 'nothing', 'file:///etc/passwd', 'ftp://127.0.0.1/a', 'https://files.example.test/a'])(
    'E109: "%s" leads nowhere',
    async (address) => {
      expect(await download(address, signal)).toBe('unreachable')
    },
  )

  test('E109: a file that does not come in time is given up', async () => {
    const late = new AbortController()
    const address = server.put('/late', (response) => {
      response.write('a')
      late.abort()
    })
    expect(await download(address, late.signal)).toBe('unreachable')
    expect(await download(server.put('/aborted', Buffer.from('a')), late.signal)).toBe('unreachable')
  })
})

describe('where it may come from', () => {
  test.each([
    { address: '10.0.0.1', is: 'private' },
    { address: '172.16.0.1', is: 'private' },
    { address: '172.31.255.255', is: 'private' },
    { address: '192.168.1.1', is: 'private' },
    { address: '100.64.0.1', is: 'private' },
    { address: '127.0.0.1', is: 'private' },
    { address: '0.0.0.0', is: 'private' },
    { address: '224.0.0.1', is: 'private' },
    { address: '255.255.255.255', is: 'private' },
    { address: '::1', is: 'private' },
    { address: '::', is: 'private' },
    { address: 'fc00::1', is: 'private' },
    { address: 'fd12::1', is: 'private' },
    { address: '::ffff:10.0.0.1', is: 'private' },
    { address: '64:ff9b::a00:1', is: 'private' },
    { address: '169.254.169.254', is: 'link-local' },
    { address: 'fe80::1', is: 'link-local' },
    { address: '::ffff:169.254.169.254', is: 'link-local' },
    { address: 'no address', is: 'link-local' },
    { address: '93.184.216.34', is: 'public' },
    { address: '172.32.0.1', is: 'public' },
    { address: '2606:2800:220:1::1', is: 'public' },
  ])('$address is $is', ({ address, is }) => {
    expect(mayAsk(production, 'files.test', address)).toBe(is === 'public')
    expect(mayAsk(anywhere, 'files.test', address)).toBe(is !== 'link-local')
    const listed = { production: true, attachmentHosts: ['Files.test'] }
    expect(mayAsk(listed, 'files.test', address)).toBe(is !== 'link-local')
    expect(mayAsk(listed, 'other.test', address)).toBe(is === 'public')
  })

  test.each(['127.0.0.1', 'localhost', '2130706433'])(
    'in production %s is not asked, by whatever name, unless it is listed',
    async (host) => {
      const address = server.put('/inside', Buffer.from('a')).replace('127.0.0.1', host)
      expect(await downloader(production)(address, signal)).toBe('unreachable')
      expect(server.asked).not.toContain('/inside')
      const attachmentHosts = [new URL(address).hostname]
      expect(await downloader({ production: true, attachmentHosts })(address, signal)).toEqual(Buffer.from('a'))
      server.asked.length = 0
    },
  )
})
