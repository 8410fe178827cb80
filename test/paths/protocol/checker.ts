/**
 * What must hold of a run, whatever happened in it, told from the far side and from what is stored. Knows nothing of the
 * protocol that was run. One sentence for each thing that is wrong; none when all is well. Pure.
 */
import { contextOf } from '../../../runtime/record.ts'
import { idle_ms, type LineContext } from './line-machine.ts'
import type { Run } from './simulation.ts'
import type { World } from './world.ts'

export const faultsOf = ({ world, rested }: Run): string[] => [
  ...(rested ? [] : ['it never comes to rest']),
  ...messageFaults(world),
  ...ringFaults(world),
  ...waitFaults(world),
  ...turnFaults(world),
  ...effectFaults(world),
]

const applied = <Payload>(world: World, type: string): Payload[] =>
  world.attempts.filter((one) => one.applied && one.effect.type === type).map(({ effect }) => effect.payload as Payload)

const contextAtEnd = ({ turns }: World): LineContext | undefined =>
  turns.length === 0 ? undefined : (contextOf(turns.at(-1)!) as unknown as LineContext)

const isSame = (one: unknown[], other: unknown[]): boolean => one.join() === other.join()

/** T1, T9: every message is heard and answered once, in order. */
function messageFaults(world: World): string[] {
  const echoes = applied<{ message: string }>(world, 'echo').map(({ message }) => message)
  return [
    ...(isSame(contextAtEnd(world)?.heard ?? [], world.posted) ? [] : ['messages are not heard once each, in order']),
    ...(isSame(echoes, world.posted) ? [] : ['messages are not answered once each, in order']),
    ...(world.inbox.length === 0 ? [] : ['something is left in the inbox']),
  ]
}

/** T10: each ring is one call, and is taken by who waits for it, or hung up. */
function ringFaults(world: World): string[] {
  const taken = contextAtEnd(world)?.taken ?? []
  const rings = applied<{ ring: number }>(world, 'ring').map(({ ring }) => ring)
  const hungUp = applied<{ ring: number; rings: number }>(world, 'hangUp')
  const connected = applied<{ ring: number; expected: number }>(world, 'connect')
  const ends = [...taken, ...hungUp.map(({ ring }) => ring)]
  return [
    ...(new Set(rings).size === rings.length ? [] : ['one ring is two calls']),
    ...(isSame([...ends].sort(), [...rings].sort()) ? [] : ['a ring is not either taken or hung up, once']),
    ...(isSame(
      connected.map(({ ring }) => ring),
      taken,
    )
      ? []
      : ['who was taken was not connected, once']),
    ...(connected.every(({ ring, expected }) => ring === expected)
      ? []
      : ['the answer to one ring is taken for another']),
    ...(hungUp.every(({ ring, rings }) => rings > ring) ? [] : ['a ring that is waited for is hung up']),
  ]
}

/** Nothing waits for ever, nothing gives up too early. */
function waitFaults(world: World): string[] {
  const last = world.turns.at(-1)
  const byes = applied<{ after: number; idle_ms: number }>(world, 'bye')
  if (last === undefined) return []
  const hasWayOn = world.turns.every(({ state, timers }) => state === 'resting' || Object.keys(timers).length === 1)
  return [
    ...(hasWayOn ? [] : ['a state that is left by a timer has none']),
    ...(last.state === 'resting' ? [] : [`it waits for ever in ${last.state}`]),
    ...(Object.keys(last.pending).length === 0 ? [] : ['an ask is still waited for']),
    ...(Object.keys(last.timers).length === 0 ? [] : ['a timer that was cancelled is still armed']),
    ...(byes.every((bye) => bye.idle_ms >= idle_ms) ? [] : ['it gives up too early']),
    ...(new Set(byes.map(({ after }) => after)).size === byes.length ? [] : ['it gives up twice']),
  ]
}

/** T3: each turn was decided on the one before it. */
const turnFaults = ({ turns, decidedOn }: World): string[] => [
  ...(decidedOn.every((read, index) => read === index) ? [] : ['a turn was decided on an old record']),
  ...(turns.every(({ turn }, index) => turn === index + 1) ? [] : ['turns are not counted one by one']),
]

/** T4, T6: only what is stored is attempted, all of it, each effect under one key of its own. */
function effectFaults({ attempts, turns }: World): string[] {
  const names = new Map<string, Set<string>>()
  const add = (one: string, other: string) => names.set(one, (names.get(one) ?? new Set()).add(other))
  for (const { key, revision, index } of attempts) {
    add(`effect ${revision}.${index}`, key)
    add(`key ${key}`, `${revision}.${index}`)
  }
  const isAttempted = (revision: number, index: number) => names.has(`effect ${revision}.${index}`)
  const forgotten = turns.some(({ effects }, at) => effects.some((_, index) => !isAttempted(at + 1, index)))
  return [
    ...(attempts.every(({ wasStored }) => wasStored) ? [] : ['an effect was attempted before its turn was stored']),
    ...([...names.values()].every(({ size }) => size === 1) ? [] : ['an effect and its key do not belong together']),
    ...(forgotten ? ['a stored effect was never attempted'] : []),
  ]
}
