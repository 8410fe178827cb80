/** One SMTP conversation, line by line, as a mail server would hold it: no library in between. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export interface SmtpLine {
  /** What the server says next, its last line of several. */
  reply(): Promise<string>
  /** Sends a line, and gives the reply. */
  say(line: string): Promise<string>
  /** Sends as it is. */
  raw(bytes: string | Buffer): void
  close(): void
}

export async function smtpLine(url: string): Promise<SmtpLine> {
  const { hostname, port } = new URL(url)
  const socket: Socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  const lines: string[] = []
  const waiting: ((line: string) => void)[] = []
  let rest = ''
  const hear = (line: string) => {
    const next = waiting.shift()
    if (next) next(line)
    else lines.push(line)
  }
  socket.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\r\n')
    rest = parts.pop() ?? ''
    for (const line of parts) if (!/^\d{3}-/.test(line)) hear(line)
  })
  socket.on('error', () => {})
  socket.on('close', () => hear('closed'))
  const self: SmtpLine = {
    reply: () => {
      const line = lines.shift()
      return line === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(line)
    },
    async say(line) {
      socket.write(`${line}\r\n`)
      return self.reply()
    },
    raw: (bytes) => void socket.write(bytes),
    close: () => socket.destroy(),
  }
  await self.reply()
  return self
}

/** A whole mail; gives the reply to its end, or the first that refuses. */
export async function sendMail(url: string, from: string, to: string[], lines: string[]): Promise<string> {
  const line = await smtpLine(url)
  try {
    await line.say('EHLO mail.example.test')
    const opening = [`MAIL FROM:<${from}>`, ...to.map((one) => `RCPT TO:<${one}>`), 'DATA']
    for (const word of opening) {
      const reply = await line.say(word)
      if (/^[45]/.test(reply)) return reply
    }
    return await line.say([...lines, '.'].join('\r\n'))
  } finally {
    line.close()
  }
}
