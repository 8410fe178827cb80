/**
 * Mail to and from programs that share no line with Parley, out of Debian's archive: swaks writes, Postfix's smtp-sink takes, and
 * two collections of mails that broke other programs (those of Python's and of enmime's tests) come over a real socket
 * (invariants T6, T9). Where there is no archive to take them from, that is said.
 */
import { execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePorts } from '../runtime/nats-server/free-ports.ts'
import { type Broker, startBroker } from './broker.ts'
import { hasDebian, unpacked } from './debian-packages.ts'
import { type FarSides, farSides } from './far-sides.ts'
import { type Json, startTestNode, type TestNode } from './node.ts'
import { smtpLine } from './smtp-line.ts'

const mailbox = 'support@corp.example'
const packages = ['swaks', 'postfix', 'libpython3.11-testsuite', 'golang-github-jhillyerd-enmime-dev']
/** Of each: the mails of machines (lists, bounces, receipts), which begin nothing, and what is none. */
const collections = [
  {
    of: "Python's tests",
    folder: 'usr/lib/python3.11/test/test_email/data',
    files: /\.txt$/,
    machines: ['msg_05.txt', 'msg_16.txt', 'msg_25.txt', 'msg_32.txt', 'msg_33.txt', 'msg_43.txt'],
    none: ['msg_19.txt'],
  },
  {
    of: "enmime's tests",
    folder: 'usr/share/gocode/src/github.com/jhillyerd/enmime/testdata',
    files: /\.(raw|golden)$/,
    machines: [],
    none: ['part-content-only.golden', 'part-empty.golden', 'erroneous.raw'],
  },
]

describe.runIf(hasDebian('mail with swaks and smtp-sink, and the collections of broken mails'))('a node', () => {
  let root: string
  let dir: string
  let broker: Broker
  let far: FarSides
  let sink: Sink
  let node: TestNode
  beforeAll(async () => {
    root = await unpacked('mail-peers', packages)
    dir = await mkdtemp(join(tmpdir(), 'parley-sink-'))
    sink = await smtpSink(root, dir)
    broker = await startBroker()
    far = await farSides()
    const env = { SMTP_URL: sink.url, PARLEY_RATE_PER_CUSTOMER: '0' }
    node = await startTestNode(broker, { ...far.env, ...env }, { anyMailPort: true })
  }, 120_000)
  afterAll(async () => {
    await node?.stop()
    await broker?.stop()
    await far?.close()
    await sink?.stop()
    await rm(dir, { recursive: true, force: true })
  })

  const person = () => `${randomUUID().slice(0, 8)}@example.test`
  const conversations = async (customer: string): Promise<Json[]> =>
    (await node.ask('GET', `/v1/conversations?channel=email&customer=${customer}`)).body.items

  /** Resolves to what swaks printed; rejects where it says that the mail was not taken. */
  const swaks = async (from: string, ...more: string[]) => {
    const { host } = new URL(node.node.mailUrl)
    const args = ['--server', host, '--from', from, '--to', mailbox, ...more]
    return (await promisify(execFile)('perl', [join(root, 'usr/bin/swaks'), ...args])).stdout
  }

  test('EM1: what swaks writes is a conversation, and smtp-sink has the notice of it, threaded to it', async () => {
    const from = person()
    const id = `<${randomUUID()}@x.test>`
    await swaks(from, '--h-Message-Id', id, '--body', 'Where is my parcel?', '--attach', '@/etc/hostname')
    await node.advance(0)
    const [conversation] = await conversations(from)
    expect(conversation.state).toBe('inQueue.created')
    const [turn] = (await node.ask('GET', `/v1/conversations/${conversation.id}/turns`)).body
    expect(turn.event.data.text).toBe('Where is my parcel?')
    const created = { eventId: randomUUID(), eventType: 'CREATED' }
    const task = { taskId: conversation.taskId, destination: 'a_637512345678901234', origin: from }
    await node.ask('POST', '/v1/webhooks/digital-routing', { ...created, task })
    await node.advance(0)
    const [notice] = await sink.mailsTo(from)
    expect(notice).toContain(`In-Reply-To: ${id}`)
    expect(notice).toMatch(/^Auto-Submitted: auto-replied\r?$/m)
  })

  test('a mailbox that is not ours is refused to swaks for good', async () => {
    await expect(swaks(person(), '--to', 'nobody@corp.example')).rejects.toMatchObject({
      stdout: expect.stringMatching(/<\*\* 550 /),
    })
  })

  test.each(collections)(
    "T9: each mail of $of is a conversation, a machine's, or refused as none",
    async ({ folder, files, machines, none }) => {
      const senders = new Map<string, string>()
      const ends: Record<string, string[]> = { none: [], machines: [], heard: [] }
      for (const file of await filesBelow(join(root, folder), files)) {
        const from = person()
        const reply = await delivered(node.node.mailUrl, from, await readFile(file))
        expect(reply, file).toMatch(/^(250|554) /)
        if (reply.startsWith('250')) senders.set(basename(file), from)
        else ends.none!.push(basename(file))
      }
      await node.advance(0)
      for (const [file, from] of senders) {
        ends[(await conversations(from)).length === 1 ? 'heard' : 'machines']!.push(file)
      }
      expect(ends).toMatchObject({ machines, none })
      expect(ends.heard!.length).toBeGreaterThan(30)
    },
  )
})

