/** How far deliveries have come without a gap, in whatever order they end. */
import { expect, test } from 'vitest'
import { endedUpTo } from '../runtime/ended-up-to.ts'

type Step = ['delivered' | 'ended', number] | ['restart']

test.each<[what: string, steps: Step[], reached: (number | undefined)[]]>([
  ['nothing is known before anything came', [['restart']], [undefined]],
  [
    'what came and is open holds it back, also when later ones end first',
    [
      ['delivered', 4],
      ['delivered', 9],
      ['delivered', 12],
      ['ended', 9],
      ['ended', 4],
      ['ended', 12],
    ],
    [3, 3, 3, 3, 11, 12],
  ],
  [
    'what comes once more changes nothing, whether it has ended or not',
    [
      ['delivered', 1],
      ['delivered', 2],
      ['ended', 1],
      ['delivered', 1],
      ['delivered', 2],
      ['ended', 2],
    ],
    [0, 0, 1, 1, 1, 2],
  ],
  [
    'what was reached stays until the first delivery after a restart tells anew',
    [['delivered', 5], ['ended', 5], ['delivered', 8], ['restart'], ['ended', 8], ['delivered', 8], ['ended', 8]],
    [4, 5, 7, 7, 7, 7, 8],
  ],
])('%s', (_, steps, reached) => {
  const ended = endedUpTo()
  const seen = steps.map(([act, sequence]) => {
    ended[act](sequence as number)
    return ended.sequence()
  })
  expect(seen).toEqual(reached)
})
