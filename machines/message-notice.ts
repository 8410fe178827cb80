/**
 * What a customer must be told about a message of theirs: card data was hidden, it could not be checked, files were
 * dropped (EM5, LC9, SM12). One notice a message, however much was wrong with it (A47). Pure.
 */
import type { Context, WaitingMessage } from './context.ts'
import type { Attachment } from './events.ts'

export interface MessageNotice {
  purpose: string
  text: string
}

/** Nothing is told to machines, which might answer (A39). */
export function needsNotice({ scan, attachments = [], mail }: WaitingMessage): boolean {
  return mail?.automatic !== true && (scan !== 'clean' || attachments.some(({ dropped }) => dropped !== undefined))
}

/** Several mails may wait, each with a notice of its own; of those that do not wait it is the one just heard. */
export const isNoticeDue = ({ mail }: Pick<Context, 'mail'>, { id, noticeDue }: WaitingMessage): boolean =>
  noticeDue === true || mail?.noticed?.id === id

/** Undefined when there is nothing to tell, or a mail was told about a moment ago (A39). */
export function noticeOf(context: Context, message: WaitingMessage): MessageNotice | undefined {
  if (!needsNotice(message)) return undefined
  if (message.mail && !isNoticeDue(context, message)) return undefined
  const { say } = context.turn
  const { scan, attachments = [] } = message
  const reasons = [...new Set(attachments.map(({ dropped }) => dropped).filter((reason) => reason !== undefined))]
  const texts = [
    ...(scan === 'masked' ? [say('sensitiveDataNotice')] : []),
    ...(scan === 'failed' ? [say('errorSendingMessage')] : []),
    ...reasons.map((reason) => say('attachmentDropped', { reason, ...namesOf(context, attachments, reason) })),
  ]
  const purpose = { masked: 'sensitive-data-notice', failed: 'error-sending', clean: 'attachment-dropped' }[scan]
  return { purpose, text: texts.join(' ') }
}

/** E108: names are for email only; `named` says whether there are any. */
function namesOf({ address }: Context, attachments: Attachment[], reason: Attachment['dropped']) {
  const named = address.channel === 'email' ? attachments.filter(({ dropped, name }) => dropped === reason && name) : []
  return { names: named.map(({ name }) => name).join(', '), named: named.length > 0 ? 'yes' : 'no' }
}
