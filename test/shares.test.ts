/** Who should own what: even, the same everywhere, and little moves when a node comes or goes. */
import { describe, expect, test } from 'vitest'
import { sharesOf } from '../runtime/shares.ts'

const nodesUpTo = (count: number) => Array.from({ length: count }, (_, index) => `node-${index}`)
const counts = (owners: string[], nodes: string[]) => nodes.map((one) => owners.filter((owner) => owner === one).length)
const moved = (before: string[], after: string[]) => before.filter((owner, index) => owner !== after[index]).length

describe('Shares', () => {
  const cases = [1, 2, 3, 5, 8, 40].flatMap((nodes) => [1, 4, 32, 100].map((partitions) => ({ nodes, partitions })))
  test.each(cases)('of $partitions partitions among $nodes nodes differ by one at most', ({ nodes, partitions }) => {
    const names = nodesUpTo(nodes)
    const owners = sharesOf(names, partitions)
    expect(owners.filter((owner) => names.includes(owner))).toHaveLength(partitions)
    const held = counts(owners, names)
    expect(Math.max(...held) - Math.min(...held)).toBeLessThanOrEqual(1)
  })

  test('do not depend on the order in which nodes were heard', () => {
    const names = nodesUpTo(5)
    expect(sharesOf(names.toReversed(), 32)).toEqual(sharesOf(names, 32))
  })

  test('are of nobody when nobody is there', () => {
    expect(sharesOf([], 4)).toEqual([])
  })

  test('move little when a node comes or goes: two and a half times what has to, at most', () => {
    for (const count of [2, 3, 4, 8]) {
      const names = nodesUpTo(count)
      const with_all = sharesOf(names, 32)
      for (const gone of names) {
        const without = sharesOf(
          names.filter((one) => one !== gone),
          32,
        )
        expect(moved(with_all, without)).toBeLessThanOrEqual(2.5 * Math.ceil(32 / count))
      }
    }
  })
})
