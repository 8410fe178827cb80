/**
 * One connection to a message centre: bound, kept alive, requests matched with their responses within a window, until it
 * is lost (SMPP 3.4, sections 2.2, 2.7 and 2.9). Speaks to the socket only; what a message means is decided by whoever
 * hears it. Invariant: a deliver_sm is answered once, after `hear` has decided.
 */
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Clock } from '../clock.ts'
import {
  bindBody,
  command,
  encoded,
  firstText,
  isResponse,
  MalformedPdu,
  messageIn,
  type Pdu,
  pduReader,
  responseTo,
  type ShortMessage,
  status,
} from './pdu.ts'

/** `smpp://systemId:password@host:port?system_type=&window=`; `smpps://` for TLS. */
export type BindMode = 'bind_receiver' | 'bind_transmitter' | 'bind_transceiver'

export interface SessionOptions {
  url: string
  mode: BindMode
  clock: Clock
  /** Never rejects. */
  hear: (message: ShortMessage) => Promise<HeardAnswer>
}

/** What to answer, a command status; `said` is called when that could still be said. */
export interface HeardAnswer {
  status: number
  said?: () => void
}

export interface Session {
  /** Resolves to the message id. Rejects with `NotTaken`. */
  submit(body: Buffer, signal: AbortSignal): Promise<string>
  /** Resolves once the connection is gone. */
  closed: Promise<void>
  /** Unbinds and closes, at once when nobody answers. */
  end(): Promise<void>
}

/** A request that the centre refused (`status`), or did not answer. */
export class NotTaken extends Error {
  override readonly name = 'NotTaken'
  readonly status: number | undefined
  constructor(found: number | undefined) {
    super(found === undefined ? 'no response' : `command status 0x${found.toString(16)}`)
    this.status = found
  }
}

const port_default = 2_775
const port_tls_default = 3_550
const window_default = 10
const connect_ms_max = 10_000
const response_ms_max = 10_000
const enquire_every_ms = 30_000
const unbind_ms_max = 1_000
const sequence_max = 0x7fff_ffff

/** Connects and binds. Rejects with `NotTaken` when the centre refuses, or is not there. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { url, mode, clock } = options
  const { username, password, searchParams } = new URL(url)
  const line = lineOf(await connected(url, clock), options)
  const credentials = [username, password].map(decodeURIComponent) as [string, string]
  try {
    await line.request(command[mode], bindBody(...credentials, searchParams.get('system_type') ?? ''))
  } catch (error) {
    line.destroy()
    throw error
  }
  line.keepAlive()
  const turn = slots(Number(searchParams.get('window')) || window_default)
  return {
    closed: line.closed,
    async submit(body, signal) {
      const leave = await turn()
      try {
        if (signal.aborted) throw new NotTaken(undefined)
        return firstText(await line.request(command.submit_sm, body, signal))
      } finally {
        leave()
      }
    },
    async end() {
      await Promise.race([line.request(command.unbind).catch(() => {}), clock.sleep(unbind_ms_max)])
      line.destroy()
      await line.closed
    },
  }
}

function connected(url: string, clock: Clock): Promise<Socket> {
  const { protocol, hostname, port } = new URL(url)
  const isTls = protocol === 'smpps:'
  const host = hostname.replace(/^\[|\]$/g, '')
  const to = { host, port: Number(port) || (isTls ? port_tls_default : port_default) }
  const socket = isTls ? connectTls({ ...to, servername: host }) : connectTcp(to)
  return new Promise((resolve, reject) => {
    const fail = () => {
      socket.destroy()
      reject(new NotTaken(undefined))
    }
    const cancel = clock.after(connect_ms_max, fail)
    socket.once('error', fail)
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      cancel()
      socket.off('error', fail)
      resolve(socket.setNoDelay(true))
    })
  })
}

/** Requests and responses over one socket. */
function lineOf(socket: Socket, { clock, hear }: SessionOptions) {
  const waiting = new Map<number, (response: Pdu | undefined) => void>()
  const read = pduReader()
  let sequence = 0
  let stopAlive = () => {}
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  const send = (pdu: Pdu): boolean => {
    const isOpen = socket.writable
    if (isOpen) socket.write(encoded(pdu))
    return isOpen
  }
  const respond = ({ id, sequence }: Pdu, answer: number, body: Buffer = Buffer.alloc(0)): boolean =>
    send({ id: responseTo(id), status: answer, sequence, body })

  const take = (pdu: Pdu): void => {
    if (isResponse(pdu.id)) waiting.get(pdu.sequence)?.(pdu)
    else if (pdu.id === command.deliver_sm) hearing(pdu)
    else if (pdu.id === command.enquire_link) respond(pdu, status.ok)
    else if (pdu.id === command.unbind) {
      respond(pdu, status.ok)
      socket.end()
    } else {
      send({ id: command.generic_nack, status: status.invalidCommand, sequence: pdu.sequence, body: Buffer.alloc(0) })
    }
  }
  const hearing = (pdu: Pdu): void => {
    let message: ShortMessage
    try {
      message = messageIn(pdu.body)
    } catch {
      respond(pdu, status.invalidLength)
      return
    }
    void hear(message).then((answer) => {
      if (respond(pdu, answer.status, empty_text)) answer.said?.()
    })
  }

  socket.on('error', () => {})
  socket.on('data', (chunk: Buffer) => {
    try {
      for (const pdu of read(chunk)) take(pdu)
    } catch (error) {
      if (!(error instanceof MalformedPdu)) throw error
      socket.destroy()
    }
  })
  void closed.then(() => {
    stopAlive()
    for (const tell of [...waiting.values()]) tell(undefined)
  })

  const request = (id: number, body: Buffer = Buffer.alloc(0), signal?: AbortSignal): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      sequence = sequence === sequence_max ? 1 : sequence + 1
      const mine = sequence
      const tell = (response: Pdu | undefined) => {
        cancel()
        signal?.removeEventListener('abort', giveUp)
        waiting.delete(mine)
        if (response?.status === status.ok && response.id === responseTo(id)) resolve(response.body)
        else reject(new NotTaken(response?.status))
      }
      const giveUp = () => tell(undefined)
      const cancel = clock.after(response_ms_max, giveUp)
      signal?.addEventListener('abort', giveUp, { once: true })
      waiting.set(mine, tell)
      if (!send({ id, status: status.ok, sequence: mine, body })) giveUp()
    })

  /** Asks now and then whether the centre is there, and hangs up when it is not. */
  const keepAlive = () => {
    stopAlive = clock.after(enquire_every_ms, () => {
      request(command.enquire_link).then(keepAlive, () => socket.destroy())
    })
  }
  return { request, keepAlive, closed, destroy: () => socket.destroy() }
}

/** deliver_sm_resp carries an unused message id. */
const empty_text = Buffer.from([0])

/** So many at once; the others wait in line. */
function slots(count: number): () => Promise<() => void> {
  const line: (() => void)[] = []
  let free = count
  const leave = () => {
    const next = line.shift()
    if (next) next()
    else free++
  }
  return async () => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => line.push(resolve))
    return leave
  }
}
