/** Work on a list, many pieces beside each other, which makes broker and node write in batches. */
const at_once = 128

/** What came of each, in their order. Rejects with the first that does; others under way go on. */
export async function inLanes<One, Done>(list: readonly One[], work: (one: One) => Promise<Done>): Promise<Done[]> {
  const done: Done[] = []
  const waiting = list.entries()
  const lane = async () => {
    for (const [place, one] of waiting) done[place] = await work(one)
  }
  await Promise.all(Array.from({ length: at_once }, lane))
  return done
}
