/** Where a node takes mail by SMTP, and what it says when it cannot. */
import { appOfMailbox } from '../../adapters/desk/desk-of-node.ts'
import { openMailListener } from '../../adapters/smtp/mail-listener.ts'
import type { Config } from '../config.ts'
import { StartError } from '../errors.ts'
import type { Running } from '../running.ts'
import type { AcceptAnswer } from '../stages/accept.ts'

/** Undefined when no port is configured and none is asked for. */
export async function mailListener(
  { smtpPort = 0, smtpTls, ...config }: Config,
  anyPort: boolean,
  deliver: (raw: Uint8Array) => Promise<AcceptAnswer>,
): Promise<Running['mail']> {
  if (smtpPort === 0 && !anyPort) return undefined
  const asked = { host: config.bind.host, port: smtpPort, anyPort, tls: smtpTls, appOfMailbox: appOfMailbox(config) }
  return openMailListener({
    ...asked,
    deliver: async (raw) => {
      const { status, body } = await deliver(raw)
      return { status, said: 'eventId' in body ? body.eventId : body.detail }
    },
  }).catch((cause) => {
    const { code = 'no code' } = cause as { code?: string }
    const todo = `mail cannot be taken at port ${smtpPort} (${code}); correct PARLEY_SMTP_PORT or the certificate`
    throw new StartError('E_SMTP', todo, cause)
  })
}
