/**
 * The known name that a mistyped one most likely meant. Pure; speaks to whoever refuses an unknown name.
 */

/** The nearest of `known`, or undefined when none is within `edits_max` edits (a third of the name if not given). */
export function nearestName(
  wrong: string,
  known: readonly string[],
  edits_max = Math.max(2, Math.floor(wrong.length / 3)),
): string | undefined {
  const ranked = known
    .map((name) => ({ name, edits: editsBetween(wrong.toLowerCase(), name.toLowerCase()) }))
    .filter(({ edits, name }) => edits <= edits_max && edits < name.length)
    .sort((a, b) => a.edits - b.edits)
  return ranked[0]?.name
}

/** Characters to insert, delete, replace, or swap with their neighbour (optimal string alignment). */
function editsBetween(from: string, to: string): number {
  let before: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const replaced = last[column - 1]! + (from[row - 1] === to[column - 1] ? 0 : 1)
      const swapped =
        row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
          ? before[column - 2]! + 1
          : Number.POSITIVE_INFINITY
      current.push(Math.min(last[column]! + 1, current[column - 1]! + 1, replaced, swapped))
    }
    before = last
    last = current
  }
  return last[to.length]!
}
