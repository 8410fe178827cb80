/** A long list of which only what is in sight is on the page, so that thousands of rows scroll as ten do. */
import { type ReactNode, useEffect, useRef, useState } from 'react'

const beyond_rows = 8

export function VirtualList<Item>({
  items,
  rowHeight,
  keyOf,
  label,
  children,
  showing,
}: {
  items: readonly Item[]
  /** In px; every row is as high. */
  rowHeight: number
  keyOf: (item: Item) => string
  label: string
  children: (item: Item, index: number) => ReactNode
  /** The index to keep in sight. */
  showing?: number
}) {
  const box = useRef<HTMLDivElement>(null)
  const [sight, setSight] = useState({ top: 0, height: 800 })
  useEffect(() => {
    const element = box.current
    if (!element) return
    const look = () => setSight({ top: element.scrollTop, height: element.clientHeight })
    const resized = new ResizeObserver(look)
    resized.observe(element)
    element.addEventListener('scroll', look, { passive: true })
    return () => {
      resized.disconnect()
      element.removeEventListener('scroll', look)
    }
  }, [])
  useEffect(() => {
    const element = box.current
    if (!element || showing === undefined) return
    const [top, bottom] = [showing * rowHeight, (showing + 1) * rowHeight]
    if (top < element.scrollTop || bottom > element.scrollTop + element.clientHeight) {
      element.scrollTo({ top: top - element.clientHeight / 2 })
    }
  }, [showing, rowHeight])
  const first = Math.max(0, Math.floor(sight.top / rowHeight) - beyond_rows)
  const last = Math.min(items.length, Math.ceil((sight.top + sight.height) / rowHeight) + beyond_rows)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="virtual" ref={box} tabIndex={0} aria-label={label}>
      <ul style={{ height: items.length * rowHeight, position: 'relative' }}>
        {items.slice(first, last).map((item, index) => (
          <li
            key={keyOf(item)}
            aria-setsize={items.length}
            aria-posinset={first + index + 1}
            style={{ position: 'absolute', insetInline: 0, top: (first + index) * rowHeight, height: rowHeight }}
          >
            {children(item, first + index)}
          </li>
        ))}
      </ul>
    </section>
  )
}
