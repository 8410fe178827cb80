/**
 * What people wrote in an event, masked (T7): texts, form answers, file names, free variables, and the codes with which
 * agents end their work (E111). Ids, addresses and what the routing service says of itself are no free text and stay as
 * they are. Pure.
 */
import type { ConversationEvent, FormField, Mail, TaskEvent } from '../machines/events.ts'
import { maskDeep, maskText } from '../machines/sensitive-data.ts'

export function maskedEvent(event: ConversationEvent): ConversationEvent {
  switch (event.type) {
    case 'message.received': {
      const { text, found } = maskText(event.text)
      const attachments = event.attachments?.map((file) => ({ ...file, name: maskText(file.name).text }))
      const mail = event.mail && maskedMail(event.mail)
      return {
        ...event,
        text,
        scan: found || mail?.found ? 'masked' : event.scan,
        ...(attachments ? { attachments } : {}),
        ...(mail ? { mail: mail.mail } : {}),
      }
    }
    case 'form.submitted': {
      const fields = event.fields.map((field) => ({ ...field, value: maskedAnswer(field) }))
      const found = fields.some(({ value }, index) => value !== event.fields[index]?.value)
      return { ...event, title: maskText(event.title).text, fields, scan: found ? 'masked' : event.scan }
    }
    default:
      return 'variables' in event ? maskedTaskEvent(event) : event
  }
}

/** Subject and HTML like the text (E106), and the name, which is free text too; ids and addresses identify. */
function maskedMail(mail: Mail): { mail: Mail; found: boolean } {
  const subject = maskText(mail.subject)
  const html = maskText(mail.html)
  const fromName = maskText(mail.fromName)
  const found = subject.found || html.found || fromName.found
  return { mail: { ...mail, subject: subject.text, html: html.text, fromName: fromName.text }, found }
}

/** The label speaks for its value: a short number under "CVV" is a code (PC5). */
function maskedAnswer({ name, label, value }: FormField): string {
  return String(Object.values(maskDeep({ [label || name]: value }) as object)[0] ?? '')
}

/** Agents pick a code from a list; where a desk lets them write one, it is their words. */
function maskedTaskEvent(event: TaskEvent): TaskEvent {
  const masked = { ...event, variables: maskedVariables(event.variables) }
  if (masked.type === 'task.transferred') return { ...masked, cause: maskText(masked.cause).text }
  return masked.type === 'task.closed' ? { ...masked, disposition: maskText(masked.disposition).text } : masked
}

const identifying = /^(user_DR_MediaResourceID|user_DR_Primary|user_DR_Backup|ParleyActor|.*ThreadID|LiveChat.*ID)$/i

function maskedVariables(variables: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([key, value]) => [key, identifying.test(key) ? value : maskText(value).text]),
  )
}
