/**
 * Somebody else's message centre: the server of the npm package `smpp`, which shares no line with our own SMPP, on a
 * real socket. Takes what is submitted, sends what a test wants delivered, and says no when it is told to.
 */
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'

// biome-ignore lint/suspicious/noExplicitAny: the package has no types
type Any = any
const peer: Any = createRequire(import.meta.url)('smpp')

export interface Submitted {
  from: string
  to: string
  text: string
  /** Where it is a part: reference, total, index. */
  part: number[] | undefined
  dataCoding: number
  registeredDelivery: number
  messageId: string
}

export interface Centre {
  url: string
  submitted: Submitted[]
  /** Modes and system ids of those who have bound, one a bind. */
  bound: string[]
  /** Command statuses for the next submit_sm; `silent` answers nothing. */
  refuse: (number | 'silent')[]
  /** How many submit_sm wait for their answers at most, since `hold` began. */
  hold(): () => number
  /** Sends to the newest session; resolves to the command status of the answer. */
  deliver(fields: object): Promise<number>
  bind(): Promise<void>
  /** Cuts every connection, as a fallen centre would. */
  cut(): void
  close(): Promise<void>
}

export async function centre(password = 's3cret'): Promise<Centre> {
  const sessions: Any[] = []
  const submitted: Submitted[] = []
  const bound: string[] = []
  const refuse: Centre['refuse'] = []
  let waiters: (() => void)[] = []
  let held: (() => void)[] | undefined
  const server = peer.createServer((session: Any) => {
    session.on('error', () => {})
    const bind = (pdu: Any) => {
      if (pdu.password !== password) {
        session.send(pdu.response({ command_status: peer.ESME_RINVPASWD }))
        return session.close()
      }
      session.send(pdu.response({ system_id: 'centre' }))
      sessions.push(session)
      bound.push(`${pdu.command} ${pdu.system_id} ${pdu.interface_version.toString(16)}`)
      for (const tell of waiters.splice(0)) tell()
    }
    for (const command of ['bind_transceiver', 'bind_receiver', 'bind_transmitter']) session.on(command, bind)
    session.on('enquire_link', (pdu: Any) => session.send(pdu.response()))
    session.on('unbind', (pdu: Any) => session.send(pdu.response(), () => session.close()))
    session.on('submit_sm', (pdu: Any) => {
      const refused = refuse.shift()
      if (refused === 'silent') return
      if (refused !== undefined) return session.send(pdu.response({ command_status: refused }))
      const { udh, message } = pdu.short_message
      const messageId = `id-${submitted.length + 1}`
      submitted.push({
        from: pdu.source_addr,
        to: pdu.destination_addr,
        text: message,
        part: udh?.[0] && [...udh[0].subarray(2)],
        dataCoding: pdu.data_coding,
        registeredDelivery: pdu.registered_delivery,
        messageId,
      })
      const answer = () => session.send(pdu.response({ message_id: messageId }))
      if (held) held.push(answer)
      else answer()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `smpp://parley:${password}@127.0.0.1:${port}`,
    submitted,
    bound,
    refuse,
    hold() {
      const answers: (() => void)[] = []
      held = answers
      return () => {
        held = undefined
        for (const answer of answers) answer()
        return answers.length
      }
    },
    deliver: (fields) =>
      new Promise((resolve) => sessions.at(-1).deliver_sm(fields, (answer: Any) => resolve(answer.command_status))),
    bind: () =>
      new Promise<void>((resolve) => {
        waiters = [...waiters, resolve]
      }),
    cut: () => {
      for (const session of sessions.splice(0)) session.destroy()
    },
    close: () =>
      new Promise<void>((resolve) => {
        for (const session of sessions.splice(0)) session.destroy()
        server.close(() => resolve())
      }),
  }
}
