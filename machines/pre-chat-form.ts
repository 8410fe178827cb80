/**
 * The pre-chat form (LC5): what it asks, and what an answer means. Pure.
 */
import type { Context, HeardBy } from './context.ts'
import type { FormQuestion } from './effects.ts'
import type { Asset } from './policy.ts'

/** The questions of an asset's form; the choices are the answers that have a script selector of their own. */
export function formQuestions({ form }: Asset): FormQuestion[] {
  return [
    { name: 'Name', label: 'Name', type: 'text', mandatory: true },
    { name: 'Email', label: 'Email', type: 'email', mandatory: true },
    { name: 'Phone', label: 'Phone (only if you may want a callback)', type: 'text', mandatory: false },
    {
      name: 'Query',
      label: 'How can we help?',
      type: 'dropdown',
      options: Object.keys(form.scriptSelectors),
      mandatory: true,
    },
  ]
}

/** LC6, E20: an answer without a script selector of its own gets the default one. */
export function rememberedForm(context: Context, { fields, thread }: HeardBy<'form.submitted'>): Partial<Context> {
  const answer = (name: string) =>
    fields.find((field) => field.name.toLowerCase() === name.toLowerCase())?.value.trim() ?? ''
  const { scriptSelectors, default: other } = context.turn.asset.form
  const query = Object.keys(scriptSelectors).find((choice) => choice.toLowerCase() === answer('Query').toLowerCase())
  return {
    customerName: answer('Name') || context.address.customer,
    customerEmail: answer('Email').toLowerCase(),
    phone: callable(answer('Phone')),
    scriptSelector: (query === undefined ? undefined : scriptSelectors[query]) ?? other,
    threadClosed: false,
    ...(thread ? { thread } : {}),
  }
}

/** A30: a number in E.164, however it was punctuated; empty for anything else, since nobody may guess a country. */
function callable(phone: string): string {
  const bare = phone.replace(/[\s().-]/g, '')
  return /^\+[1-9]\d{7,14}$/.test(bare) ? bare : ''
}
