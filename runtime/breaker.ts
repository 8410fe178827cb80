/**
 * One breaker a destination: after enough failures in a row nothing is sent for a while, then one attempt tries the
 * ground. A closed breaker costs nothing. Being told to slow down (429) is not a failure of the far side.
 */
import type { Clock } from '../adapters/clock.ts'

export const breaker_failures_max = 10
export const breaker_open_ms = 2_000
export const breaker_open_ms_max = 30_000

export interface Breaker {
  /** Resolves when an attempt may go out, or soon after `signal` aborts. */
  pass(signal?: AbortSignal): Promise<void>
  succeeded(): void
  failed(): void
  isOpen(): boolean
}

type State =
  | { kind: 'closed'; failures: number }
  | { kind: 'open'; until_ms: number; opened: number }
  | { kind: 'trying'; opened: number; over: Promise<void>; end: () => void }

export function breaker(clock: Clock): Breaker {
  let state: State = { kind: 'closed', failures: 0 }

  const open = (opened: number) => {
    const wait_ms = Math.min(breaker_open_ms_max, breaker_open_ms * 2 ** (opened - 1))
    state = { kind: 'open', until_ms: clock.now() + wait_ms, opened }
  }

  return {
    async pass(signal) {
      for (;;) {
        if (state.kind === 'closed' || signal?.aborted) return
        if (state.kind === 'trying') {
          await state.over
          continue
        }
        const left_ms = state.until_ms - clock.now()
        // More than it is ever open for: the clock was set back meanwhile.
        if (left_ms > 0 && left_ms <= breaker_open_ms_max) {
          await clock.sleep(left_ms, signal)
          continue
        }
        let end = () => {}
        const over = new Promise<void>((resolve) => {
          end = resolve
        })
        state = { kind: 'trying', opened: state.opened, over, end }
        return
      }
    },
    succeeded() {
      const was = state
      state = { kind: 'closed', failures: 0 }
      if (was.kind === 'trying') was.end()
    },
    failed() {
      const was = state
      if (was.kind === 'trying') {
        open(was.opened + 1)
        was.end()
      } else if (was.kind === 'closed') {
        if (was.failures + 1 >= breaker_failures_max) open(1)
        else state = { kind: 'closed', failures: was.failures + 1 }
      }
    },
    isOpen: () => state.kind !== 'closed',
  }
}
