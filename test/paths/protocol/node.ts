/**
 * One node of the model: it takes a delivery through decide and the steps of its protocol, one step a call, so that a crash
 * or another node may come between any two. What it knows by itself is lost in a crash.
 */
import type { Turn } from '../../../machines/context.ts'
import type { Address } from '../../../machines/events.ts'
import type { Loaded, TurnRecord } from '../../../runtime/record.ts'
import { decide } from '../../../runtime/stages/decide.ts'
import { asItIs } from '../as-it-is.ts'
import { lineMachine } from './line-machine.ts'
import type { EffectStep, Protocol, TurnStep } from './protocol.ts'
import { actor, append, type Message, perform, publish, stored, type World } from './world.ts'

export interface Node {
  cache: Loaded | undefined
  flight: Flight | undefined
  sending: Sending | undefined
  /** Revisions that are known to have been stored here: what an outbox in memory would send. */
  outbox: number[]
}

interface Flight {
  message: Message
  loaded: Loaded | undefined
  record?: TurnRecord
  rest: TurnStep[]
}

interface Sending {
  revision: number
  index: number
  attempt: number
  rest: EffectStep[]
}

export const newNode = (): Node => ({ cache: undefined, flight: undefined, sending: undefined, outbox: [] })

/** What is stored is only ever read here: it need not be JSON. */
const line = asItIs(lineMachine)
const address: Address = { channel: 'sms', asset: 'a', customer: 'c' }
const policy = { retry: { askDeadlineMs: 1_000, tellDeadlineMs: 1_000 } }
const turnAt = (at_ms: number): Turn => ({ at_ms, asset: { policy }, say: () => '' }) as unknown as Turn

/** Takes the message up: seen before, or decided. */
export function takeUp(world: World, node: Node, protocol: Protocol, message: Message): void {
  const loaded = node.cache ?? stored(world)
  node.cache = loaded
  if (loaded && protocol.isSeen(loaded.record, message)) {
    const isLast = loaded.record.input.sequence === message.sequence
    node.flight = { message, loaded: undefined, record: loaded.record, rest: isLast ? [...protocol.again] : ['ack'] }
    return
  }
  const cause = protocol.hears(message.cause, loaded)
  const decision = decide(line, actor, address, loaded, cause, turnAt(world.now_ms))
  const leavesNothing = decision.heard === 'stale' && (decision.effects.length === 0 || !protocol.undoes)
  if (leavesNothing && protocol.whenStale === 'look again' && loaded?.revision !== stored(world)?.revision) {
    node.cache = undefined
    takeUp(world, node, protocol, message)
    return
  }
  if (leavesNothing) {
    node.flight = { message, loaded, rest: ['ack'] }
    return
  }
  const prior = loaded?.record
  const { before, state, heard, snapshot, timers, pending, effects } = decision
  // Spelled out: spread, each would be an object of its own kind to the engine.
  const made = {
    actor,
    turn: (prior?.turn ?? 0) + 1,
    at: String(world.now_ms),
    input: { sequence: message.sequence, time_ns: '0' },
    seen: protocol.remembers(prior?.seen ?? [], message),
    before,
    state,
    heard,
    snapshot,
    timers,
    pending,
    effects,
  } as unknown as TurnRecord
  node.flight = { message, loaded, record: protocol.keeps(made, prior), rest: [...protocol.turn] }
}

/** One step of the delivery under way. */
export function advance(world: World, node: Node, protocol: Protocol): void {
  const flight = node.flight!
  const { message, loaded, record } = flight
  const step = flight.rest.shift()
  if (step === 'persist') persist(world, node, protocol, flight)
  if (step === 'arm') arm(world, protocol, record!, loaded?.record)
  if (step === 'ack') world.inbox = world.inbox.filter((waiting) => waiting.sequence !== message.sequence)
  if (step === 'perform') {
    const revision = (loaded?.revision ?? 0) + 1
    record!.effects.forEach((effect, index) => {
      perform(world, protocol.key(revision, index, 1), revision, index, effect)
    })
  }
  if (node.flight === flight && flight.rest.length === 0) node.flight = undefined
}

function persist(world: World, node: Node, protocol: Protocol, flight: Flight): void {
  const { message, loaded, record } = flight
  const read = loaded?.revision ?? 0
  if (!protocol.mayAppend(read, world.turns.length)) {
    node.cache = undefined
    if (protocol.whenFenced === 'decide again') {
      takeUp(world, node, protocol, message)
      return
    }
  }
  node.cache = append(world, record!, read)
  node.outbox.push(node.cache.revision)
}

function arm(world: World, { timerName }: Protocol, record: TurnRecord, prior: TurnRecord | undefined): void {
  for (const [timer, armed] of Object.entries(record.timers)) {
    if (armed.generation === record.turn) world.timers.set(timerName(timer, armed.generation), { timer, ...armed })
  }
  for (const [timer, { generation }] of Object.entries(prior?.timers ?? {})) {
    if (record.timers[timer]?.generation === generation) continue
    const name = timerName(timer, generation)
    if (world.timers.get(name)?.generation === generation) world.timers.delete(name)
  }
}

/** How an attempt at the far side went wrong: before it did anything, or after, with its answer lost. */
export type Failure = 'before' | 'after' | 'none'

/** One step of the effect under way, or of the next one that is stored and has not ended. Says whether there was any. */
export function send(world: World, node: Node, protocol: Protocol, failure: Failure): boolean {
  node.sending ??= nextToSend(world, node, protocol)
  if (node.sending === undefined) return false
  const { revision, index, attempt, rest } = node.sending
  const { effects } = world.turns[revision - 1]!
  const effect = effects[index]!
  const key = protocol.key(revision, index, attempt)
  const step = rest.shift()
  if (step === 'perform') {
    if (failure !== 'before') perform(world, key, revision, index, effect)
    const again = failure !== 'none' && attempt < protocol.attempts_max
    if (again) node.sending = { revision, index, attempt: attempt + 1, rest: ['perform', ...rest] }
  }
  if (step === 'answer' && effect.ask) {
    const said = { ask: effect.ask, type: effect.type, key, ...protocol.answers(effect.payload) }
    publish(world, `${key}.answer`, { kind: 'answer', ...said, output: effect.payload })
  }
  const isLast = index === effects.length - 1
  if (step === 'end' && isLast) world.ended.add(revision)
  if (node.sending.rest.length === 0) {
    node.sending = isLast ? undefined : { revision, index: index + 1, attempt: 1, rest: [...protocol.effect] }
  }
  return true
}

function nextToSend(world: World, { outbox }: Node, protocol: Protocol): Sending | undefined {
  const all = protocol.outbox === 'stream' ? world.turns.map((_, index) => index + 1) : outbox
  const open = all.filter((revision) => !world.ended.has(revision) && world.turns[revision - 1]!.effects.length > 0)
  const revision = protocol.sendsFirst === 'oldest' ? open[0] : open.at(-1)
  return revision === undefined ? undefined : { revision, index: 0, attempt: 1, rest: [...protocol.effect] }
}
