/**
 * What a customer does, as the event that a door would make of it; ids and times are the driver's.
 */
import type { Context } from '../machines/context.ts'
import type { Address } from '../machines/events.ts'
import { offerReference } from '../machines/guards.ts'
import type { Step } from './step.ts'
import { usualMail } from './usual-mail.ts'

/** The window that a chat customer writes from, unless the step says otherwise. */
export const thread = 'T1'

type CustomerStep = Extract<Step, { says: string } | { form: object } | { press: string } | { closes: unknown }>

/** `events` is how many there were before, of which the id of a mail is made. */
export function customerEvent(step: CustomerStep, { channel }: Address, context: Context, events: number): object {
  const window = channel === 'live-chat' ? { thread } : {}
  if ('press' in step) {
    const reference = offerReference({ ...context, ...(step.taskId ? { taskId: step.taskId } : {}) })
    return { type: 'postback.received', reference, identifier: step.press, ...window }
  }
  if ('closes' in step) return { type: 'thread.closed', ...(step.closes ? { thread: step.closes } : {}) }
  if ('form' in step) {
    const { form, ...more } = step
    const fields = Object.entries(form).map(([name, value]) => ({ name, label: name, type: 'text', value }))
    return {
      type: 'form.submitted',
      title: '<preChatForm>',
      fields: fields.map((field) => ({ ...field, mandatory: field.name !== 'Phone' })),
      scan: 'clean',
      ...window,
      ...more,
    }
  }
  const { says: text, mail, ...more } = step
  const written = channel === 'email' ? { mail: { ...usualMail, messageId: `<m${events}@x>`, ...mail } } : {}
  return { type: 'message.received', text, scan: 'clean', ...window, ...written, ...more }
}
