/**
 * The runtime's promises as pieces that can be exchanged one by one: in which order a turn is carried out, what counts as
 * seen, what fences it, what names an effect. The original is modelled on `runtime/stages`, and stricter in two pieces,
 * where the runtime lets an owner of the past do harm: `timerName` (settle arms under the timer's name alone) and
 * `whenStale` (the worker acks what its cache calls stale). Mutants are made of it.
 */
import type { Cause } from '../../../runtime/envelope.ts'
import { idempotencyKey, type Loaded, type TurnRecord } from '../../../runtime/record.ts'
import { actor, type Message } from './world.ts'

/** What a node does with one delivery after it has decided; a crash may come between any two. */
export type TurnStep = 'persist' | 'arm' | 'ack' | 'perform'
/** What it does with one effect, and last with its record. */
export type EffectStep = 'perform' | 'answer' | 'end'

export interface Protocol {
  turn: TurnStep[]
  /** The same for a delivery that was turned already, the last one or one before it. */
  again: TurnStep[]
  isSeen: (record: TurnRecord, message: Message) => boolean
  /** The seen list after this message. */
  remembers: (seen: string[], message: Message) => string[]
  /** What the machine is told. */
  hears: (cause: Cause, loaded: Loaded | undefined) => Cause
  /** What is stored of a decided turn. */
  keeps: (record: TurnRecord, prior: TurnRecord | undefined) => TurnRecord
  /** Whether a turn may be appended that was decided on `read` when the last one is `last`. */
  mayAppend: (read: number, last: number) => boolean
  whenFenced: 'decide again' | 'append all the same'
  /** What is done with an answer or a timer that means nothing by what the node remembers. */
  whenStale: 'look again' | 'ack'
  effect: EffectStep[]
  key: (revision: number, index: number, attempt: number) => string
  /** Where what is not yet sent is found after a crash. */
  outbox: 'stream' | 'memory'
  timers: 'broker' | 'memory'
  /** What a timer stands under at the broker; one under a name that is there already takes its place. */
  timerName: (timer: string, generation: number) => string
  /** What a new owner goes by. */
  cache: 'dropped' | 'kept'
  /** What an answer says besides its output. */
  answers: (input: object) => { input?: object }
  /** The attempt that is the last. */
  attempts_max: number
  /** Of the turns whose effects have not ended. */
  sendsFirst: 'oldest' | 'newest'
  /** Whether a success that nobody waits for any more is undone (T10). */
  undoes: boolean
}

export const seen_max = 8

export const original: Protocol = {
  turn: ['persist', 'arm', 'ack'],
  again: ['arm', 'ack'],
  isSeen: (record, message) => message.sequence <= record.input.sequence || record.seen.includes(message.id),
  remembers: (seen, { id, cause }) => (cause.kind === 'event' ? [...seen, id].slice(-seen_max) : seen),
  hears: (cause) => cause,
  keeps: (record) => record,
  mayAppend: (read, last) => read === last,
  whenFenced: 'decide again',
  whenStale: 'look again',
  effect: ['perform', 'answer', 'end'],
  key: (revision, index) => idempotencyKey(actor, revision, index),
  outbox: 'stream',
  timers: 'broker',
  timerName: (timer, generation) => `${timer}#${generation}`,
  cache: 'dropped',
  answers: (input) => ({ input }),
  attempts_max: Number.POSITIVE_INFINITY,
  sendsFirst: 'oldest',
  undoes: true,
}
