/** The shortest way from one list of lines to another, with a few lines around each change. Pure. */
const around = 2

/** Lines marked `-`, `+` or ` `; `…` where equal lines are left out. Both lists should stay in the hundreds. */
export function lineDiff(before: readonly string[], after: readonly string[]): string[] {
  const common = commonLengths(before, after)
  const all: string[] = []
  let [i, j] = [0, 0]
  while (i < before.length || j < after.length) {
    if (i < before.length && before[i] === after[j]) {
      all.push(` ${before[i++]}`)
      j++
    } else if (j >= after.length || (i < before.length && common[i + 1]![j]! >= common[i]![j + 1]!)) {
      all.push(`-${before[i++]}`)
    } else all.push(`+${after[j++]}`)
  }
  return onlyAround(all)
}

/** `lengths[i][j]`: how many lines the rests from i and from j have in common, in order. */
function commonLengths(before: readonly string[], after: readonly string[]): number[][] {
  const lengths = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0))
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      lengths[i]![j] =
        before[i] === after[j] ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!)
    }
  }
  return lengths
}

function onlyAround(lines: readonly string[]): string[] {
  const isNear = (index: number) => lines.slice(Math.max(0, index - around), index + around + 1).some(isChange)
  const kept: string[] = []
  lines.forEach((line, index) => {
    if (isNear(index)) kept.push(line)
    else if (kept.at(-1) !== '…') kept.push('…')
  })
  return kept
}

const isChange = (line: string): boolean => line.startsWith('-') || line.startsWith('+')
