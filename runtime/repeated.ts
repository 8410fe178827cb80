/** Each item whose name an earlier one has, with that first one; items with an empty name are left out. Pure. */
export function repeated<Item>(items: Item[], nameOf: (item: Item) => string): { again: Item; first: Item }[] {
  const firsts = new Map<string, Item>()
  return items.flatMap((again) => {
    const name = nameOf(again)
    const first = firsts.get(name)
    if (name === '') return []
    if (first !== undefined) return [{ again, first }]
    firsts.set(name, again)
    return []
  })
}
