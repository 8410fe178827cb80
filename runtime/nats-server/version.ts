/**
 * What a nats-server's version says. Pure: reads text, compares, and holds the floor.
 */

/** The first release with consumer reset, on which ordered take-over of a partition rests. */
export const version_floor = '2.14.0'

/** The release that is fetched where the way lets one choose. */
export const version_fetched = '2.15.1'

/** The version in what `nats-server --version` prints (`nats-server: v2.15.1`), without the `v`; undefined for any other text. */
export function parseVersion(printed: string): string | undefined {
  return /^nats-server: v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)(?:\+\S+)?\s*$/m.exec(printed)?.[1]
}

/** Whether `version` is `floor` or newer. A pre-release (`2.14.0-RC.1`) is older than its release, as in semver item 11. */
export function isAtLeast(version: string, floor: string = version_floor): boolean {
  const [found, wanted] = [numbersOf(version), numbersOf(floor)]
  const place = wanted.findIndex((number, index) => found[index] !== number)
  if (place >= 0) return (found[place] ?? 0) > (wanted[place] ?? 0)
  return !version.includes('-') || floor.includes('-')
}

function numbersOf(version: string): number[] {
  return version.replace(/-.*$/, '').split('.').map(Number)
}
