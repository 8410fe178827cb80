/**
 * What one check found: `wrong` keeps Parley from starting or working, `warn` may be meant, `ok` is as it should be.
 * Never holds a secret or a credential of an address.
 */
export interface Finding {
  /** What was looked at, in a word or two. */
  check: string
  ok: 'ok' | 'warn' | 'wrong'
  found: string
  /** What to do about it. */
  mend?: string
}

export const ok = (check: string, found: string): Finding => ({ check, ok: 'ok', found })
export const warn = (check: string, found: string, mend: string): Finding => ({ check, ok: 'warn', found, mend })
export const wrong = (check: string, found: string, mend: string): Finding => ({ check, ok: 'wrong', found, mend })
