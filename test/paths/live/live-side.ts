/**
 * The half of a walk that is on the running system. A step goes in where it comes from in life: at a door over HTTP, as the
 * answer of a far side to the call that waits for it, as an armed timer. What no outside can do just then (a webhook for the
 * wrong conversation, an answer that comes a second time, a timer of the past) is stored as a broker that delivers late
 * would have it.
 */
import { isDeepStrictEqual } from 'node:util'
import { stopwatch } from '../../../adapters/clock.ts'
import type { Address } from '../../../machines/events.ts'
import { actorOfTaskId } from '../../../machines/task-id.ts'
import { answerEnvelope, type Cause, envelopeOf, timerEnvelope } from '../../../runtime/envelope.ts'
import { contextOf, idempotencyKey, type TurnRecord } from '../../../runtime/record.ts'
import type { Trace } from '../../drive.ts'
import { posted } from './bodies.ts'
import { compare, Differs } from './compare.ts'
import { agreed, refusing, sideOf } from './far-side.ts'
import type { LiveSite } from './site.ts'
import type { LiveTurn } from './turns.ts'

/** How a step went in. */
export type Way = 'door' | 'far side' | 'timer' | 'stored'

/** An effect as it has to come to the far side. */
interface Expected {
  key: string
  type: string
}

export interface LiveSide {
  /** Brings it about. `before`: keys, on the machine alone, of the asks that it waited for. */
  send(trace: Trace, before: Set<string>): Promise<Way>
  /** Waits for the turn of it, and throws `Differs` where it is not that of the machine. */
  turned(expected: TurnRecord, trace: Trace): Promise<TurnRecord>
  /** Waits until nothing of the conversation is stored any more: what comes next begins another one. */
  forgotten(): Promise<void>
  /** Asks that nobody waits for any more are refused, so that what was asked for after them can go out. */
  letGoOfPast(pending: Set<string>): void
  /** Waits until everything that was asked for has come, in its order, and lets all calls end. Gives how much that was. */
  ended(pending: Set<string>): Promise<number>
  /** For when nothing of the site is under way any more: throws `Differs` where something has come that nobody expects. */
  over(): void
}

const look_again_ms = 100

