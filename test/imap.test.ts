/**
 * Mail in by IMAP: nodes on a real broker read mailboxes of Debian's dovecot, which an independent client fills (invariants
 * T7, T9). Where there is no Debian archive to take it from, that is said.
 */
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { createServer, type Server } from 'node:tls'
import { ImapFlow } from 'imapflow'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { virtualClock } from '../adapters/clock.ts'
import { imapAddress } from '../adapters/imap/imap-address.ts'
import { readMailbox } from '../adapters/imap/mailbox-reader.ts'
import { type Broker, startBroker } from './broker.ts'
import { type Certificates, certificates, pemOf } from './certificates.ts'
import { hasDebian } from './debian-packages.ts'
import { type Dovecot, startDovecot } from './dovecot.ts'
import { type StandIn, standIn } from './far-side.ts'
import { type FarSides, farSides } from './far-sides.ts'
import { type Json, startTestNode, type TestNode } from './node.ts'

const patience = { timeout: 30_000, interval: 50 }
const address = 'support@corp.example'
const app = 'a_637512345678901234'

test.each([
  ['imaps://me%40corp.example@mail.example/Support%20In', 'me@corp.example', 993, true, 'Support In'],
  ['imap://me@127.0.0.1:1143', 'me', 1143, false, 'INBOX'],
])('%s is taken apart', (url, user, port, isTls, folder) => {
  expect(imapAddress(url)).toMatchObject({ user, port, isTls, folder })
})

