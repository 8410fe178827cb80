/**
 * One conversation as it is driven, step by step: what happens is made into a cause as the runtime would hear it, decided,
 * and committed. Speaks to whatever decides; `drive.ts` says how it is begun.
 */
import type { Context, Turn } from '../machines/context.ts'
import type { Definition } from '../machines/definitions.ts'
import type { AskErrorCode } from '../machines/effects.ts'
import type { Address, ConversationEvent, Mail } from '../machines/events.ts'
import type { Asset } from '../machines/policy.ts'
import type { DigitTail } from '../machines/sensitive-data.ts'
import { hearAcrossMessages } from '../runtime/across-messages.ts'
import type { Cause } from '../runtime/envelope.ts'
import { idempotencyKey, type Loaded, record_format } from '../runtime/record.ts'
import type { Decision, decide } from '../runtime/stages/decide.ts'
import { customerEvent, thread } from './customer-event.ts'
import { envelopeFor } from './driven-envelope.ts'
import { sentLine } from './sent-line.ts'
import { type Armed, type Asked, type Drive, type DriveMemory, ImpossibleStep, type Step, type Trace } from './step.ts'

export const conversationId = '65F2C0A91B7E4D01'
export const agentId = '5021'

export interface Means {
  definition: Definition
  asset: Asset
  address: Address
  say: Turn['say']
  decideBy: typeof decide
  /** Whose turns they are: what ids and keys are made of. */
  whose: string
  /** As JSON it is what a restart would find; as it is, it is quick, and nobody may change it. */
  keep: 'as JSON' | 'as it is'
}

/** A class, so that the many that a search makes have nothing of their own but what they know. */
export class Driver implements Drive {
  readonly machine: string
  readonly asset: Asset
  readonly records: Loaded[] = []
  history: readonly Trace[]
  at_ms: number
  readonly #means: Means
  #asked: readonly Asked[]
  #armed: readonly Armed[]
  #loaded: Loaded | undefined
  #events: number

  constructor(means: Means, { loaded, events, asked, armed, history, at_ms }: DriveMemory) {
    this.machine = means.definition.id
    this.asset = means.asset
    this.history = history
    this.at_ms = at_ms
    this.#means = means
    this.#asked = asked
    this.#armed = armed
    this.#loaded = loaded
    this.#events = events
  }

