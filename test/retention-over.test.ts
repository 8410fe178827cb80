/** Which conversations may be deleted: those whose retention is over, and none that ended in the middle. Pure. */
import { describe, expect, test } from 'vitest'
import type { TurnRecord } from '../runtime/record.ts'
import { isRetentionOver } from '../runtime/retention.ts'

describe('T9: a timer archives a conversation', () => {
  const archivedFrom = (before: string) =>
    ({ before, state: 'closed.archived', cause: { type: 'parley.timer.due' } }) as TurnRecord
  test.each([
    ['closed.resting', true],
    ['closed.searchFailed', true],
    ['noConversation.searching', false],
    ['closed.archived', false],
  ])('from %s: that its retention is over, and it may be deleted, is %s', (before, isOver) => {
    expect(isRetentionOver(archivedFrom(before))).toBe(isOver)
  })
})
