/** For a verb that leaves nothing behind when its process exits: Ctrl-C and its like are such an exit, not a sudden end. */
import { constants } from 'node:os'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** From now on, until what it returns is called. The exit code is the usual one of a process that a signal ended, 128 and its number. */
export function exitWhenTold(): () => void {
  const exit = (signal: (typeof signals)[number]) => process.exit(128 + constants.signals[signal])
  for (const signal of signals) process.once(signal, exit)
  return () => {
    for (const signal of signals) process.off(signal, exit)
  }
}
