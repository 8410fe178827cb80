/** Somebody else's mail server, on a real socket: keeps what comes, and says no when it is told to. */
import { SMTPServer } from 'smtp-server'

export interface MailSink {
  url: string
  /** What came, with its envelope. */
  mails: { to: string[]; raw: string }[]
  /** Reply codes for the next mails. */
  refuse: number[]
  close(): Promise<void>
}

export async function mailSink(): Promise<MailSink> {
  const mails: MailSink['mails'] = []
  const refuse: number[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    async onData(stream, { envelope }, callback) {
      const chunks: Buffer[] = []
      for await (const chunk of stream) chunks.push(chunk)
      const code = refuse.shift()
      if (code) return callback(Object.assign(new Error('not now'), { responseCode: code }))
      mails.push({ to: envelope.rcptTo.map(({ address }) => address), raw: Buffer.concat(chunks).toString() })
      callback()
    },
  })
  server.on('error', () => {})
  const listening = server.listen(0, '127.0.0.1')
  await new Promise((resolve) => listening.once('listening', resolve))
  const { port } = listening.address() as { port: number }
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    refuse,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
