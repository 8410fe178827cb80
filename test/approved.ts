/**
 * Compares text with its approved copy in the repository. `UPDATE_EXPECT=1` writes the copy instead: then the change is a
 * diff that somebody reads.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'vitest'

export const isUpdating = process.env.UPDATE_EXPECT === '1'

/** `about` says in the failure what the copy is of. */
export function expectApproved(path: string, text: string, about: string): void {
  if (isUpdating) writeFileSync(path, text)
  expect(text, `${about} changed; UPDATE_EXPECT=1 rewrites the approved copy, read its diff`).toBe(approved(path))
}

/** The approved copy, or nothing when there is none yet. */
export function approved(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
