/**
 * TLS and mutual TLS on both sides of a node: far sides that are called, through a proxy too, and the doors that are called.
 * Real servers and a real proxy; every certificate is made here (RFC 8446, RFC 9110 section 9.3.6).
 */
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { clientCredentials } from '../adapters/client-credentials.ts'
import { systemClock, virtualClock } from '../adapters/clock.ts'
import { type ClientTls, connectionsWith } from '../adapters/connections.ts'
import { exchange, NoAnswer } from '../adapters/http-exchange.ts'
import { loadConfig } from '../runtime/config.ts'
import { openConnections } from '../runtime/connections-out.ts'
import { checkCertificates } from '../runtime/doctor/certificates.ts'
import { serverTls } from '../runtime/gateway-tls.ts'
import { openLog } from '../runtime/log.ts'
import { identityIn } from '../runtime/pem-files.ts'
import { followFiles, look_every_ms } from '../runtime/renewed-files.ts'
import { type Broker, startBroker } from './broker.ts'
import { type Authority, type Certificates, certificates, type Identity, pemOf } from './certificates.ts'
import { type ConnectProxy, startConnectProxy } from './connect-proxy.ts'
import { hasDebian } from './debian-packages.ts'
import { standIn } from './far-side.ts'
import { type Json, smsBody, startTestNode, type TestNode } from './node.ts'

let made: Certificates
let ours: Authority
let strangers: Authority
let server: Identity
let client: Identity
beforeAll(() => {
  made = certificates()
  ours = made.authority('ours')
  strangers = made.authority('strangers')
  server = ours.identity('server')
  client = ours.identity('client')
})
afterAll(() => made.remove())

const pem = (path: string) => readFileSync(path, 'utf8')
const noProxies = { except: [] }

interface Called {
  status: number
  body: Json
}

/** One call; a word of why there was no answer. */
async function called(url: string, tls: ClientTls, proxies: Parameters<typeof connectionsWith>[1] = noProxies) {
  return calledWith(url, connectionsWith(tls, proxies))
}

async function calledWith(
  url: string,
  connections: ReturnType<typeof connectionsWith>,
  body?: object,
): Promise<Called | string> {
  const headers = { 'content-type': 'application/json' }
  const method = body === undefined ? 'GET' : 'POST'
  const signal = AbortSignal.timeout(10_000)
  const asked = {
    method,
    url,
    headers,
    body: body === undefined ? '' : JSON.stringify(body),
    signal,
    connections,
  } as const
  const answer = await exchange(asked).catch((error) => {
    if (error instanceof NoAnswer) return error.why
    throw error
  })
  return typeof answer === 'string' ? answer : { status: answer.status, body: JSON.parse(answer.text) }
}

interface TlsFarSide {
  url: string
  port: number
  server: Server
  close(): Promise<void>
}

/** Says who called, by the certificate; a token to whoever asks for one. */
async function farSide(identity: Identity, asks: object = {}, host = '127.0.0.1'): Promise<TlsFarSide> {
  const server = createServer({ ...pemOf(identity), ...asks }, (request: IncomingMessage, response) => {
    const socket = request.socket as TLSSocket
    const caller = socket.authorized ? socket.getPeerCertificate().subject.CN : 'nobody'
    const token = request.url === '/token' ? { access_token: `of-${caller}`, token_type: 'Bearer' } : {}
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ caller, ...token }))
  })
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `https://${host}:${port}`,
    port,
    server,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