export function liveSide(site: LiveSite, actor: string, address: Address): LiveSide {
  const { far } = site
  /** By turn of the machine alone: the turn and revision that stand for it here. */
  const turns = new Map<number, LiveTurn>()
  /** Keys here of the asks that have been sent, by their key there, in their order. */
  const asks = new Map<string, Expected>()
  const effects: Expected[] = []
  /** All that were turned, those of conversations that are forgotten included. */
  const turned: LiveTurn[] = []
  /** Ids of what must leave no trace. */
  const silent = new Set<string>()
  let sent = 0

  const at = (ms: number) => new Date(ms).toISOString()
  const store = async (envelope: Parameters<LiveSite['store']>[1]): Promise<Way> => {
    await site.store(actor, envelope)
    return 'stored'
  }
  const fire = async (timer: string) => {
    const elapsed = stopwatch()
    for (;;) {
      const { status } = await site.post('/v1/test/clock', { of: actor, fire: timer })
      // A node that is killed may have fired it without saying so, or leaves the arming to who comes after it.
      if (status === 200 || site.turns.has(actor)) return
      if (elapsed() > site.patience_ms) throw new Differs(`a timer ${timer} that is armed`, 200, status)
      await new Promise((resolve) => setTimeout(resolve, look_again_ms))
    }
  }
  const letGo = (key: string, type: string) => far.answer(key, type, refusing(type, 'refused')!)

  const letGoOfPast = (pending: Set<string>) => {
    for (const [there, { key, type }] of asks) {
      if (pending.has(there) || far.isAnswered(key)) continue
      silent.add(`${key}.answer`)
      letGo(key, type)
    }
  }

  /** Whether a door finds this conversation by it: webhooks go by task and conversation, and most things begin nothing. */
  const isOurs = (heard: object): boolean => {
    const said = heard as { type: string; taskId?: string; mediaResourceId?: string; mail?: { automatic: boolean } }
    const last = [...turns.values()].at(-1)
    if (last === undefined) return isBeginning.test(said.type) && said.mail?.automatic !== true
    if (said.taskId === undefined) return true
    const { conversationId } = contextOf(last.record)
    return actorOfTaskId(said.taskId) === actor || (conversationId !== '' && said.mediaResourceId === conversationId)
  }

  const event = async (heard: Extract<Cause, { kind: 'event' }>['event']): Promise<Way> => {
    const request = isOurs(heard) ? posted(actor, address, heard) : undefined
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
    const reply = said.error ? refusing(said.type, said.error.code) : agreed(said.type, said.output as never)
    const others = [...asks].filter(([, one]) => one.key !== key && !far.isAnswered(one.key))
    const earlier = others.filter(([, one]) => placeOf(one.key) < placeOf(key))
    const isInTheWay = earlier.some(([there]) => before.has(there))
    const isTooMuch = reply !== undefined && reply.status >= 500 && far.isTired(said.type)
    if (reply && !isTooMuch && !isInTheWay && !far.isAnswered(key)) {
      for (const [, one] of earlier) letGo(one.key, one.type)
      if (!(await far.came(key, site.patience_ms))) throw new Differs(`the call of ${said.ask} comes`, key, undefined)
      far.answer(key, said.type, reply)
      return 'far side'
    }
    if (!isLate) letGo(key, said.type)
    return store(answerEnvelope(actor, at(at_ms), { ...said, key }))
  }

  return {
    async send(trace, before) {
      const { step, came, at_ms } = trace
      sent++
      await site.setTime(actor, at_ms)
      if (came.kind === 'event') return event(came.event)
      if (came.kind === 'timer' && 'timer' in step) {
        await fire(came.timer)
        return 'timer'
      }
      if (came.kind === 'timer') {
        const generation = turns.get(came.generation)!.record.turn
        const envelope = { ...timerEnvelope(actor, at(at_ms), came.timer, generation), id: `late.${sent}` }
        if (isWithoutTrace(trace)) silent.add(envelope.id)
        return store(envelope)
      }
      if (came.kind !== 'answer') throw new Error(`a path has no ${came.kind}`)
      if (isWithoutTrace(trace)) silent.add(`${asks.get(came.key)!.key}.answer`)
      return answer(came, at_ms, 'late' in step, before)
    },

    async turned(expected, trace) {
      const turn = await site.turns.next(actor, site.patience_ms)
      if (turn === undefined) throw new Differs('a turn', trace.step, undefined)
      compare(expected, turn.record, trace)
      turns.set(expected.turn, turn)
      turned.push(turn)
      for (const [index, { type, ask }] of turn.record.effects.entries()) {
        const key = idempotencyKey(actor, turn.revision, index)
        if (type !== 'raiseAlert') effects.push({ key, type })
        if (ask) asks.set(idempotencyKey(actor, expected.turn, index), { key, type })
        else far.answer(key, type, agreed(type))
      }
      return turn.record
    },

    async forgotten() {
      letGoOfPast(new Set())
      if (!(await site.forgets(actor))) throw new Differs('nothing is left of what is over', undefined, actor)
      turns.clear()
      asks.clear()
    },

    letGoOfPast,

    async ended(pending) {
      letGoOfPast(pending)
      for (const { key, type } of asks.values()) letGo(key, type)
      for (const { key, type } of effects) {
        if (!(await far.came(key, site.patience_ms))) throw new Differs(`${type} reaches the far side`, key, undefined)
      }
      const known = new Set(effects.map(({ key }) => key))
      const came = far.callsOf(actor).filter(({ key }) => known.has(key))
      const found = came.map(({ key, call }) => ({ key, type: call }))
      for (const side of ['routing', 'engage', 'connect'] as const) {
        const of = (list: Expected[]) => list.filter(({ type }) => sideOf(type) === side)
        const inOrder = of(effects).sort((a, b) => placeOf(a.key) - placeOf(b.key))
        if (!isDeepStrictEqual(of(found), inOrder)) throw new Differs(`calls at ${side}`, inOrder, of(found))
      }
      far.refuseAll(actor)
      return effects.length
    },

    over() {
      const rest = site.turns.rest(actor)
      const known = new Set([...turned, ...rest].flatMap(keysOf))
      const turnedOnce = new Set(turned.map(({ record }) => nameOf(record)))
      for (const { record } of rest) {
        if (silent.has(record.cause.id)) throw new Differs('no trace of what is stale', undefined, record.cause)
        if (turnedOnce.has(nameOf(record))) throw new Differs('one turn of one event', undefined, record.cause)
      }
      for (const { key, call, isOther } of far.callsOf(actor)) {
        if (!known.has(key)) throw new Differs('no call that no turn asked for', undefined, { key, call })
        if (isOther) throw new Differs('the same words on every attempt', undefined, { key, call })
      }
    },
  }
}

/** What is stale and does nothing leaves no turn behind (T10). */
export const isWithoutTrace = ({ heard, effects }: Trace): boolean => heard === 'stale' && effects.length === 0

const isBeginning = /^(message|form|postback|thread)\./

const placeOf = (key: string) => {
  const [, revision, index] = key.split('.')
  return Number(revision) * 1_000 + Number(index)
}

const keysOf = ({ record, revision }: LiveTurn) =>
  record.effects.map((_, index) => idempotencyKey(record.actor, revision, index))

const nameOf = ({ cause: { source, id, type } }: TurnRecord) => `${source} ${id} ${type}`
