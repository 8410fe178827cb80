/**
 * activate: what a delivery means and whose it is; what was turned already, and what nobody can turn. The records are
 * values here; the same with a broker is told by the tests of whole nodes.
 */
import { describe, expect, test } from 'vitest'
import { definitions, latestDefinition } from '../machines/definitions.ts'
import { actorCache } from '../runtime/actor-cache.ts'
import { envelopeOf } from '../runtime/envelope.ts'
import type { Delivery } from '../runtime/owned-consumer.ts'
import type { Loaded, TurnRecord } from '../runtime/record.ts'
import { type Activation, activate, type Bindings, seenId } from '../runtime/stages/activate.ts'
import { actor, address, assetWith, at, drive, plainSay, toMenu } from './drive.ts'

const versions = { definitions, migrations: [] }
const bindings: Bindings = ({ asset }) =>
  asset === address.asset ? { machine: 'sms', asset: assetWith(), say: plainSay } : undefined

const text = (id: string) =>
  envelopeOf(actor, '/sms', { type: 'message.received', id, at: at(0), text: 'Hi', scan: 'clean' } as never, address)

const delivery = (content: unknown, position: { sequence?: number; time_ns?: string } = {}): Delivery => ({
  subject: `parley.inbox.3.${actor}`,
  data: typeof content === 'string' ? new TextEncoder().encode(content) : encoded(content),
  headers: undefined,
  sequence: 10,
  time_ns: '10000',
  deliveries: 1,
  ack: () => {},
  working: () => {},
  term: () => {},
  ...position,
})
const encoded = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))

/** A record of a conversation in the menu, whose last turn was of position 9 and remembers one event. */
function recordWith(more: Partial<TurnRecord> = {}): Loaded {
  const conversation = drive()
  conversation.play(...toMenu)
  const { record, revision } = conversation.loaded()!
  const kept = { format: 1, seen: [seenId(text('tid-1'))], input: { sequence: 9, time_ns: '9000' } } as const
  return { record: { ...record, ...kept, ...more } as TurnRecord, revision }
}

const activated = (what: Delivery, loaded: Loaded | undefined = recordWith()): Promise<Activation> =>
  activate(
    what,
    actorCache(async () => loaded, 4),
    bindings,
    versions,
  )

describe('A delivery', () => {
  test('E117: that is new is ready, on the version its record began with', async () => {
    expect(await activated(delivery(text('tid-2')))).toMatchObject({
      kind: 'ready',
      actor,
      address,
      definition: { id: 'sms', version: latestDefinition('sms')!.version },
    })
  })

  test('of a customer without a record founds one', async () => {
    const cache = actorCache(async () => undefined, 4)
    expect(await activate(delivery(text('tid-1')), cache, bindings, versions)).toMatchObject({
      kind: 'ready',
      loaded: undefined,
    })
  })

  const again: [what: string, delivery: Delivery][] = [
    ['A46, E2, E39: with an event id that was turned, however much later', delivery(text('tid-1'))],
    ['T1: at the position that was turned last', delivery(text('tid-2'), { sequence: 9, time_ns: '9000' })],
    ['T1: before it', delivery(text('tid-2'), { sequence: 4, time_ns: '4000' })],
  ]
  test.each(again)('%s: changes nothing', async (_, what) => {
    expect(await activated(what)).toMatchObject({ kind: 'seen', actor })
  })

  test('T9: at a position that was used before, but stored later, is new: the stream was restored', async () => {
    expect(await activated(delivery(text('tid-2'), { sequence: 4, time_ns: '20000' }))).toMatchObject({ kind: 'ready' })
  })
})

describe('T5: a delivery that nobody can turn is set aside with its reason', () => {
  const card = '4111 1111 1111 1111'
  const elsewhere = { ...address, asset: '19995550100' }
  const unknownMachine = { id: 'sms', version: '0', shape: '' }
  const aside: [what: string, delivery: Delivery, loaded: Loaded | undefined, as: string, reason: string][] = [
    ['no JSON', delivery(`{ ${card}`), recordWith(), 'unreadable', 'not JSON'],
    ['no CloudEvent', delivery({ hello: card }), recordWith(), 'unreadable', 'not a CloudEvent of version 1.0'],
    [
      'E8: an event nobody knows',
      delivery({ ...text('tid-2'), type: 'parley.message.sung' }),
      recordWith(),
      'unreadable',
      'not an event sms knows: type: invalid_union',
    ],
    [
      'a field of the wrong kind',
      delivery({ ...text('tid-2'), data: { text: 5, scan: 'clean' } }),
      recordWith(),
      'unreadable',
      'not an event sms knows: text: invalid_type',
    ],
    [
      'E10: an asset that is not configured',
      delivery(text('tid-2')),
      recordWith({ address: elsewhere }),
      'unhandled',
      'no sms asset 19995550100 is configured',
    ],
    [
      'T8: a record of a format to come',
      delivery(text('tid-2')),
      recordWith({ format: 2 as never }),
      'record',
      'the record has format 2, this build reads 1',
    ],
    [
      'T8, E117: a record of a machine that is gone',
      delivery(text('tid-2')),
      recordWith({ machine: unknownMachine }),
      'record',
      'this build has no machine sms version 0',
    ],
  ]
  test.each(aside)('%s', async (_, what, loaded, as, reason) => {
    const activation = await activated(what, loaded)
    expect(activation).toMatchObject({ kind: 'setAside', as, reason })
    if (as === 'unreadable') expect(JSON.stringify(activation)).not.toContain(card)
  })

  test('A41: a webhook for an actor that never was founds no conversation', async () => {
    const webhook = envelopeOf(actor, '/digital-routing', {
      type: 'task.created',
      id: 'w1',
      at: at(0),
      taskId: 't',
      variables: {},
    } as never)
    const cache = actorCache(async () => undefined, 4)
    expect(await activate(delivery(webhook), cache, bindings, versions)).toMatchObject({
      kind: 'setAside',
      as: 'unhandled',
    })
  })
})
