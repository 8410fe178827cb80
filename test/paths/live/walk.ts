/**
 * Walks one path twice at once: on the machine alone and on a running system, and compares after every step: state, memory,
 * timers, asks that wait, effects; at the end what reached the far side. The first difference ends the walk.
 * A step goes in where it comes from in life: at a door over HTTP, as the answer of a far side to the call that waits for it,
 * as an armed timer. What no outside can do just then (a webhook for the wrong conversation, an answer that comes a second
 * time, a timer of the past) is stored as a broker that delivers late would have it.
 */
import { isDeepStrictEqual } from 'node:util'
import { stopwatch } from '../../../adapters/clock.ts'
import { actorIdOf } from '../../../adapters/identity.ts'
import { latestDefinition } from '../../../machines/definitions.ts'
import type { Address } from '../../../machines/events.ts'
import { actorOfTaskId } from '../../../machines/task-id.ts'
import { answerEnvelope, type Cause, envelopeOf, timerEnvelope } from '../../../runtime/envelope.ts'
import { contextOf, idempotencyKey, type TurnRecord } from '../../../runtime/record.ts'
import { archived_state } from '../../../runtime/retention.ts'
import { decide } from '../../../runtime/stages/decide.ts'
import { type Drive, drive, ImpossibleStep, nothingYet, plain, type Step, type Trace } from '../../drive.ts'
import type { Path } from '../line.ts'
import { posted } from './bodies.ts'
import { agreed, refusing, sideOf } from './far-side.ts'
import { type LiveSite, type LiveTurn, topicOf } from './site.ts'

export interface Walked {
  path: string
  /** Steps that were played on both, and turns that they made. */
  steps: number
  turns: number
  /** How they went in. */
  ways: Record<Way, number>
  effects: number
  difference?: Difference
}

export type Way = 'door' | 'far side' | 'timer' | 'stored'

export interface Difference {
  path: string
  /** Of the path, from 1. */
  step: number
  what: string
  expected: unknown
  found: unknown
  /** The event that the turn was of, where there was a turn. */
  heard?: { id: string; type: string }
}

/** A busy machine takes its time; a node that was killed is missed for some seconds. */
const turn_ms_max = 30_000
const look_again_ms = 100

class Differs extends Error {
  readonly what: string
  readonly expected: unknown
  readonly found: unknown
  readonly heard: Difference['heard']
  constructor(what: string, expected: unknown, found: unknown, heard?: Difference['heard']) {
    super(what)
    this.what = what
    this.expected = expected
    this.found = found
    this.heard = heard
  }
}

/** `number` tells this walk's customer from all others of the site. */
export async function walk(site: LiveSite, machine: string, path: Path, number: number): Promise<Walked> {
  const address = site.addressOf(machine, path.policy, number)
  const { asset, say } = site.bindingOf(address)
  const actor = actorIdOf(address)
  const pure = drive(asset, latestDefinition(machine)!, address, say, nothingYet, decide, actor)
  const ways: Walked['ways'] = { door: 0, 'far side': 0, timer: 0, stored: 0 }
  const walked: Walked = { path: path.id, steps: 0, turns: 0, ways, effects: 0 }
  const live = liveSide(site, actor, address)
  try {
    for (const given of path.steps) {
      const awaited = pendingKeys(pure, actor)
      const traces = pure.history.length
      played(pure, written(given, pure, address, number))
      walked.steps++
      const trace = pure.history[traces]
      if (trace === undefined) continue // time passed, nothing else
      ways[await live.send(trace, awaited)]++
      if (isWithoutTrace(trace)) continue
      await live.turned(pure.loaded()!.record, trace)
      walked.turns++
      if (trace.state === archived_state) break // it is forgotten now, and the customer's next word begins anew
    }
    walked.effects = await live.ended(pendingKeys(pure, actor))
    return walked
  } catch (error) {
    if (!(error instanceof Differs)) throw error
    const { what, expected, found, heard } = error
    const difference = { path: path.id, step: walked.steps, what, expected, found, ...(heard && { heard }) }
    return { ...walked, difference }
  }
}

/** What is stale and does nothing leaves no turn behind (T10). */
const isWithoutTrace = ({ heard, effects }: Trace): boolean => heard === 'stale' && effects.length === 0

function played(pure: Drive, step: Step): void {
  try {
    pure.play(step)
  } catch (error) {
    if (error instanceof ImpossibleStep) throw new Differs('a step that can be played', step, error.message)
    throw error
  }
}

