/**
 * Which flow runs for which asset: the table of the eleven, what may not be configured, and what becomes of events that
 * match nothing (DE1-DE5, G6, G7, E8, E10, E11, A40, A41).
 */
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { definitions } from '../machines/definitions.ts'
import { flows, flowsOf } from '../machines/flows.ts'
import { sms as machine } from '../machines/sms.ts'
import { type FlowBinding, flowBindings } from '../runtime/bindings.ts'
import { loadConfig } from '../runtime/config.ts'
import { ConfigError, type Problem } from '../runtime/config-error.ts'
import { defaultConfig } from '../runtime/default-config.ts'
import type { Finding } from '../runtime/doctor/finding.ts'
import type { UnhandledCount } from '../runtime/unhandled-counts.ts'
import { flowStems } from './architecture.ts'
import { type Broker, startBroker } from './broker.ts'
import { parley } from './command-line.ts'
import { type FarSides, farSides } from './far-sides.ts'
import { customer, type Json, smsBody, startTestNode, type TestNode } from './node.ts'
import { sample } from './samples.ts'

const [sms, chat, email] = defaultConfig.assets as [Json, Json, Json]
const configured = (...assets: Json[]) =>
  loadConfig({ env: {}, cwd: tmpdir(), readFile: () => JSON.stringify({ assets }) }).assets
const webhookFlows = ['CREATED', 'QUEUED', 'ROUTED', 'TRANSFERRED']

describe('the table of flows', () => {
  test('G1: has the eleven, by the stems of their files', () => {
    expect(flows.map(({ stem }) => stem).sort()).toEqual([...flowStems].sort())
    for (const { name, stem } of flows) expect(name.toLowerCase().replaceAll('_', '-')).toBe(stem)
  })

  test.each(definitions)(
    'DE4: every event that $id hears is heard by exactly one of its flows, whose file is there',
    ({ id, machine }) => {
      const heard = flowsOf(id).flatMap(({ hears }) => hears)
      const fromOutside = machine.events.filter((type) => !/^xstate\.|^effect\.failed$/.test(type))
      expect([...heard].sort()).toEqual([...fromOutside].sort())
      for (const { stem } of flowsOf(id)) {
        expect(existsSync(join(import.meta.dirname, `../machines/flows/${stem}.ts`))).toBe(true)
      }
    },
  )

  test('G7: the webhook flows run in every machine, and of the two CLOSED flows one', () => {
    for (const machine of new Set(flows.flatMap(({ machines }) => machines))) {
      const names = flowsOf(machine).map(({ name }) => name)
      expect(names).toEqual(expect.arrayContaining(webhookFlows))
      expect(names.filter((name) => name.startsWith('CLOSED'))).toHaveLength(1)
      expect(flowsOf(machine).filter(({ hears }) => hears.includes('message.received'))).toHaveLength(1)
    }
  })

  test('a machine of somebody else has no flows of ours', () => expect(flowsOf('pizza')).toEqual([]))
})

describe('the bindings of a configuration', () => {
  /** `channel asset event`, for every event that a binding hears. */
  const placesOf = (bindings: FlowBinding[]) =>
    bindings.flatMap(({ channel, asset, hears }) => hears.map((event) => `${channel} ${asset} ${event}`))

  test('EM2, DE1, DE3, DE4: without a file each channel has one asset, and each of its events sets off one flow', () => {
    const bindings = flowBindings(configured(sms, chat, email))
    expect(new Set(placesOf(bindings)).size).toBe(placesOf(bindings).length)
    expect(new Set(bindings.map(({ channel, asset }) => `${channel} ${asset}`))).toEqual(
      new Set(['sms 14155550100', 'live-chat SD12345650', 'email a_637512345678901234']),
    )
  })

  test('DE2, DE4: two assets of one channel, each with another machine, are told apart by their ids', () => {
    const plain = { ...chat, id: 'SD2', machine: 'live-chat' }
    const bindings = flowBindings(configured(chat, plain))
    expect(new Set(placesOf(bindings)).size).toBe(placesOf(bindings).length)
    const closing = bindings.filter(({ hears }) => hears.includes('task.closed'))
    expect(closing.map(({ flow, asset }) => [flow, asset])).toEqual([
      ['CLOSED_Webhook_for_Web_Callback', 'SD12345650'],
      ['CLOSED', 'SD2'],
    ])
  })

  test('G6: a channel that is not configured has no binding, and the others keep theirs', () => {
    expect(flowBindings(configured(sms))).toEqual(flowBindings(configured(sms, chat, email)).slice(0, 6))
  })

  test('DE5: an id is bound in the one form in which events name it', () => {
    const [first] = flowBindings(configured({ ...sms, id: '+14155550100' }))
    expect(first).toMatchObject({ flow: 'SMS_Inbound', channel: 'sms', asset: '14155550100' })
  })
})

