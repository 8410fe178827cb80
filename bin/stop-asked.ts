/** For a verb that has to take something down before it ends: Ctrl-C and SIGTERM as a promise that rejects. */
import { VerbError } from './cli.ts'

export interface StopAsked {
  /** Rejects with a `VerbError` on Ctrl-C or SIGTERM; never resolves. */
  asked: Promise<never>
  /** The process ends by these signals alone again. */
  forget(): void
}

/** From now on, until `forget`. */
export function stopAsked(): StopAsked {
  let ask = () => {}
  const asked = new Promise<never>((_, reject) => {
    ask = () => reject(new VerbError('stopped before the end; the stack is taken down'))
  })
  asked.catch(() => {})
  process.once('SIGINT', ask)
  process.once('SIGTERM', ask)
  return {
    asked,
    forget() {
      process.off('SIGINT', ask)
      process.off('SIGTERM', ask)
    },
  }
}
