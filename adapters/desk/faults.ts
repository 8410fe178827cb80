/**
 * Faults a tester asks for: how often a call goes wrong, and how. Owned per run, never journalled: a restarted desk is a
 * healthy one. Speaks to `calls.ts`, which does what the fault says.
 */
import { z } from 'zod'
import { type CallName, callNames } from './entries.ts'
import { normalised } from './floor.ts'

/**
 * `answer`: answers `status`, `body`, `headers` without doing the work. `lose`: does the work, then cuts the
 * connection. `hang`: neither works nor answers. `onlyFor` narrows it to one customer, in any spelling, or to any of
 * several.
 */
export const FaultRequest = z.strictObject({
  call: z.enum(callNames),
  times: z.number().int().positive().default(1),
  // biome-ignore lint/suspicious/noThenProperty: the word of the control contract; nobody awaits a fault
  then: z.enum(['answer', 'lose', 'hang']),
  status: z.number().int().min(100).max(599).default(503),
  body: z.unknown().default({ errorMessage: 'Service unavailable' }),
  headers: z.record(z.string(), z.string()).default({}),
  onlyFor: z.union([z.string().min(1), z.array(z.string().min(1))]).optional(),
})
export type Fault = z.infer<typeof FaultRequest>

export interface Faults {
  add(fault: Fault): void
  clear(): void
  /** The fault that strikes this call now, used up by one. Faults strike in the order they were asked for. */
  strike(call: CallName, customer: string): Fault | undefined
  list(): Fault[]
}

export function faultBook(): Faults {
  let faults: Fault[] = []
  return {
    add: (fault) => void faults.push({ ...fault }),
    clear: () => {
      faults = []
    },
    list: () => faults,
    strike(call, customer) {
      const hit = faults.find(
        ({ call: struck, onlyFor }) =>
          struck === call &&
          (onlyFor === undefined || [onlyFor].flat().some((one) => normalised(one) === normalised(customer))),
      )
      if (hit) hit.times -= 1
      faults = faults.filter((fault) => fault.times > 0)
      return hit
    },
  }
}
