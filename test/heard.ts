/**
 * Puts bodies through a door, and checks what comes out against the contract of doors (adapter.ts).
 */
import { expect } from 'vitest'
import { type Door, type Heard, MalformedBody } from '../adapters/adapter.ts'
import { ConversationEvent } from '../machines/events.ts'

export const receivedAt = '2026-03-02T14:30:00.000Z'
export type Body = Record<string, unknown>

/** What a door heard; when it is an event, one that the machines' schema takes as it is. */
export function heard(door: Door, body: unknown): Heard {
  const result = door.parse(body, receivedAt)
  if ('event' in result) expect(ConversationEvent.parse(result.event)).toEqual(result.event)
  return result
}
/** The event or, for what is set aside, its id. */
export const eventOf = (door: Door, body: unknown) => {
  const result = heard(door, body)
  return 'event' in result ? result.event : { id: result.eventId }
}
export function errorsOf(door: Door, body: unknown): MalformedBody['errors'] {
  try {
    door.parse(body, receivedAt)
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedBody)
    expect((error as MalformedBody).message).not.toContain('4111')
    return (error as MalformedBody).errors
  }
  throw new Error('expected the door to refuse the body, found that it did not')
}
export const malformed = (path: string, found: string, expected = 'a string') => [{ path, expected, found }]
