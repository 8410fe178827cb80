/**
 * Named places at which a test may kill the process or stop it in its tracks, one at every stage boundary.
 * Inert unless PARLEY_CRASH_AT (killed) or PARLEY_FREEZE_AT (stopped until somebody continues it) names one as `<point>`,
 * or `<point>:<n>` for the n-th time it is passed.
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

interface Moment {
  point: string
  left: number
  signal: NodeJS.Signals
}

const moments: Moment[] = [
  momentOf(process.env.PARLEY_CRASH_AT, 'SIGKILL'),
  momentOf(process.env.PARLEY_FREEZE_AT, 'SIGSTOP'),
].filter((moment) => moment !== undefined)

/** SIGKILL runs no handler, as a power cut would not; SIGSTOP lets time pass outside, as a paused machine does. */
export function crashPoint(point: CrashPoint): void {
  for (const moment of moments) {
    if (moment.point === point && --moment.left === 0) process.kill(process.pid, moment.signal)
  }
}

function momentOf(named: string | undefined, signal: NodeJS.Signals): Moment | undefined {
  const [point, times] = (named ?? '').split(':')
  return point ? { point, left: Number(times ?? 1), signal } : undefined
}
