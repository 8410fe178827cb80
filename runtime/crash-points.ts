/**
 * Named places at which a test may kill the process, one at every stage boundary (README, "What a kill does").
 * Inert unless PARLEY_CRASH_AT names one as `<point>` or `<point>:<n>` for the n-th time it is passed.
 */
export const crashPoints = [
  'accept.before-store',
  'accept.after-store',
  'activate.loaded',
  'decide.decided',
  'persist.committed',
  'settle.timers-armed',
  'settle.acked',
  'transmit.before-perform',
  'transmit.after-perform',
  'transmit.answered',
  'transmit.before-ack',
] as const
export type CrashPoint = (typeof crashPoints)[number]

const [wanted, times] = (process.env.PARLEY_CRASH_AT ?? '').split(':')
let left = Number(times ?? 1)

/** Does not return when the moment has come: SIGKILL runs no handler, as a power cut would not. */
export function crashPoint(point: CrashPoint): void {
  if (wanted !== point || --left > 0) return
  process.kill(process.pid, 'SIGKILL')
}
