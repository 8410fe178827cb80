/** For a verb that leaves nothing behind when its process exits: Ctrl-C and its like are such an exit, not a sudden end. */
import { constants } from 'node:os'

/** From now on. The exit code is the usual one of a process that a signal ended, 128 and its number. */
export function exitWhenTold(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => process.exit(128 + constants.signals[signal]))
}
