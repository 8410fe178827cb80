/**
 * A line between a place and brokers: a TCP relay on loopback that can be cut (closed and refused) or stalled (open, and
 * nothing passes, in one direction or both). Goes to whichever broker answers. Keeps nothing.
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Clock } from '../../adapters/clock.ts'

export interface Line {
  /** Where the near end connects to. */
  url: string
  cut(for_ms: number): Promise<void>
  /** `there`: what is sent from the near end; `back`: what is sent to it. */
  stall(for_ms: number, what: Stalled): Promise<void>
  close(): Promise<void>
}

export type Stalled = 'there' | 'back' | 'both'

export async function openLine(clock: Clock, ports: readonly number[], first: number): Promise<Line> {
  const pairs = new Set<[Socket, Socket]>()
  let state: 'open' | 'cut' | Stalled = 'open'

  const ways = ([near, far]: [Socket, Socket]) => [
    { from: near, to: far, isStalled: state === 'there' || state === 'both' },
    { from: far, to: near, isStalled: state === 'back' || state === 'both' },
  ]

  const relay = (near: Socket, far: Socket) => {
    const pair: [Socket, Socket] = [near, far]
    pairs.add(pair)
    const end = () => {
      pairs.delete(pair)
      near.destroy()
      far.destroy()
    }
    for (const { from, to, isStalled } of ways(pair)) {
      from.on('close', end)
      from.pipe(to)
      if (isStalled) from.unpipe(to).pause()
    }
  }

  /** The brokers one after the other, beginning with the line's own. */
  const dial = (near: Socket, tries: number) => {
    if (state === 'cut' || tries === ports.length) return near.destroy()
    const far = connect({ host: '127.0.0.1', port: ports[(first + tries) % ports.length]! })
    far.setNoDelay(true)
    const next = () => dial(near, tries + 1)
    far.once('error', next)
    far.once('connect', () => {
      far.off('error', next)
      far.on('error', () => {})
      relay(near, far)
    })
  }

  const server = createServer((near) => {
    near.setNoDelay(true)
    near.on('error', () => {})
    dial(near, 0)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const destroyAll = () => {
    for (const [near] of pairs) near.destroy()
  }
  return {
    url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async cut(for_ms) {
      state = 'cut'
      destroyAll()
      await clock.sleep(for_ms)
      state = 'open'
    },
    async stall(for_ms, what) {
      state = what
      const stalled = () => [...pairs].flatMap(ways).filter(({ isStalled }) => isStalled)
      for (const { from, to } of stalled()) from.unpipe(to).pause()
      await clock.sleep(for_ms)
      const waiting = stalled()
      state = 'open'
      for (const { from, to } of waiting) from.pipe(to)
    },
    async close() {
      destroyAll()
      await new Promise((closed) => server.close(closed))
    },
  }
}
