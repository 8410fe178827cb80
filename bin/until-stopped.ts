/**
 * Waits for Ctrl-C or SIGTERM, then ends in order; a second signal ends at once. The process ends with it: a wait that is
 * still open, such as the pause before a retry, must not keep it.
 */
export async function untilStopped(stop: () => Promise<void>): Promise<void> {
  await new Promise<void>((resolve) => {
    const ask = () => {
      process.once('SIGINT', () => process.exit(130))
      process.once('SIGTERM', () => process.exit(143))
      resolve()
    }
    process.once('SIGINT', ask)
    process.once('SIGTERM', ask)
  })
  await stop()
  process.exit()
}