describe('E11, DE4: a start is refused when one event could set off two flows', () => {
  const twice = (count: number) => `its ${count} flows would answer every event twice`
  const refused: [what: string, assets: Json[], problem: Problem][] = [
    [
      'one number for two assets, with a plus and without',
      [sms, chat, { ...sms, id: '+14155550100' }],
      {
        path: 'assets.2.id',
        expected: 'an id that no other sms asset has',
        found: '"+14155550100", the id of assets.0',
        hint: twice(6),
      },
    ],
    [
      'two inbound flows and both CLOSED flows on one chat',
      [chat, { ...chat, machine: 'live-chat' }],
      {
        path: 'assets.1.id',
        expected: 'an id that no other live-chat asset has',
        found: '"SD12345650", the id of assets.0',
        hint:
          'Live_Chat_Inbound_With_Web_Callback and Live_Chat_Inbound would both answer message.received, form.submitted; ' +
          'CLOSED_Webhook_for_Web_Callback and CLOSED would both answer task.closed',
      },
    ],
    [
      'ids of chats that differ in case only',
      [chat, { ...chat, id: 'sd12345650' }],
      {
        path: 'assets.1.id',
        expected: 'an id that no other live-chat asset has',
        found: '"sd12345650", the id of assets.0',
        hint: twice(7),
      },
    ],
    [
      'one mailbox under two ids',
      [email, { ...email, id: 'a_2', address: 'Support@Corp.Example' }],
      {
        path: 'assets.1.address',
        expected: 'an address that no other asset has',
        found: '"Support@Corp.Example", the address of assets.0',
        hint: twice(6),
      },
    ],
  ]
  test.each(refused)('%s', (_, assets, problem) => {
    let thrown: unknown
    try {
      configured(...assets)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(ConfigError)
    expect((thrown as ConfigError).problems).toEqual([problem])
  })

  test('one id in two channels is no clash: an event is of one channel', () => {
    expect(flowBindings(configured(sms, { ...chat, id: '14155550100' }))).toHaveLength(13)
  })
})

describe('on a node', () => {
  let broker: Broker
  let far: FarSides
  let node: TestNode
  const second = { ...sms, id: '14155550101' }
  beforeAll(async () => {
    broker = await startBroker()
    far = await farSides()
    node = await startTestNode(broker, { ...far.env, PARLEY_ASSETS: JSON.stringify([sms, second, chat]) })
  })
  afterAll(async () => {
    await node.stop()
    await far.close()
    await broker.stop()
  })

  const webhook = (change: Json = {}, task: Json = {}) => {
    const body = sample<{ task: Json }>('dr-webhooks/queued-sms-ewt-180.json')
    return { ...body, eventId: randomUUID(), ...change, task: { ...body.task, variables: [], ...task } }
  }
  const at = async (asset: string) => {
    const query = new URLSearchParams({ channel: 'sms', asset, customer })
    return (await node.ask('GET', `/v1/conversations?${query}`)).body.items[0]
  }

  test('DE2, DE4, E3: a webhook runs for the asset its task came from, and for no other asset of the same customer', async () => {
    for (const text of ['Hi', '1']) {
      for (const da of [sms.id, second.id]) {
        expect((await node.ask('POST', '/v1/inbound/sms', { ...smsBody(text), da })).status).toBe(200)
        await node.advance(0)
      }
    }
    const before = await at(second.id)
    const { taskId } = await at(sms.id)
    const told = webhook({ eventType: 'QUEUED' }, { taskId, destination: sms.id, origin: customer })
    expect((await node.ask('POST', '/v1/webhooks/digital-routing', told)).body).toMatchObject({ duplicate: false })
    await node.advance(0)
    expect((await at(sms.id)).state).toBe('inQueue.queued')
    expect(await at(second.id)).toEqual(before)
    expect(before.state).toBe('inQueue.created')
  })

  /** Of each kind of event that matches nothing: where it comes in, and as what it is counted. */
  const nobodys: { what: string; door: UnhandledCount['door']; path: string; body: () => Json; counted: string }[] = [
    {
      what: 'E10: an unknown asset',
      door: 'sms',
      path: '/v1/inbound/sms',
      body: () => ({ ...smsBody('Hi'), da: '19995550000' }),
      counted: 'no such asset is configured',
    },
    {
      what: 'E10, DE2: a task of an asset without binding',
      door: 'digital-routing',
      path: '/v1/webhooks/digital-routing',
      body: () => webhook({}, { destination: '19995550000' }),
      counted: 'the task names an asset that is not configured',
    },
    {
      what: 'A40, A41: an unknown task, without a media resource id too',
      door: 'digital-routing',
      path: '/v1/webhooks/digital-routing',
      body: () => webhook({}, { destination: sms.id, taskId: randomUUID() }),
      counted: 'no conversation here has this task',
    },
    {
      what: 'E8: an unknown event type',
      door: 'digital-routing',
      path: '/v1/webhooks/digital-routing',
      body: () => webhook({ eventType: 'EXPLODED' }, { destination: sms.id }),
      counted: 'unknown eventType',
    },
    {
      what: 'a receipt of nobody',
      door: 'receipts',
      path: '/v1/receipts',
      body: () => sample('outbound/receipt-delivered.json'),
      counted: 'a receipt for a message no conversation here has sent',
    },
  ]
  const counts = async (): Promise<UnhandledCount[]> => (await node.ask('GET', '/readyz?verbose')).body.unhandled

  test.each(nobodys)(
    '$what: 200, counted, set aside as unhandled, nothing else',
    async ({ door, path, body, counted }) => {
      const before = (await counts()).find((one) => one.door === door && one.reason === counted)?.count ?? 0
      const [letters, requests] = [await node.deadLetters(), far.requests.length]
      const conversations = (await node.ask('GET', '/v1/conversations')).body
      const { status, body: said } = await node.ask('POST', path, body())
      await node.advance(0)

      expect([status, said.unhandled]).toEqual([200, expect.any(String)])
      expect(await counts()).toContainEqual({ door, reason: counted, count: before + 1 })
      const [letter] = (await node.deadLetters()).slice(letters.length)
      expect(letter).toMatchObject({ kind: 'unhandled', reason: said.unhandled })
      expect(far.requests.length).toBe(requests)
      expect((await node.ask('GET', '/v1/conversations')).body).toEqual(conversations)
    },
  )

  test('parley dead-letters ls shows each of them, and show what was set aside', async () => {
    const { stdout, code } = await parley(['dead-letters', 'ls'], { PARLEY_URL: node.url })
    expect(code).toBe(0)
    const letters = await node.deadLetters()
    for (const { id, reason } of letters) expect(stdout).toMatch(new RegExp(`^${id} +unhandled .* ${reason}$`, 'm'))
    expect(letters).toHaveLength(nobodys.length)

    const shown = await parley(['dead-letters', 'show', letters[0]!.id, '--json'], { PARLEY_URL: node.url })
    expect(JSON.parse(shown.stdout)).toEqual({
      ...letters[0],
      content: { door: 'sms', body: expect.objectContaining({ da: '19995550000' }) },
    })
  })

  test("parley doctor lists which flow answers for which asset, and how much was nobody's", async () => {
    const assets = JSON.stringify([sms, second, chat, email])
    const env = { PARLEY_URL: node.url, PARLEY_DATA_DIR: broker.dir, PARLEY_ASSETS: assets }
    const { stdout } = await parley(['doctor', '--json'], env)
    const { checks, bindings } = JSON.parse(stdout) as { checks: Finding[]; bindings: FlowBinding[] }
    const served = configured(sms, second, chat, email).filter(({ machine }) =>
      definitions.some(({ id }) => id === machine),
    )
    expect(bindings).toEqual(flowBindings(served))
    const found = Object.fromEntries(checks.map((check) => [check.check, check.found]))
    expect(found['asset 14155550101']).toBe(
      `sms, machine sms version ${machine.version}: SMS_Inbound, CREATED, QUEUED, ROUTED, TRANSFERRED, CLOSED`,
    )
    expect(found['asset SD12345650']).toMatch(
      /: Live_Chat_Inbound_With_Web_Callback, Live_Chat_Customer_Abandon_Close, /,
    )
    for (const { door, reason, count } of await counts()) {
      expect(found['events of nobody']).toContain(`${door} ${count}: ${reason}`)
    }
  })
})