  play(...steps: Step[]): Trace {
    for (const step of steps) this.#playOne(step)
    return this.history.at(-1)!
  }
  context(): Context {
    return (this.#loaded?.record.snapshot as unknown as { context: Context } | undefined)?.context ?? ({} as Context)
  }
  timers(): string[] {
    return Object.keys(this.#loaded?.record.timers ?? {})
  }
  pending(): string[] {
    return Object.keys(this.#loaded?.record.pending ?? {})
  }
  loaded(): Loaded | undefined {
    return this.#loaded
  }
  memory(): DriveMemory {
    const { history, at_ms } = this
    return { loaded: this.#loaded, events: this.#events, asked: this.#asked, armed: this.#armed, history, at_ms }
  }

  #playOne(step: Step): void {
    if ('later' in step) {
      this.at_ms += step.later * 1_000
      return
    }
    this.at_ms += 1_000
    const { definition, whose, address, asset, say, decideBy } = this.#means
    const came = this.#causeOf(step)
    const { cause, tail } = hearAcrossMessages(came, this.#loaded?.record.tail)
    const turn: Turn = { at_ms: this.at_ms, asset, say }
    const made = decideBy(definition, whose, address, this.#loaded, cause, turn)
    this.#commit(made, cause, tail)
    this.history = [...this.history, new Turned({ step, came, cause, at_ms: this.at_ms }, made)]
  }

  #commit(made: Decision, heard: Cause, tail: DigitTail | undefined): void {
    const { definition, whose: actor, address, keep } = this.#means
    const revision = (this.#loaded?.revision ?? 0) + 1
    const { id, version, shape } = definition
    const { before, state, heard: how, snapshot, timers, pending, effects } = made
    const machine = { id, version, shape }
    // Spelled out: spread, each would be an object of its own kind to the engine, which costs as much as the rest of a turn.
    const record = {
      before,
      state,
      heard: how,
      snapshot,
      timers,
      pending,
      effects,
      actor,
      address,
      turn: revision,
      machine,
      tail,
    }
    if (keep === 'as it is') this.#loaded = { record: record as never, revision }
    else {
      const at = this.#at()
      const stored = { format: record_format, at, input: { sequence: revision, time_ns: '0' }, seen: [] }
      const cause = envelopeFor(actor, heard, at)
      this.#loaded = frozen({ record: plain({ ...record, ...stored, cause }) as never, revision })
    }
    this.records.push(this.#loaded)
    const asked = made.effects.flatMap(({ ask, type, payload: input }, index) =>
      ask ? [{ ask, type, input, key: idempotencyKey(actor, revision, index) } as Asked] : [],
    )
    if (asked.length > 0) this.#asked = [...this.#asked, ...asked]
    const armed = Object.entries(made.timers).flatMap(([timer, { generation }]) =>
      generation === revision ? [{ timer, generation }] : [],
    )
    if (armed.length > 0) this.#armed = [...this.#armed, ...armed]
  }

  #causeOf(step: Exclude<Step, { later: number }>): Cause {
    if ('says' in step || 'form' in step || 'press' in step || 'closes' in step)
      return this.#heard(customerEvent(step, this.#means.address, this.context(), this.#events))
    if ('lost' in step)
      return this.#heard({ type: 'effect.failed', effect: step.lost, direction: step.direction, code: 'failed' })
    if ('receipt' in step)
      return this.#heard({ type: 'receipt.updated', correlationId: 'c', status: step.receipt, code: '7500' })
    if ('timer' in step) return this.#due(String(step.timer))
    if ('lateTimer' in step) {
      const past = last(this.#armed, (one) => this.#isPast(one) && isOf(one.timer, step.lateTimer))
      return { kind: 'timer', ...past }
    }
    if ('late' in step) {
      const past = last(this.#asked, ({ ask, key }) => ask === step.late && !this.#isAwaited(ask, key))
      return answerTo(past, step)
    }
    if ('answers' in step) return answerTo(this.#awaited(step.answers), step)
    if ('fails' in step) return answerTo(this.#awaited(step.fails), { code: step.code ?? 'failed' })
    const { task, ...fields } = step
    const { taskId, conversationId: mediaResourceId } = this.context()
    // Every webhook names a task: of an adopted conversation one that others know (A45).
    const known = taskId || 'task-of-elsewhere'
    return this.#heard({ type: `task.${task}`, taskId: known, mediaResourceId, ...usualTask, ...fields })
  }

  #heard(event: object): Cause {
    const own = `e${this.#events++}`
    const id = (event as { mail?: Mail }).mail?.messageId || own
    const { address } = this.#means
    return { kind: 'event', event: { id, at: this.#at(), ...event } as ConversationEvent, address }
  }
  #at(): string {
    return iso(this.at_ms)
  }

  #isAwaited(ask: string, key: string): boolean {
    const loaded = this.#loaded
    const waiting = loaded?.record.pending[ask]
    return !!waiting && key === idempotencyKey(this.#means.whose, waiting.revision ?? loaded.revision, waiting.index)
  }
  #awaited(ask: string): Asked {
    const found = this.#asked.findLast((one) => one.ask === ask && this.#isAwaited(ask, one.key))
    if (!found) throw new ImpossibleStep(`nobody waits for ${ask}; waiting: ${this.pending().join(', ') || 'nobody'}`)
    return found
  }
  #isPast({ timer, generation }: Armed): boolean {
    return this.#loaded?.record.timers[timer]?.generation !== generation
  }
  #due(name: string): Cause {
    const timer = this.timers().find((timer) => isOf(timer, name))
    if (!timer) throw new ImpossibleStep(`no timer ${name}; armed: ${this.timers().join(', ') || 'none'}`)
    const { due_ms, generation } = this.#loaded!.record.timers[timer]!
    this.at_ms = Math.max(this.at_ms, due_ms)
    return { kind: 'timer', timer, generation }
  }
}

/** The many that a search makes have nothing of their own but data: `sent` is made when somebody reads it. */
class Turned implements Trace {
  readonly step: Trace['step']
  readonly came: Cause
  readonly cause: Cause
  readonly at_ms: number
  readonly pending: string[]
  readonly asks: string[]
  readonly timers: Trace['timers']
  readonly state: string
  readonly heard: string
  readonly effects: Trace['effects']

  constructor(
    { step, came, cause, at_ms }: Pick<Trace, 'step' | 'came' | 'cause' | 'at_ms'>,
    { pending, timers, state, heard, effects }: Decision,
  ) {
    this.step = step
    this.came = came
    this.cause = cause
    this.at_ms = at_ms
    this.pending = Object.keys(pending)
    this.asks = this.pending.map((ask) => pending[ask]!.type)
    this.timers = Object.keys(timers).map((timer) => ({ delay: timer.split('.')[2]!, due_ms: timers[timer]!.due_ms }))
    this.state = state
    this.heard = heard
    this.effects = effects
  }
  get sent(): string[] {
    return this.effects.map((effect) => sentLine(effect, thread))
  }
}

/** The same few moments come up on every path. */
function iso(at_ms: number): string {
  const known = moments.get(at_ms)
  if (known) return known
  const one = new Date(at_ms).toISOString()
  moments.set(at_ms, one)
  return one
}
const moments = new Map<number, string>()

const isOf = (timer: string, name: string): boolean => timer.startsWith(`xstate.after.${name}.`)

const answerTo = (to: Asked, { with: output, code }: { with?: object; code?: AskErrorCode }): Cause => ({
  kind: 'answer',
  ...to,
  ...(code ? { error: { code } } : { output: { ...defaultOutputs[to.type], ...output } }),
})

const usualTask = {
  variables: {},
  estimatedWaitSeconds: null,
  agentId,
  disposition: 'CD_NORMAL_END_TASK',
  cause: 'CD_TASK_TRANSFER',
}

export const defaultOutputs: Record<string, object> = {
  searchConversation: { outcome: 'noConversationFound', conversationId: '', agentId: '' },
  createConversation: { conversationId },
  createTask: { how: 'created' },
}

export const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const inner of Object.values(value)) frozen(inner)
  return Object.freeze(value)
}

function last<T>(list: readonly T[], is: (one: T) => boolean): T {
  const found = list.findLast(is)
  if (!found) throw new ImpossibleStep(`nothing of that name belongs to the past; there were: ${JSON.stringify(list)}`)
  return found
}