/** The step for this walk's own customer: mails of its own subject, webhooks that name the conversation as tasks do. */
function written(step: Step, pure: Drive, { channel, topic }: Address, number: number): Step {
  if ('says' in step && channel === 'email') {
    const messageId = `<m${pure.memory().events}.${number}@x>`
    return { ...step, mail: { subject: `Claim ${number}`, ...step.mail, messageId } }
  }
  if (!('task' in step)) return step
  const mediaResourceId = step.mediaResourceId ?? pure.context().conversationId ?? ''
  const taskId = step.taskId ?? pure.context().taskId ?? ''
  if (mediaResourceId === '') return { ...step, taskId, mediaResourceId }
  const subjectOfMail = topic === undefined ? {} : { EmailSubject: topicOf(number) }
  return {
    ...step,
    taskId,
    variables: { user_DR_MediaResourceID: mediaResourceId, ...subjectOfMail, ...step.variables },
  }
}

/** Keys of the asks that the machine waits for. */
function pendingKeys(pure: Drive, actor: string): Set<string> {
  const loaded = pure.loaded()
  const pending = Object.values(loaded?.record.pending ?? {})
  return new Set(pending.map(({ revision, index }) => idempotencyKey(actor, revision ?? loaded!.revision, index)))
}

function liveSide(site: LiveSite, actor: string, address: Address) {
  const { far } = site
  /** By turn of the machine alone: the turn and revision that stand for it here. */
  const turns = new Map<number, LiveTurn>()
  /** Keys here of the asks that have been sent, by their key there, in their order. */
  const asks = new Map<string, { key: string; type: string }>()
  const effects: { key: string; type: string }[] = []
  /** Ids of what must leave no trace. */
  const silent = new Set<string>()
  let sent = 0

  const at = (ms: number) => new Date(ms).toISOString()
  const store = async (envelope: Parameters<LiveSite['store']>[1]): Promise<Way> => {
    await site.store(actor, envelope)
    return 'stored'
  }
  const setTime = async (toMs: number, fire?: string) => {
    const elapsed = stopwatch()
    for (;;) {
      const { status } = await site.post('/v1/test/clock', { of: actor, toMs, ...(fire ? { fire } : {}) })
      // A node that is killed may have fired it without saying so, or leaves the arming to who comes after it.
      if (status === 200 || site.hasTurn(actor)) return
      if (fire === undefined || elapsed() > turn_ms_max) throw new Differs(`a timer ${fire} that is armed`, 200, status)
      await new Promise((resolve) => setTimeout(resolve, look_again_ms))
    }
  }
  const letGo = (key: string, type: string) => far.answer(key, type, refusing(type, 'refused')!)

  /** Whether a door finds this conversation by it: webhooks go by task and conversation, and most things begin nothing. */
  const isOurs = (heard: object): boolean => {
    const said = heard as { type: string; taskId?: string; mediaResourceId?: string; mail?: { automatic: boolean } }
    const last = [...turns.values()].at(-1)
    if (last === undefined) return isBeginning.test(said.type) && said.mail?.automatic !== true
    if (said.taskId === undefined) return true
    const { conversationId } = contextOf(last.record)
    return actorOfTaskId(said.taskId) === actor || (conversationId !== '' && said.mediaResourceId === conversationId)
  }

  const event = async (heard: Extract<Cause, { kind: 'event' }>['event'], at_ms: number): Promise<Way> => {
    const request = isOurs(heard) ? posted(actor, address, heard) : undefined
    await setTime(at_ms)
    if (request === undefined) return store(envelopeOf(actor, '/paths', heard as never, address))
    const { status, body } = await site.post(request.path, request.body)
    const said = body as { unhandled?: string; duplicate?: boolean }
    if (status !== 200 || said.unhandled !== undefined) throw new Differs(`${request.path} takes it`, 200, body)
    return 'door'
  }

  /** At the far side when its call is there, or will be once those before it that nobody waits for are over. */
  const answer = async (
    { kind: _, ...said }: Extract<Cause, { kind: 'answer' }>,
    at_ms: number,
    isLate: boolean,
    before: Set<string>,
  ): Promise<Way> => {
    const { key } = asks.get(said.key)!
    await setTime(at_ms)
    const reply = said.error ? refusing(said.type, said.error.code) : agreed(said.type, said.output as never)
    const others = [...asks].filter(([, one]) => one.key !== key && !far.isAnswered(one.key))
    const earlier = others.filter(([, one]) => isEarlier(one.key, key))
    const isInTheWay = earlier.some(([there]) => before.has(there))
    const isTooMuch = reply !== undefined && reply.status >= 500 && far.isTired(said.type)
    if (reply && !isTooMuch && !isInTheWay && !far.isAnswered(key)) {
      for (const [, one] of earlier) letGo(one.key, one.type)
      if (!(await far.came(key, turn_ms_max))) throw new Differs(`the call of ${said.ask} comes`, key, undefined)
      far.answer(key, said.type, reply)
      return 'far side'
    }
    if (!isLate) letGo(key, said.type)
    return store(answerEnvelope(actor, at(at_ms), { ...said, key }))
  }
  const isEarlier = (one: string, other: string): boolean => placeOf(one) < placeOf(other)
  const placeOf = (key: string) => {
    const [, revision, index] = key.split('.')
    return Number(revision) * 1_000 + Number(index)
  }

  return {
    async send(trace: Trace, before: Set<string>): Promise<Way> {
      const { step, came, at_ms } = trace
      sent++
      if (came.kind === 'event') return event(came.event, at_ms)
      if (came.kind === 'timer' && 'timer' in step) {
        await setTime(at_ms, came.timer)
        return 'timer'
      }
      if (came.kind === 'timer') {
        const generation = turns.get(came.generation)!.record.turn
        await setTime(at_ms)
        const envelope = { ...timerEnvelope(actor, at(at_ms), came.timer, generation), id: `late.${sent}` }
        if (isWithoutTrace(trace)) silent.add(envelope.id)
        return store(envelope)
      }
      if (came.kind !== 'answer') throw new Error(`a path has no ${came.kind}`)
      if (isWithoutTrace(trace)) silent.add(`${asks.get(came.key)!.key}.answer`)
      return answer(came, at_ms, 'late' in step, before)
    },

    async turned(expected: TurnRecord, trace: Trace): Promise<void> {
      const turn = await site.nextTurn(actor, turn_ms_max)
      if (turn === undefined) throw new Differs('a turn', trace.step, undefined)
      compare(expected, turn.record, trace)
      turns.set(expected.turn, turn)
      for (const [index, { type, ask }] of turn.record.effects.entries()) {
        const key = idempotencyKey(actor, turn.revision, index)
        if (type !== 'raiseAlert') effects.push({ key, type })
        if (ask) asks.set(idempotencyKey(actor, expected.turn, index), { key, type })
        else far.answer(key, type, agreed(type))
      }
    },

    /** Lets all calls end, and looks whether everything that was asked for came, once, in order. Gives how much that was. */
    async ended(pending: Set<string>): Promise<number> {
      for (const [there, { key, type }] of asks) {
        if (!far.isAnswered(key) && !pending.has(there)) silent.add(`${key}.answer`)
        letGo(key, type)
      }
      for (const { key, type } of effects) {
        if (!(await far.came(key, turn_ms_max))) throw new Differs(`${type} reaches the far side`, key, undefined)
      }
      const known = new Set(effects.map(({ key }) => key))
      const calls = far.callsOf(actor).filter(({ key }) => known.has(key))
      const order = (list: { key: string; type: string }[]) => list.toSorted((a, b) => placeOf(a.key) - placeOf(b.key))
      const came = calls.map(({ key, call }) => ({ key, type: call }))
      for (const side of ['routing', 'engage', 'connect'] as const) {
        const of = (list: { key: string; type: string }[]) => list.filter(({ type }) => sideOf(type) === side)
        if (!isDeepStrictEqual(of(came), of(order(effects))))
          throw new Differs(`calls at ${side}`, of(order(effects)), of(came))
      }
      for (const { record } of await site.restOf(actor)) {
        if (silent.has(record.cause.id)) throw new Differs('no trace of what is stale', undefined, record.cause)
      }
      return effects.length
    },
  }
}

const isBeginning = /^(message|form|postback|thread)\./

function compare(expected: TurnRecord, found: TurnRecord, { cause }: Trace): void {
  const heard = { id: found.cause.id, type: found.cause.type }
  const same = (what: string, one: unknown, other: unknown) => {
    if (!isDeepStrictEqual(plain(one ?? null), plain(other ?? null))) throw new Differs(what, one, other, heard)
  }
  same('state', expected.state, found.state)
  same('heard', expected.heard, found.heard)
  same('effects', expected.effects, found.effects)
  same('timers', dues(expected), dues(found))
  same('asks that wait', asksOf(expected), asksOf(found))
  same('memory', expected.snapshot, found.snapshot)
  if (cause.kind === 'event') same('what it heard', expected.cause.type, found.cause.type)
}

const dues = ({ timers }: TurnRecord) =>
  Object.fromEntries(Object.entries(timers).map(([name, { due_ms }]) => [name, due_ms]))
const asksOf = ({ pending }: TurnRecord) =>
  Object.fromEntries(Object.entries(pending).map(([ask, { type }]) => [ask, type]))
