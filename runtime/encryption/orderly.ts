/**
 * What comes one after the other is opened and handed on in that order, though opening one may have to wait for its key.
 * What need not wait is handed on at once, in the same call.
 */
export interface Orderly<Item> {
  take(item: Item): void
  /** Lets go of what is waiting: it comes again, or nobody wants it any more. */
  letGo(): void
}

/** `open` must not reject; what it never resolves holds up all that comes behind it. */
export function orderly<Item, Opened>(
  open: (item: Item) => Opened | Promise<Opened>,
  hand: (opened: Opened, item: Item) => void,
): Orderly<Item> {
  let last: Promise<void> | undefined
  let times = 0
  return {
    take(item) {
      const opened = open(item)
      if (!last && !(opened instanceof Promise)) return hand(opened, item)
      const mine = times
      const turn: Promise<void> = Promise.all([opened, last]).then(([ready]) => {
        if (mine !== times) return
        if (last === turn) last = undefined
        hand(ready, item)
      })
      last = turn
    },
    letGo() {
      times += 1
      last = undefined
    },
  }
}