interface Sink {
  url: string
  /** As they came, oldest first. */
  mailsTo(address: string): Promise<string[]>
  stop(): Promise<void>
}

/** Takes every mail, and keeps each in a file of its own. */
async function smtpSink(root: string, dir: string): Promise<Sink> {
  const [port = 0] = await freePorts(1)
  const asRoot = process.getuid?.() === 0 ? ['-u', 'root'] : []
  const child = spawn(
    join(root, 'usr/sbin/smtp-sink'),
    [...asRoot, '-d', join(dir, '%M.'), `127.0.0.1:${port}`, '64'],
    {
      env: {
        ...process.env,
        LD_LIBRARY_PATH: [join(root, 'usr/lib/postfix'), join(root, 'usr/lib/x86_64-linux-gnu')].join(':'),
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  )
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    url: `smtp://127.0.0.1:${port}`,
    async mailsTo(address) {
      const names = (await readdir(dir)).sort()
      const mails = await Promise.all(names.map((name) => readFile(join(dir, name), 'latin1')))
      return mails.filter((mail) => mail.includes(`<${address}>`))
    },
    async stop() {
      child.kill()
      await ended
    },
  }
}

async function filesBelow(folder: string, names: RegExp): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  const files = entries.filter((entry) => entry.isFile() && names.test(entry.name))
  return files.map(({ parentPath, name }) => join(parentPath, name)).sort()
}

/**
 * The reply to the end of a mail that is sent as it is, but for the ends of its lines (RFC 5321, 2.3.8 and 4.5.2); and as one
 * of its own, for many of a collection have one sender and one Message-ID.
 */
async function delivered(url: string, from: string, mail: Buffer): Promise<string> {
  const line = await smtpLine(url)
  try {
    for (const word of ['EHLO peer.test', `MAIL FROM:<${from}>`, `RCPT TO:<${mailbox}>`, 'DATA']) await line.say(word)
    const text = mail
      .toString('latin1')
      .replace(/\r?\n/g, '\r\n')
      .replace(/^ ?from:.*(\r\n[ \t].*)*/im, `From: ${from}`)
      .replace(/^message-id:.*(\r\n[ \t].*)*/im, `Message-ID: <${randomUUID()}@peer.test>`)
      .replace(/^\./gm, '..')
    line.raw(Buffer.from(`${text}\r\n.\r\n`, 'latin1'))
    return await line.reply()
  } finally {
    line.close()
  }
}