describe.runIf(hasDebian('mail in by IMAP, which is tested against dovecot'))('nodes with a mailbox', () => {
  let broker: Broker
  let far: FarSides
  let tokens: StandIn
  let dovecot: Dovecot
  let made: Certificates
  beforeAll(async () => {
    tokens = await standIn()
    dovecot = await startDovecot(`${tokens.url}/introspect`)
    broker = await startBroker()
    far = await farSides()
    made = certificates()
  }, 120_000)
  afterAll(async () => {
    await far?.close()
    await broker?.stop()
    await dovecot?.stop()
    await tokens?.close()
    made?.remove()
  })

  const start = (user: string, imap: Record<string, string> = {}, env: Record<string, string> = {}) => {
    const settings = { URL: dovecot.url(user), PASSWORD: dovecot.password, ...imap }
    const named = Object.entries(settings).filter(([, value]) => value !== '')
    const mailbox = named.map(([key, value]) => [`PARLEY_ASSETS__2__IMAP__${key}`, value])
    return startTestNode(broker, { ...far.env, ...Object.fromEntries(mailbox), ...env })
  }

  /** Somebody else's program at the same mailbox. */
  async function mailProgram(user: string) {
    const client = new ImapFlow({
      host: '127.0.0.1',
      port: dovecot.port,
      auth: { user, pass: dovecot.password },
      logger: false,
    })
    client.on('error', () => {})
    await client.connect()
    const count = async (folder: string, what: 'unseen' | 'messages') =>
      ((await client.status(folder, { [what]: true })) as { [key in typeof what]?: number })[what]
    return {
      put: (raw: string | Buffer) => client.append('INBOX', raw),
      unread: () => count('INBOX', 'unseen'),
      messagesIn: (folder: string) => count(folder, 'messages'),
      async inInbox<Found>(act: (client: ImapFlow) => Promise<Found>): Promise<Found> {
        const lock = await client.getMailboxLock('INBOX')
        return act(client).finally(async () => {
          lock.release()
          await client.mailboxClose() // an open one does not count what others do
        })
      },
      close: () => client.logout().catch(() => {}),
    }
  }
  let mails = 0
  const mail = (from: string, text: string, messageId = `<m${++mails}@example.test>`): string => {
    const id = messageId === '' ? [] : [`Message-ID: ${messageId}`]
    const head = [`From: Ana <${from}>`, `To: ${address}`, `Subject: About ${from.split('@')[0]}`, ...id]
    return [...head, '', text, ''].join('\r\n')
  }
  const heard = async (node: TestNode, from: string): Promise<string[]> => {
    const query = new URLSearchParams({ channel: 'email', asset: app, customer: from })
    const { items } = (await node.ask('GET', `/v1/conversations?${query}`)).body
    const turns: Json[] = await Promise.all(
      items.map(async ({ id }: Json) => (await node.ask('GET', `/v1/conversations/${id}/turns`)).body),
    )
    const received = turns.flat().filter(({ event }) => event.type === 'parley.message.received')
    return received.map(({ event }) => event.data.text.trim())
  }
  const logged = async (node: TestNode, code: string): Promise<Json[]> => {
    const lines = (await readFile(node.logFile, 'utf8')).trim().split('\n')
    return lines.map((line) => JSON.parse(line)).filter((line) => line.code === code)
  }

  describe('two of them at one', () => {
    let nodes: TestNode[]
    let program: Awaited<ReturnType<typeof mailProgram>>
    beforeAll(async () => {
      program = await mailProgram('support')
      nodes = [await start('support'), await start('support')]
    })
    afterAll(async () => {
      await Promise.all(nodes?.map((node) => node.stop()) ?? [])
      await program?.close()
    })
    const heardFrom = (from: string) => heard(nodes[0]!, from)

    test('T7, T9: a mail is one message of its customer, card data masked, and is marked as read once it is stored', async () => {
      await program.put(mail('ana@example.test', 'pay 4111 1111 1111 1111'))
      await vi.waitFor(async () => {
        expect(await heardFrom('ana@example.test')).toEqual(['pay **** **** **** 1111'])
        expect(await program.unread()).toBe(0)
      }, patience)
    })

    test('E1: the same mail twice and mails without a Message-ID make no double; mails keep their order', async () => {
      for (let times = 0; times < 2; times++) {
        await program.put(mail('bo@example.test', 'only once', '<once@example.test>'))
      }
      await program.put(mail('cy@example.test', 'has no id', ''))
      const texts = Array.from({ length: 8 }, (_, nth) => `mail ${'abcdefgh'[nth]}`)
      for (const text of texts) await program.put(mail('di@example.test', text))
      await vi.waitFor(async () => {
        expect(await program.unread()).toBe(0)
        expect(await heardFrom('di@example.test')).toEqual(texts)
      }, patience)
      expect(await heardFrom('bo@example.test')).toEqual(['only once'])
      expect(await heardFrom('cy@example.test')).toEqual(['has no id'])
    })

    test('one that was stored and is unread, as after a crash, is not heard again', async () => {
      await program.inInbox((client) => client.messageFlagsRemove('1:*', ['\\Seen']))
      await program.put(mail('ed@example.test', 'the last one'))
      await vi.waitFor(async () => {
        expect(await heardFrom('ed@example.test')).toEqual(['the last one'])
        expect(await program.unread()).toBe(0)
      }, patience)
      expect(await heardFrom('ana@example.test')).toHaveLength(1)
      expect(await heardFrom('cy@example.test')).toHaveLength(1)
    })

    test('when the node that reads ends, another one reads on', async () => {
      for (const [nth, from] of ['hal@example.test', 'ida@example.test'].entries()) {
        await nodes.shift()?.stop()
        await program.put(mail(from, `mail ${nth}`))
        await vi.waitFor(async () => expect(await heardFrom(from)).toEqual([`mail ${nth}`]), patience)
        nodes.push(await start('support'))
      }
    })

    test('what came while the server was away is read when it is back', async () => {
      await program.close()
      await dovecot.pause()
      await vi.waitFor(async () => expect(await logged(nodes[0]!, 'mailbox-not-read')).not.toEqual([]), patience)
      await dovecot.resume()
      program = await mailProgram('support')
      await program.put(mail('jo@example.test', 'still there?'))
      await vi.waitFor(async () => expect(await heardFrom('jo@example.test')).toEqual(['still there?']), patience)
    })
  })

  async function withNode(settings: Parameters<typeof start>, act: (node: TestNode) => Promise<void>) {
    const node = await start(...settings)
    try {
      await act(node)
    } finally {
      await node.stop()
    }
  }

  test('what can never be taken is flagged, left, and set aside with its reason; what was taken moves to its folder', async () => {
    const program = await mailProgram('odd')
    await program.put('\r\n\r\n')
    await program.put(mail('kim@example.test', 'goes away'))
    await withNode(['odd', { MOVE_TO: 'Done' }], async (node) => {
      await vi.waitFor(async () => {
        expect(await heard(node, 'kim@example.test')).toEqual(['goes away'])
        expect([await program.messagesIn('Done'), await program.unread()]).toEqual([1, 0])
      }, patience)
      expect(await program.inInbox((client) => client.search({ flagged: true }))).toEqual([1])
      expect((await node.deadLetters()).map(({ kind, reason }) => [kind, reason])).toEqual([
        ['unreadable', expect.stringContaining('it cannot be read as a mail')],
      ])
      expect((await node.ask('GET', '/readyz?verbose')).body.unhandled).toEqual([
        { door: 'email', reason: 'a mail of the mailbox that cannot be taken', count: 1 },
      ])
    })
    await program.close()
  })

  test('a mail of a customer who writes too fast waits unread and holds up nobody else', async () => {
    const program = await mailProgram('fast')
    for (const text of ['first', 'second']) await program.put(mail('lou@example.test', text))
    await program.put(mail('max@example.test', 'mine'))
    await withNode(['fast', {}, { PARLEY_RATE_PER_CUSTOMER: '1' }], async (node) => {
      await vi.waitFor(async () => expect(await heard(node, 'max@example.test')).toEqual(['mine']), patience)
      expect(await heard(node, 'lou@example.test')).toEqual(['first'])
      await vi.waitFor(async () => expect(await program.unread()).toBe(1), patience)
      await node.advance(60_000)
      await program.put(mail('ned@example.test', 'wakes it up'))
      await vi.waitFor(async () => expect(await heard(node, 'lou@example.test')).toEqual(['first', 'second']), patience)
    })
    await program.close()
  })

  test('T9: what could not be stored stays unread, and is tried again; what is too large is refused unread', async () => {
    const program = await mailProgram('busy')
    await program.put(mail('fay@example.test', 'anybody there?'))
    await program.put(mail('gus@example.test', 'x'.repeat(1_000)))
    const clock = virtualClock(0)
    const answers = [503, 503, 200]
    const noted: string[] = []
    const refused: string[] = []
    const at = imapAddress(dovecot.url('busy'))
    let tries = 0
    const reader = readMailbox({
      ...{ address: at, logsInBy: { password: dovecot.password }, ca: undefined, clock, random: () => 0.5 },
      isOurs: () => true,
      say: () => {},
      taking: {
        ...{ address: at, app, moveTo: undefined, bytes_max: 1_000 },
        setAside: async (_id, { why }) => void refused.push(why),
        deliver: async () => ({ status: answers[tries++] ?? 500 }),
        taken: { has: async () => false, note: async (id) => void noted.push(id) },
      },
    })
    await vi.waitFor(() => expect(tries).toBe(1), patience)
    await vi.waitFor(async () => {
      expect(await program.unread()).toBe(tries < answers.length ? 1 : 0)
      await clock.advance(1_000)
      expect(tries).toBe(answers.length)
    }, patience)
    await vi.waitFor(async () => expect(await program.unread()).toBe(0), patience)
    expect(noted).toHaveLength(1)
    expect(refused).toEqual(['it is over 1000 bytes'])
    await reader.stop()
    await program.close()
  })

  test('a token is fetched where that is set, and another one when the server refuses it', async () => {
    tokens.requests.length = 0
    tokens.answerBy(({ path, text }) => {
      if (path === '/token') {
        const nth = tokens.requests.filter((one) => one.path === '/token').length
        return { status: 200, body: { access_token: `token-${nth}`, token_type: 'Bearer', expires_in: 3_600 } }
      }
      return { status: 200, body: { active: text.includes('token-2'), username: 'modern' } }
    })
    const program = await mailProgram('modern')
    await program.put(mail('ola@example.test', 'by token'))
    const client = { PASSWORD: '', TOKEN_URL: `${tokens.url}/token`, CLIENT_ID: 'parley', CLIENT_SECRET: 'known' }
    await withNode(['modern', client], async (node) => {
      await vi.waitFor(async () => expect(await heard(node, 'ola@example.test')).toEqual(['by token']), patience)
      expect(await readFile(node.logFile, 'utf8')).not.toMatch(/token-\d|known/)
    })
    await program.close()
  })

  describe('over TLS', () => {
    let server: Server
    let port: number
    beforeAll(async () => {
      server = createServer(pemOf(made.authority('mail').identity('localhost')), (socket) => {
        const onward = connect(dovecot.port, '127.0.0.1')
        socket.on('error', () => onward.destroy())
        onward.on('error', () => socket.destroy())
        socket.pipe(onward).pipe(socket)
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      port = (server.address() as { port: number }).port
    })
    afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())))
    const url = () => `imaps://safe@localhost:${port}/INBOX`

    test('the authority that is set is believed, and no other', async () => {
      const program = await mailProgram('safe')
      await program.put(mail('pam@example.test', 'sealed'))
      await withNode(['safe', { URL: url() }], async (node) => {
        await vi.waitFor(async () => {
          expect((await logged(node, 'mailbox-not-read')).map(({ why }) => why)).toContain(
            'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
          )
        }, patience)
        expect(await program.unread()).toBe(1)
      })
      await withNode(['safe', { URL: url(), CA: `${made.dir}/mail.pem` }], async (node) => {
        await vi.waitFor(async () => expect(await heard(node, 'pam@example.test')).toEqual(['sealed']), patience)
      })
      await program.close()
    })

    test('a file of an authority that is none stops the start', async () => {
      const settings = { URL: url(), CA: `${made.dir}/names` }
      await expect(start('safe', settings)).rejects.toMatchObject({
        code: 'E_TLS',
        message: expect.stringContaining(`imap.ca of the asset ${app}: expected a certificate in PEM form`),
      })
    })
  })
})
