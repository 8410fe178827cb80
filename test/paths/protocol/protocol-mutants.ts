/**
 * The promises of the runtime broken one at a time. Each is a mistake that somebody could make, and would hardly see.
 */
import { idempotencyKey, type TurnRecord } from '../../../runtime/record.ts'
import { original, type Protocol } from './protocol.ts'
import { actor, type Message } from './world.ts'

const kindOf = ({ cause }: Message): string => (cause.kind === 'event' ? cause.event.type : cause.kind)
const isBehind = (record: TurnRecord, { sequence }: Message): boolean => sequence <= record.input.sequence
const ofThisTurn = <Entry extends { generation: number }>(entries: Record<string, Entry>, turn: number) =>
  Object.fromEntries(Object.entries(entries).filter(([, { generation }]) => generation === turn))

/** What is done wrong → the pieces that differ from the original. */
const faults: Record<string, Partial<Protocol>> = {
  'acks first': { turn: ['ack', 'persist', 'arm'] },
  'acks before timers are armed': { turn: ['persist', 'ack', 'arm'] },
  'never arms timers': { turn: ['persist', 'ack'] },
  'performs before it persists': { turn: ['perform', 'persist', 'arm', 'ack'] },
  'does not arm again what it may have left unarmed': { again: ['ack'] },

  'no dedupe': { isSeen: () => false },
  'dedupe by position alone': { isSeen: isBehind },
  'dedupe by id alone': { isSeen: (record, { id }) => record.seen.includes(id) },
  'dedupe by type': {
    isSeen: (record, message) => isBehind(record, message) || record.seen.includes(kindOf(message)),
    remembers: (seen, message) => [...seen, kindOf(message)],
  },
  'remembers no ids': { remembers: () => [] },
  'remembers the last id alone': { remembers: (_seen, { id }) => [id] },

  'no fence': { mayAppend: () => true },
  'a fence one turn wide': { mayAppend: (read, last) => read >= last - 1 },
  'appends what was fenced': { whenFenced: 'append all the same' },
  'a new owner goes by what it knew': { cache: 'kept', whenStale: 'ack' },

  'timers without a generation': {
    hears: (cause, loaded) => {
      const armed = cause.kind === 'timer' ? loaded?.record.timers[cause.timer] : undefined
      return cause.kind === 'timer' && armed ? { ...cause, generation: armed.generation } : cause
    },
  },
  'answers not fenced by key': {
    hears: (cause, loaded) => {
      const waiting = cause.kind === 'answer' ? loaded?.record.pending[cause.ask] : undefined
      if (cause.kind !== 'answer' || !waiting) return cause
      return { ...cause, key: idempotencyKey(actor, waiting.revision ?? loaded!.revision, waiting.index) }
    },
  },
  'a success nobody waits for is left': { undoes: false },
  'an answer does not say to what': { answers: () => ({}) },

  'timers in memory': { timers: 'memory' },
  'a timer takes the place of a later one of its name': { timerName: (timer) => timer },
  'effects in memory': { outbox: 'memory' },
  'timers of earlier turns are forgotten': {
    keeps: (record) => ({ ...record, timers: ofThisTurn(record.timers, record.turn) }),
  },
  'cancelled timers are kept': {
    keeps: (record, prior) => ({ ...record, timers: { ...prior?.timers, ...record.timers } }),
  },
  'asks of earlier turns are forgotten': {
    keeps: (record) => ({
      ...record,
      pending: Object.fromEntries(Object.entries(record.pending).filter(([, { revision }]) => revision === undefined)),
    }),
  },
  'the snapshot is not stored with the turn': {
    keeps: (record, prior) => ({ ...record, snapshot: prior?.snapshot ?? record.snapshot }),
  },
  'effects are not stored with the turn': { keeps: (record) => ({ ...record, effects: [] }) },

  'a key for each attempt': {
    key: (revision, index, attempt) => `${original.key(revision, index, attempt)}.${attempt}`,
  },
  'a key for each turn': { key: (revision) => idempotencyKey(actor, revision, 0) },
  'a key without the turn': { key: (_revision, index) => idempotencyKey(actor, 0, index) },
  'ends an effect before it is performed': { effect: ['end', 'perform', 'answer'] },
  'ends an effect before its answer is stored': { effect: ['perform', 'end', 'answer'] },
  'never answers': { effect: ['perform', 'end'] },
  'tries once': { attempts_max: 1 },
  'sends the newest turn first': { sendsFirst: 'newest' },
}

export const protocolMutants: { name: string; protocol: Protocol }[] = Object.entries(faults).map(([name, fault]) => ({
  name,
  protocol: { ...original, ...fault },
}))
