/**
 * Named places at which a test may kill the process, stop it in its tracks, or hold single turns while all others go on; one
 * at every stage boundary. Inert unless PARLEY_CRASH_AT (killed) or PARLEY_FREEZE_AT (stopped until somebody continues it)
 * names one as `<point>`, or `<point>:<n>` for the n-th time it is passed; or PARLEY_HOLD_AT turns as
 * `<point>:<actor>.<turn>`, at transmit with `.<index>` of the effect, between commas: so many can be killed by one stroke.
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

const holds = new Set(process.env.PARLEY_HOLD_AT?.split(','))

/**
 * SIGKILL runs no handler, as a power cut would not; SIGSTOP lets time pass outside, as a paused machine does. Where a turn
 * is given and awaited it may be held: then it never goes on, and standard error says so.
 */
export function crashPoint(
  point: CrashPoint,
  turn?: { actor: string; turn: number },
  index?: number,
): Promise<never> | undefined {
  for (const moment of moments) {
    if (moment.point === point && --moment.left === 0) process.kill(process.pid, moment.signal)
  }
  return turn && holds.size > 0 ? heldAt(`${point}:${turn.actor}.${turn.turn}`, index) : undefined
}

function heldAt(turn: string, index: number | undefined): Promise<never> | undefined {
  const name = index === undefined ? turn : `${turn}.${index}`
  if (!holds.has(name)) return undefined
  process.stderr.write(`held at ${name}\n`)
  return new Promise(() => {})
}

function momentOf(named: string | undefined, signal: NodeJS.Signals): Moment | undefined {
  const [point, times] = (named ?? '').split(':')
  return point ? { point, left: Number(times ?? 1), signal } : undefined
}
