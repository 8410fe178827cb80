/**
 * A customer's mail as a mail program sends it: real MIME over real SMTP, to the runtime's listener.
 */
import type { FastifyReply } from 'fastify'
import nodemailer from 'nodemailer'
import type { SentMail } from './mail-bodies.ts'
import { Refused } from './refused.ts'

/** Answers `reply` with {reply: the server's words}; 503 where it asks for the mail again, 422 where it refuses it. */
export async function sendBySmtp(url: string, mail: SentMail, reply: FastifyReply): Promise<FastifyReply> {
  const { from, fromName, to, cc, bcc, subject, text, html, quoted, messageId, inReplyTo, headers } = mail
  const transport = nodemailer.createTransport({ url, tls: { rejectUnauthorized: false } })
  try {
    const { response } = await transport.sendMail({
      from: { name: fromName, address: from },
      to,
      cc,
      bcc,
      // Only the mailbox is behind this server.
      envelope: { from, to },
      subject,
      text: quoted === '' ? text : `${text}\n\nThey wrote:\n${quoted.replace(/^/gm, '> ')}`,
      ...(html === '' ? {} : { html }),
      messageId,
      ...(inReplyTo === '' ? {} : { inReplyTo }),
      headers,
      attachments: mail.attachments.map(({ name, contentType, content }) => {
        return { filename: name, contentType, content, encoding: 'base64' }
      }),
    })
    return reply.send({ reply: response })
  } catch (error) {
    const { responseCode, message } = error as { responseCode?: number; message: string }
    throw new Refused(responseCode !== undefined && responseCode >= 500 ? 422 : 503, message)
  }
}
