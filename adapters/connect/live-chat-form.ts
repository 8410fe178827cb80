/**
 * A form's answer as the chat window sends it: a template among the attachments, JSON inside a string (LC5, flows.md 4.2).
 */
import type { EventOf, FormField } from '../../machines/events.ts'
import { type Fields, nestedList, nestedObject, scalarText, textOr } from '../loose-body.ts'

export type FormAnswer = Pick<EventOf<'form.submitted'>, 'title' | 'fields'>

/**
 * Title and fields, in the order of the form; extra keys are ignored, and an answer without fields has none. Undefined
 * when the nested JSON cannot be read.
 */
export function formAnswerOf(attachments: unknown): FormAnswer | undefined {
  const entries = nestedList(attachments)?.map(nestedObject)
  if (!entries) return undefined
  const form = entries.find(({ payload }) => payload !== undefined) ?? {}
  const payload = nestedList(form.payload)
  if (!payload) return undefined
  const { title, fields } = nestedObject(payload[0])
  const filledIn = nestedList(fields)?.map(nestedObject)
  return filledIn && { title: textOr(title, ''), fields: filledIn.flatMap(fieldOf) }
}

/** A field is known by its name, or else by its label; one with neither could not be told from another. */
function fieldOf(field: Fields): FormField[] {
  const label = textOr(field.label, '')
  const name = textOr(field.name, label)
  if (name === '') return []
  const mandatory = scalarText(field.mandatory)?.toLowerCase() === 'true'
  return [{ name, label, type: textOr(field.type, ''), value: textOf(field.value), mandatory }]
}

/** A choice of several comes as a list. */
function textOf(raw: unknown): string {
  if (Array.isArray(raw)) return raw.map((one) => scalarText(one) ?? '').join(', ')
  return scalarText(raw) ?? ''
}
