/**
 * How a stream that is there differs from what it should be, and what may be done about it: changed in place, or only by
 * a person. Pure: compares, and says it in words.
 */
import type { StreamConfig } from '@nats-io/jetstream'

export interface Difference {
  setting: string
  expected: unknown
  found: unknown
  /** Whether the server can change it without losing what is stored. */
  isSafe: boolean
}

type Settings = Partial<StreamConfig> & { name: string }

/** What a stream is made of. To change it would take the stream away, or events past their conversation. */
const made_of = ['retention', 'storage', 'subjects', 'subject_transform', 'sources', 'metadata']
/** With one of these the stream would forget what nobody has said it may. */
const forgetful = ['max_age', 'max_bytes', 'max_msgs'] as const

/**
 * Only what is asked for is compared: the server fills in the rest. More copies than asked for are no difference, since
 * they hurt nobody; nor is a bound under which the server refuses what is new, since whoever is refused comes again.
 */
export function differences(wanted: Settings, found: Partial<StreamConfig>): Difference[] {
  const asked = Object.entries({ retention: 'limits', ...wanted }).map(([setting, expected]) => ({ setting, expected }))
  const unasked = forgetful
    .filter((setting) => !(setting in wanted))
    .filter((setting) => (found[setting] ?? 0) > 0 && (setting === 'max_age' || found.discard !== 'new'))
    .map((setting) => ({ setting, expected: setting === 'max_age' ? 0 : -1 }))
  return [...asked, ...unasked]
    .map(({ setting, expected }) => {
      const isSafe = !made_of.includes(setting)
      return { setting, expected, found: (found as Record<string, unknown>)[setting], isSafe }
    })
    .filter((one) => !agrees(one.expected, one.found) && !hasMoreCopies(one))
}

/** `retention: expected "workqueue", found "limits"; …` */
export function inWords(all: Difference[]): string {
  return all
    .map(
      ({ setting, expected, found }) =>
        `${setting}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`,
    )
    .join('; ')
}

const hasMoreCopies = ({ setting, expected, found }: Omit<Difference, 'isSafe'>): boolean =>
  setting === 'num_replicas' && Number(found) > Number(expected)

/** The server fills in what was left out: only what was asked for is compared. */
export function agrees(wanted: unknown, found: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return wanted === found
  return Object.entries(wanted).every(([key, value]) =>
    agrees(value, (found as Record<string, unknown> | undefined)?.[key]),
  )
}