describe('a far side over TLS', () => {
  const believing: [name: string, of: () => Identity, ca: () => string | undefined, expected: string | undefined][] = [
    ['of an authority that is set is believed', () => server, () => ours.ca, undefined],
    ['of no authority that is known is not', () => server, () => undefined, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['of another authority is not', () => server, () => strangers.ca, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['whose certificate has ended is not', () => ours.identity('past', -1), () => ours.ca, 'CERT_HAS_EXPIRED'],
  ]
  test.each(believing)('%s', async (_, of, ca, expected) => {
    const far = await farSide(of())
    const authority = ca()
    const found = await called(far.url, authority === undefined ? {} : { ca: pem(authority) })
    await far.close()
    if (expected === undefined) expect(found).toEqual({ status: 200, body: { caller: 'nobody' } })
    else expect(found).toBe(`expected an answer, found the connection lost (${expected})`)
  })

  test('that speaks plain HTTP gives no answer', async () => {
    const plain = await standIn()
    expect(await called(plain.url.replace('http:', 'https:'), { ca: pem(ours.ca) })).toMatch(/the connection lost/)
    expect(plain.requests).toEqual([])
    await plain.close()
  })

  describe('that asks for a certificate', () => {
    let far: TlsFarSide
    beforeAll(async () => {
      far = await farSide(server, { ca: pem(ours.ca), requestCert: true, rejectUnauthorized: true })
    })
    afterAll(() => far.close())
    const ca = () => ({ ca: pem(ours.ca) })

    test('is shown ours, and its token service, too', async () => {
      const connections = connectionsWith({ ...ca(), ...pemOf(client) }, noProxies)
      expect(await calledWith(far.url, connections)).toEqual({ status: 200, body: { caller: 'client' } })
      const login = { tokenUrl: `${far.url}/token`, clientId: 'parley', clientSecret: 'x' }
      const authorization = clientCredentials('engage', login, systemClock(), systemClock(), connections)
      expect(await authorization.token(AbortSignal.timeout(5_000))).toBe('of-client')
    })

    test.each([
      ['none', () => ({})],
      ['one of another authority', () => pemOf(strangers.identity('client'))],
      ['one that has ended', () => pemOf(ours.identity('late', -1))],
    ])('refuses %s', async (_, shown) => {
      expect(await called(far.url, { ...ca(), ...shown() })).toMatch(/the connection lost/)
    })

    test('is shown a renewed one from the next call on', async () => {
      const connections = connectionsWith({ ...ca(), ...pemOf(client) }, noProxies)
      await calledWith(far.url, connections)
      connections.renew({ ...ca(), ...pemOf(ours.identity('renewed')) })
      expect(await calledWith(far.url, connections)).toMatchObject({ body: { caller: 'renewed' } })
    })
  })
})

describe.runIf(hasDebian('calls through a proxy, which are tested against tinyproxy'))('through a proxy', () => {
  let proxy: ConnectProxy
  let far: TlsFarSide
  beforeAll(async () => {
    proxy = await startConnectProxy()
    far = await farSide(server, { ca: pem(ours.ca), requestCert: true, rejectUnauthorized: true }, '127.0.0.2')
  }, 60_000)
  afterAll(async () => {
    await far?.close()
    await proxy?.stop()
  })
  const tls = () => ({ ca: pem(ours.ca), ...pemOf(client) })

  test('a far side is called by CONNECT, with both certificates', async () => {
    const through = { https: proxy.url, except: [] }
    expect(await called(far.url, tls(), through)).toEqual({ status: 200, body: { caller: 'client' } })
    await vi.waitFor(async () => expect(await proxy.tunnels()).toEqual([`127.0.0.2:${far.port}`]))
  })

  test('one that refuses us gives no answer, and the call does not go past it', async () => {
    const refusing = { https: proxy.url.replace('s3cret', 'another'), except: [] }
    expect(await called(far.url, tls(), refusing)).toMatch(/the connection lost/)
    expect(await called(far.url, tls(), { https: 'http://127.0.0.1:9', except: [] })).toMatch(/ECONNREFUSED/)
  })

  test('what is excepted, and what is on this machine, is called directly', async () => {
    const before = (await proxy.tunnels()).length
    const away = { https: 'http://127.0.0.1:9', except: [] }
    expect(await called(far.url, tls(), { ...away, except: ['127.0.0.2'] })).toMatchObject({ status: 200 })
    expect(await called(far.url, tls(), { ...away, except: ['*'] })).toMatchObject({ status: 200 })
    const near = await farSide(server)
    expect(await called(near.url, { ca: pem(ours.ca) }, away)).toMatchObject({ status: 200 })
    await near.close()
    expect(await proxy.tunnels()).toHaveLength(before)
  })
})

describe('files that are of no use stop the start', () => {
  const broken: [name: string, files: () => Identity, message: RegExp][] = [
    [
      'a file that is missing',
      () => ({ ...server, cert: '/nowhere/cert.pem' }),
      /^tls\.cert: expected a file that can be read, found none at \/nowhere\/cert\.pem \(ENOENT\)$/,
    ],
    [
      'a folder',
      () => ({ ...server, key: made.dir }),
      /^tls\.key: expected a file that can be read, found none at .* \(EISDIR\)$/,
    ],
    [
      'a certificate that is none',
      () => ({ ...server, cert: server.key }),
      /^tls\.cert: expected a certificate in PEM form, found something else/,
    ],
    [
      'a key that is none',
      () => ({ ...server, key: server.cert }),
      /^tls\.key: expected a private key in PEM form, without a passphrase, found/,
    ],
    [
      'the key of another certificate',
      () => ({ ...server, key: client.key }),
      /^tls\.key: expected the key of the certificate at .*server\.pem, found another key/,
    ],
  ]
  test.each(broken)('%s', async (_, files, message) => {
    await expect(identityIn('tls', files())).rejects.toMatchObject({
      code: 'E_TLS',
      message: expect.stringMatching(message),
    })
  })
})

test('a far side is shown a certificate that was renewed while the node runs', async () => {
  const [cert, key] = [join(made.dir, 'shown.pem'), join(made.dir, 'shown.key')]
  const put = (from: Identity) => {
    cpSync(from.cert, cert)
    cpSync(from.key, key)
  }
  put(client)
  const clock = virtualClock(0)
  const env = { ENGAGE_TLS_CA: ours.ca, ENGAGE_TLS_CERT: cert, ENGAGE_TLS_KEY: key }
  const log = openLog('silent')
  const connections = await openConnections(loadConfig({ env, cwd: made.dir }), clock, log)
  const far = await farSide(server, { ca: pem(ours.ca), requestCert: true, rejectUnauthorized: true })
  expect(await calledWith(far.url, connections.engage)).toMatchObject({ body: { caller: 'client' } })
  put(ours.identity('renewed'))
  await vi.waitFor(async () => {
    await clock.advance(look_every_ms)
    expect(await calledWith(far.url, connections.engage)).toMatchObject({ body: { caller: 'renewed' } })
  })
  expect(await calledWith(far.url, connections.connect)).toMatch(/the connection lost/)
  await connections.stop()
  await far.close()
})

test('a renewed certificate is put to use within a minute, and one that is half written is not', async () => {
  const [cert, key] = [join(made.dir, 'live.pem'), join(made.dir, 'live.key')]
  const put = (from: string, to: string) => cpSync(from, to)
  put(server.cert, cert)
  put(server.key, key)
  const clock = virtualClock(0)
  const far = await farSide({ cert, key })
  const logFile = join(made.dir, 'renewed.log')
  const renew = async () => void far.server.setSecureContext(await serverTls({ cert, key, clientCertificate: 'doors' }))
  const follower = followFiles([cert, key], { clock, log: openLog('info', logFile), renew })
  const shown = async () => called(far.url, { ca: pem(strangers.ca) })
  const codes = () => (pem(logFile).match(/certificate-[a-z-]+/g) ?? []).join(' ')
  const next = strangers.identity('server')

  writeFileSync(logFile, '')
  await new Promise(setImmediate)
  put(next.cert, cert)
  await vi.waitFor(async () => {
    await clock.advance(look_every_ms)
    expect(codes()).toContain('certificate-not-renewed')
  })
  expect(await shown()).toMatch(/UNABLE_TO_VERIFY_LEAF_SIGNATURE/)
  put(next.key, key)
  await vi.waitFor(async () => {
    await clock.advance(look_every_ms)
    expect(codes()).toContain('certificate-renewed')
  })
  expect(await shown()).toMatchObject({ status: 200 })
  follower.stop()
  await far.close()
})

describe('a gateway with TLS', () => {
  let broker: Broker
  beforeAll(async () => {
    broker = await startBroker()
  })
  afterAll(() => broker.stop())

  const start = (env: Record<string, string> = {}) =>
    startTestNode(broker, {
      ...{ PARLEY_TLS_CERT: server.cert, PARLEY_TLS_KEY: server.key, PARLEY_TLS_CLIENT_CA: ours.ca },
      ...{ PARLEY_CLOCK: 'real', ...env },
    })
  const callers: [name: string, shown: () => Identity | undefined, isKnown: boolean][] = [
    ['a certificate of the authority', () => client, true],
    ['no certificate', () => undefined, false],
    ['a certificate of another authority', () => strangers.identity('client'), false],
    ['a certificate that has ended', () => ours.identity('late', -1), false],
  ]
  const as = (shown: Identity | undefined): ClientTls => ({ ca: pem(ours.ca), ...(shown ? pemOf(shown) : {}) })

  describe('that asks for a certificate at the doors in', () => {
    let node: TestNode
    beforeAll(async () => {
      node = await start()
    })
    afterAll(() => node.stop())
    const at = (shown: Identity | undefined, path: string, body?: object) =>
      calledWith(node.url + path, connectionsWith(as(shown), noProxies), body)

    test.each(callers)('who shows %s', async (_, shown, isKnown) => {
      const posted = await at(shown(), '/v1/inbound/sms', smsBody('Hello'))
      expect(posted).toMatchObject(
        isKnown ? { status: 200 } : { status: 401, body: { type: 'urn:parley:problem:unauthenticated' } },
      )
      expect(await at(shown(), '/healthz')).toEqual({ status: 200, body: { status: 'ok' } })
    })

    test('the embedded desk reaches it all the same, and a conversation goes its way', async () => {
      const from = '+14155550177'
      const stateOf = async () => {
        const query = new URLSearchParams({ channel: 'sms', asset: '14155550100', customer: from })
        return ((await at(client, `/v1/conversations?${query}`)) as Called).body.items[0]?.state
      }
      for (const words of ['Hello', '1']) {
        await at(client, '/v1/inbound/sms', smsBody(words, { from }))
        await vi.waitFor(async () => expect(await stateOf()).toMatch(words === '1' ? /^inQueue/ : /menu/), 10_000)
      }
    })

    test('plain HTTP gives no answer', async () => {
      expect(await called(node.url.replace('https:', 'http:'), {})).toMatch(/the connection lost/)
    })
  })

  describe('that asks everybody for one', () => {
    let node: TestNode
    beforeAll(async () => {
      node = await start({ PARLEY_TLS_CLIENT_CERTIFICATE: 'everywhere' })
    })
    afterAll(() => node.stop())

    test.each(callers)('who shows %s', async (_, shown, isKnown) => {
      const found = await called(`${node.url}/healthz`, as(shown()))
      if (isKnown) expect(found).toMatchObject({ status: 200 })
      else expect(found).toMatch(/the connection lost/)
    })
  })

  test('a far side’s certificate that cannot be read stops the start', async () => {
    await expect(start({ ENGAGE_TLS_CERT: '/nowhere/c.pem', ENGAGE_TLS_KEY: client.key })).rejects.toMatchObject({
      code: 'E_TLS',
      message: 'tls.engage.cert: expected a file that can be read, found none at /nowhere/c.pem (ENOENT)',
    })
  })
})

test('the doctor says how long each certificate is good, and which one no node starts with', async () => {
  const files = ({ cert, key }: Identity, prefix: string) => ({ [`${prefix}_CERT`]: cert, [`${prefix}_KEY`]: key })
  const env = {
    ...files(server, 'PARLEY_TLS'),
    ...files(ours.identity('old', -1), 'ENGAGE_TLS'),
    ...files(ours.identity('fresh', 90), 'CONNECT_TLS'),
    ...files({ ...server, key: client.key }, 'PARLEY_SMTP_TLS'),
  }
  const found = await checkCertificates(loadConfig({ env, cwd: made.dir }), Date.now())
  expect(found.map(({ check, ok }) => [check, ok])).toEqual([
    ['certificate bind.tls', 'warn'],
    ['certificate smtpTls', 'wrong'],
    ['certificate tls.engage', 'wrong'],
    ['certificate tls.connect', 'ok'],
  ])
})
