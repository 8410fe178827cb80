/**
 * A message centre from Debian's archive: Net::SMPP, in Perl, with Perl's own table of the GSM alphabet. What it hears and says
 * is in `net-smpp-centre.pl`.
 */
import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { unpacked } from './debian-packages.ts'
import type { MessageCentre, Submission } from './smpp-telephone.ts'

export interface NetSmppCentre extends MessageCentre {
  url: string
  /** Resolves when somebody has bound, also before the question. */
  bound: Promise<void>
  close(): Promise<void>
}

/** One line of its standard output. */
interface Said {
  port?: number
  bound?: string
  submitted?: Submission
  answered?: string
  status?: number
}

export async function netSmppCentre(): Promise<NetSmppCentre> {
  const root = await unpacked('net-smpp', ['libnet-smpp-perl'])
  const program = join(import.meta.dirname, 'net-smpp-centre.pl')
  const child = spawn('perl', ['-I', join(root, 'usr/share/perl5'), program], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  const said = new EventEmitter()
  const submitted: Submission[] = []
  createInterface(child.stdout).on('line', (line) => {
    const { port, bound, submitted: one, answered, status } = JSON.parse(line) as Said
    if (one) submitted.push(one)
    if (port) said.emit('port', port)
    if (bound) said.emit('bound')
    if (answered) said.emit(answered, status)
  })
  const bound = once(said, 'bound').then(() => {})
  const gone = ended.then(() => Promise.reject(new Error('the message centre of Net::SMPP ended')))
  gone.catch(() => {}) // as it does when it is closed
  const [port] = await Promise.race([once(said, 'port'), gone])
  let deliveries = 0
  return {
    url: `smpp://parley:secret@127.0.0.1:${port}`,
    bound,
    submitted,
    async deliver(text) {
      const delivery = `delivery ${++deliveries}`
      child.stdin.write(`${JSON.stringify({ delivery, ...text })}\n`)
      const [status] = await once(said, delivery)
      return status
    },
    async close() {
      child.stdin.end()
      await ended
    },
  }
}
