/**
 * `/openapi.json` and `/asyncapi.json` are true: valid documents, every path there is and no other, and real answers have the
 * shapes they tell of.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv } from 'ajv'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ConversationEvent } from '../machines/events.ts'
import {
  Accepted,
  Asset,
  Conversation,
  ConversationPage,
  Coverage,
  DeadLetterRow,
  DeadLetterWhole,
  doorBodies,
  Machine,
  ProblemDocument,
  Ready,
  Replayed,
  Turn,
} from '../runtime/api-shapes.ts'
import { asyncApi } from '../runtime/asyncapi.ts'
import { openApi } from '../runtime/openapi.ts'
import { type Broker, startBroker } from './broker.ts'
import { type FarSides, farSides } from './far-sides.ts'
import { type Json, smsBody, startTestNode, type TestNode } from './node.ts'
import { sample, samplesIn } from './samples.ts'

describe('openapi.json', () => {
  test('is OpenAPI 3.1 by the schema of that standard', async () => {
    const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify(openApi())))
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined })
  })

  test('names every path that the gateway serves, and no other', () => {
    const served = [
      'runtime/gateway.ts',
      'runtime/door-paths.ts',
      'runtime/attachment-door.ts',
      'runtime/dead-letter-doors.ts',
      'runtime/feed-doors.ts',
      'runtime/machine-doors.ts',
      'runtime/privacy-doors.ts',
      'runtime/replay-door.ts',
      'runtime/desk-door.ts',
      'runtime/watch-doors.ts',
      'adapters/chat/chat-http.ts',
      'adapters/twilio/twilio-doors.ts',
      'adapters/connect/agents-texts-door.ts',
      'adapters/chat/chat-door.ts',
      'adapters/chat/widget-pages.ts',
    ].flatMap((file) => {
      const source = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8').replace(/^\/?\s*\*.*$/gm, '')
      return [
        ...source.matchAll(
          /['`](\/(?:v1|v2|desk|shop|widget|healthz|readyz|metrics|schema|openapi|asyncapi)[^'`\n]*)(?<!\/)['`]/g,
        ),
      ].map(([, path = '']) => path.replace(/:(\w+)|\$\{(\w+)\}/g, '{$1$2}').replace('*', '{path}'))
    })
    const told = Object.keys(openApi().paths)
    expect(told.sort()).toEqual([...new Set(served)].filter((path) => path !== '/v1/test/clock').sort())
  })

  test.each(
    (
      [
        ['sms', 'inbound', 'sms-'],
        ['live-chat', 'inbound', 'livechat-'],
        ['email', 'inbound', 'email-'],
        ['digital-routing', 'dr-webhooks', ''],
        ['receipts', 'outbound', 'receipt-'],
      ] as const
    ).flatMap(([door, folder, prefix]) => samplesIn(folder, prefix).map((path) => ({ door, path }))),
  )('the $door door takes $path', ({ door, path }) => {
    expect(doorBodies[door].safeParse(sample(path)).error).toBeUndefined()
  })
})

describe('asyncapi.json', () => {
  test('is AsyncAPI 3.0 by the schema of that standard', () => {
    const specs = createRequire(import.meta.url)('@asyncapi/specs') as { schemasWithoutId: Record<string, object> }
    const check = new Ajv({ strict: false, validateFormats: false }).compile(specs.schemasWithoutId['3.0.0']!)
    const isValid = check(JSON.parse(JSON.stringify(asyncApi())))
    expect(check.errors).toBeNull()
    expect(isValid).toBe(true)
  })

  test('has a door for each door, and the stored form of every event', () => {
    const { channels, components } = asyncApi() as Json
    expect(Object.keys(channels)).toEqual([...Object.keys(doorBodies).map((door) => `accept-${door}`), 'chat', 'turns'])
    const types = ConversationEvent.options.map(({ shape }) => `parley.${shape.type.value}`)
    expect(Object.keys(components.schemas)).toEqual(types)
  })
})

describe('real answers have the shapes of the document', () => {
  let broker: Broker
  let far: FarSides
  let node: TestNode
  let id: string
  let letter: string

  beforeAll(async () => {
    broker = await startBroker()
    far = await farSides()
    node = await startTestNode(broker, far.env)
    await node.text('hello')
    await node.ask('POST', '/v1/inbound/sms', { ...smsBody('hello'), da: '19995550100' })
    await node.advance(0)
    id = (await node.conversation()).id
    letter = (await node.deadLetters())[0]!.id
  })
  afterAll(async () => {
    await node.stop()
    await far.close()
    await broker.stop()
  })

  test.each<[path: () => string, shape: z.ZodType]>([
    [() => '/v1/conversations', ConversationPage],
    [() => `/v1/conversations/${id}`, Conversation],
    [() => `/v1/conversations/${id}/turns`, Turn.array().min(3)],
    [() => `/v1/conversations/${id}/replay`, Replayed.extend({ difference: z.null() })],
    [() => `/v1/conversations/${id}/replay?machine=0`, ProblemDocument],
    [() => '/v1/dead-letters', DeadLetterRow.array().length(1)],
    [() => `/v1/dead-letters/${letter}`, DeadLetterWhole],
    [() => '/v1/assets', z.strictObject({ items: Asset.array().min(3) })],
    [() => '/v1/machines', z.strictObject({ items: Machine.array().min(4) })],
    [() => '/v1/machines/sms/2/coverage', Coverage],
    [() => '/v1/machines/sms/0/coverage', ProblemDocument],
    [() => '/readyz?verbose', Ready],
    [() => '/v1/conversations/0000000000000000', ProblemDocument],
    [() => '/v1/conversations?limit=0', ProblemDocument],
    [() => '/v1/attachments/none', ProblemDocument],
  ])('GET %s', async (path, shape) => {
    expect(shape.safeParse((await node.ask('GET', path())).body).error).toBeUndefined()
  })

  test.each<[what: string, body: unknown, shape: z.ZodType]>([
    ['stored', smsBody('again'), Accepted],
    ['nobody’s', { ...smsBody('x'), da: '19995550100' }, Accepted],
    ['malformed', { da: '1' }, ProblemDocument],
  ])('POST of what is %s', async (_, body, shape) => {
    expect(shape.safeParse((await node.ask('POST', '/v1/inbound/sms', body)).body).error).toBeUndefined()
  })
})
