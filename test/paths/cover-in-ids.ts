/**
 * Paths for some criteria are others than those for all of them: their ids say so, behind the machine, as
 * `sms/transitions+stateEvent/waits/3`. So a path is found again by its id and seed alone.
 */
import { type Cover, criteria } from './goals.ts'

export const isWhole = (cover: Cover): boolean => cover.length === criteria.length

/** What stands behind the machine in the ids of its paths; nothing where they are for all criteria. */
export const markOf = (cover: Cover): string => (isWhole(cover) ? '' : `${cover.join('+')}/`)

/** What the suite is for that a path is of, by the path's id. */
export function coverBy(id: string): Cover {
  const named = id.split('/')[1]?.split('+') ?? []
  const cover = criteria.filter((criterion) => named.includes(criterion))
  return cover.length === 0 ? criteria : cover
}
