/**
 * `/openapi.json`: every path of the gateway as OpenAPI 3.1, made of the shapes that its answers are tested against.
 * Pure; `test/openapi.test.ts` holds that it names every path there is, and no other.
 */
import { z } from 'zod'
import {
  Accepted,
  Asset,
  AuditRow,
  api_version,
  Conversation,
  ConversationPage,
  CustomerQueryBody,
  DeadLetterDone,
  DeadLetterRow,
  DeadLetterWhole,
  Dumped,
  doorBodies,
  Erased,
  ListNews,
  Machine,
  ProblemDocument,
  Ready,
  Turn,
} from './api-shapes.ts'
import { NodeState } from './node-state.ts'

type Door = keyof typeof doorBodies
type Method = 'get' | 'post' | 'head' | 'delete'

export interface Operation {
  summary: string
  operationId: string
  parameters?: object[]
  requestBody?: object
  responses: Record<string, object>
  security?: object[]
}

export interface OpenApi {
  openapi: string
  info: object
  paths: Record<string, Partial<Record<Method, Operation>>>
  components: { schemas: Record<string, object>; securitySchemes: object }
}

export function openApi(): OpenApi {
  return {
    openapi: '3.1.0',
    info: { title: 'Parley', version: api_version, license: { name: 'MIT', identifier: 'MIT' }, description },
    paths: { ...doorPaths(), ...readingPaths(), ...chatPaths(), ...twilioPaths(), ...operationPaths() },
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).map(([name, shape]) => [name, jsonSchema(shape)])),
      securitySchemes: {
        inboundToken: { type: 'http', scheme: 'bearer', description: 'PARLEY_INBOUND_TOKEN, when it is set' },
        inboundSignature: {
          type: 'apiKey',
          in: 'header',
          name: 'x-hub-signature',
          description: 'sha256=<hex of HMAC-SHA256 over the raw body>, when PARLEY_INBOUND_HMAC_SECRET is set',
        },
        standardWebhook: {
          type: 'apiKey',
          in: 'header',
          name: 'webhook-signature',
          description: 'Standard Webhooks 1.0, when PARLEY_INBOUND_WEBHOOK_SECRETS is set; one signature is enough',
        },
        twilioSignature: {
          type: 'apiKey',
          in: 'header',
          name: 'x-twilio-signature',
          description: 'as Twilio signs, when TWILIO_AUTH_TOKEN is set; what the other doors ask for otherwise',
        },
        adminToken: { type: 'http', scheme: 'bearer', description: 'PARLEY_ADMIN_TOKEN, when it is set' },
        agentToken: { type: 'http', scheme: 'bearer', description: 'PARLEY_AGENT_TOKEN: reads conversations only' },
      },
    },
  }
}

const description =
  'Doors in for messages, webhooks and receipts, and reading. An event is answered 200 once it is stored; 200 with `unhandled` says that nothing handles it, and that it was set aside.'

const schemas = {
  Accepted,
  Problem: ProblemDocument,
  Conversation,
  ConversationPage,
  Turn,
  ListNews,
  Asset,
  Machine,
  DeadLetter: DeadLetterRow,
  DeadLetterWhole,
  DeadLetterDone,
  Node: NodeState,
  Ready,
  CustomerQuery: CustomerQueryBody,
  Erased,
  Dumped,
  AuditEntry: AuditRow,
}

function jsonSchema(shape: z.ZodType): object {
  const { $schema: _known, ...schema } = z.toJSONSchema(shape)
  return schema
}

const ref = (name: keyof typeof schemas) => ({ $ref: `#/components/schemas/${name}` })
const answer = (what: string, schema: object) => ({ description: what, content: { 'application/json': { schema } } })
const refusal = (what: string) => ({
  description: what,
  content: { 'application/problem+json': { schema: ref('Problem') } },
})
const later = (what: string) => ({
  ...refusal(what),
  headers: { 'Retry-After': { schema: { type: 'integer' }, description: 'seconds' } },
})

const doors: Record<Door, { path: string; summary: string }> = {
  sms: { path: '/v1/inbound/sms', summary: 'A text of a customer, as Connect posts it' },
  'live-chat': { path: '/v1/inbound/live-chat', summary: 'What a customer did in a chat window' },
  email: { path: '/v1/inbound/email', summary: 'A mail of a customer' },
  'digital-routing': { path: '/v1/webhooks/digital-routing', summary: 'CREATED, QUEUED, ROUTED, TRANSFERRED, CLOSED' },
  receipts: { path: '/v1/receipts', summary: 'What became of a message that was sent' },
}

function doorPaths() {
  const responses = {
    200: answer('Stored, or stored before', ref('Accepted')),
    400: refusal('The body cannot be read; `errors` says where'),
    401: refusal('Credentials are missing or wrong'),
    413: refusal('Over the limit of this door'),
    415: refusal('Not JSON'),
    429: later('This customer writes too fast'),
    503: later('It could not be stored; send it again'),
  }
  return Object.fromEntries(
    Object.entries(doors).map(([name, { path, summary }]) => {
      const schema = jsonSchema(doorBodies[name as Door])
      const post: Operation = {
        summary,
        operationId: `accept-${name}`,
        security: [{}, { inboundToken: [], inboundSignature: [] }, { inboundToken: [], standardWebhook: [] }],
        requestBody: { required: true, content: { 'application/json': { schema } } },
        responses,
      }
      const head = { summary: 'Is it there?', operationId: `head-${name}`, responses: { 200: { description: 'Yes' } } }
      return [path, { post, head }]
    }),
  )
}

const inPath = (name: string, what: string) => [
  { name, in: 'path', required: true, description: what, schema: { type: 'string' } },
]
const inQuery = (names: string[]) => names.map((name) => ({ name, in: 'query', schema: { type: 'string' } }))

const reads = (
  operationId: string,
  summary: string,
  schema: object,
  parameters: object[] = [],
): { get: Operation } => ({
  get: {
    operationId,
    summary,
    parameters,
    security: [{}, { adminToken: [] }],
    responses: {
      200: answer('Found', schema),
      400: refusal('The request cannot be read'),
      401: refusal('The admin token is missing or wrong'),
      404: refusal('There is no such thing'),
    },
  },
})

function readingPaths() {
  const anyId = inPath('id', 'actor id, conversation id of Engage, or task id')
  const filters = inQuery(['state', 'channel', 'asset', 'customer', 'limit', 'cursor'])
  return {
    '/v1/conversations': reads('list-conversations', 'Conversations, a page', ref('ConversationPage'), filters),
    '/v1/conversations/{id}': reads('read-conversation', 'One conversation', ref('Conversation'), anyId),
    '/v1/conversations/{id}/turns': reads(
      'read-turns',
      'Its history, turn by turn',
      { type: 'array', items: ref('Turn') },
      anyId,
    ),
    '/v1/conversations/{id}/turns/{revision}': reads(
      'read-conversation-then',
      'The conversation as it stood after one of its turns',
      ref('Conversation'),
      [...anyId, ...inPath('revision', 'of the turn')],
    ),
    '/v1/feed': follows('follow-conversations', 'What changes of all conversations: `changed` has', ref('ListNews')),
    '/v1/conversations/{id}/feed': follows(
      'follow-conversation',
      'Turns of one conversation as they are committed, and what becomes of their effects (`effects`); `turn` has',
      ref('Turn'),
      anyId,
    ),
    '/v1/assets': reads('list-assets', 'What customers can reach, and the machine of each', {
      type: 'object',
      properties: { items: { type: 'array', items: ref('Asset') } },
    }),
    '/v1/machines': reads('list-machines', 'The machines this build can run, with their charts and XState configs', {
      type: 'object',
      properties: { items: { type: 'array', items: ref('Machine') } },
    }),
    '/v1/machines/{id}/{version}/drawing': draws(),
    '/v1/nodes': reads('list-nodes', 'The nodes that live, and the partitions of each', {
      type: 'object',
      properties: { items: { type: 'array', items: ref('Node') } },
    }),
    '/v1/dead-letters': reads(
      'list-dead-letters',
      'What was set aside, oldest first, a page',
      { type: 'array', items: ref('DeadLetter') },
      inQuery(['after']),
    ),
    '/v1/dead-letters/{id}': {
      ...reads('read-dead-letter', 'One of them, with what was set aside', ref('DeadLetterWhole'), letterId),
      delete: acts('drop-dead-letter', 'Gives it up'),
    },
    '/v1/audit': reads(
      'read-audit',
      'Who read or did what, oldest first, a page',
      { type: 'array', items: ref('AuditEntry') },
      inQuery(['after']),
    ),
    '/v1/privacy/erase': {
      post: ofCustomer('erase-customer', 'Ends what is open of a customer, and deletes all that is stored', 'Erased'),
    },
    '/v1/privacy/dump': { post: ofCustomer('dump-customer', 'All that is stored of a customer', 'Dumped') },
    '/v1/dead-letters/{id}/retry': { post: acts('retry-dead-letter', 'Sends it again, once however often asked') },
  }
}

/** Server-sent events: `open` first, then what changes. */
const follows = (operationId: string, what: string, schema: object, parameters: object[] = []): { get: Operation } => {
  const { get } = reads(operationId, `${what} this shape as its data`, schema, parameters)
  const stream = { description: 'A feed', content: { 'text/event-stream': { schema } } }
  const full = later('This node has too many followers')
  return { get: { ...get, responses: { ...get.responses, 200: stream, 503: full } } }
}

const draws = (): { get: Operation } => {
  const parameters = [...inPath('id', 'of the machine'), ...inPath('version', 'of the machine')]
  const { get } = reads('draw-machine', 'The statechart of a machine as a picture', {}, parameters)
  const picture = { description: 'SVG', content: { 'image/svg+xml': { schema: { type: 'string' } } } }
  return { get: { ...get, responses: { ...get.responses, 200: picture } } }
}

const letterId = inPath('id', 'of the dead letter')
const acts = (operationId: string, summary: string): Operation => ({
  operationId,
  summary,
  parameters: letterId,
  security: [{}, { adminToken: [] }],
  responses: {
    200: answer('Done', ref('DeadLetterDone')),
    401: refusal('The admin token is missing or wrong'),
    404: refusal('There is no such dead letter'),
    409: refusal('It cannot be sent again, and why'),
  },
})

const ofCustomer = (operationId: string, summary: string, name: 'Erased' | 'Dumped'): Operation => ({
  operationId,
  summary,
  security: [{}, { adminToken: [] }],
  requestBody: { required: true, content: { 'application/json': { schema: ref('CustomerQuery') } } },
  responses: {
    200: answer('Done', ref(name)),
    400: refusal('The body cannot be read'),
    401: refusal('The admin token is missing or wrong'),
    403: refusal('The token is that of an agent'),
  },
})

const open = (
  operationId: string,
  summary: string,
  content: object,
  parameters: object[] = [],
): { get: Operation } => ({
  get: { operationId, summary, parameters, responses: { 200: { description: 'Yes', content } } },
})
const json = (schema: object) => ({ 'application/json': { schema } })

function chatPaths() {
  const bearer = { name: 'authorization', in: 'header', required: true, schema: { type: 'string' } }
  const file = inQuery(['app', 'id', 'name']).map((parameter) => ({ ...parameter, required: true }))
  const bytes = { required: true, content: { '*/*': { schema: { type: 'string', format: 'binary' } } } }
  const object = json({ type: 'object' })
  const post = (operation: Omit<Operation, 'responses'>, more: object): { post: Operation } => ({
    post: {
      ...operation,
      responses: {
        200: { description: 'Stored', content: object },
        400: refusal('The request cannot be read'),
        401: refusal('Credentials are missing or wrong'),
        ...more,
      },
    },
  })
  return {
    '/v1/chat/files': post(
      {
        operationId: 'send-chat-file',
        summary: 'A file of a customer, with the token of its chat window; the window itself is in /asyncapi.json',
        parameters: [...file, bearer],
        requestBody: bytes,
      },
      {
        409: refusal('The chat has ended'),
        413: refusal('Over 25 MB'),
        429: later('This customer writes too fast'),
        503: later('It could not be stored; send it again'),
      },
    ),
    '/v1/messages': post(
      {
        operationId: 'say-in-chat',
        summary: 'A message to a thread of our own chat door, as Connect takes it (version 1)',
        security: [{}, { inboundToken: [], inboundSignature: [] }],
        requestBody: { required: true, content: object },
      },
      { 415: refusal('Not JSON') },
    ),
  }
}

/** In Twilio's words: forms in, TwiML out. */
function twilioPaths() {
  const door = (name: string, summary: string, fields: string[], parameters: object[]) => {
    const properties = Object.fromEntries(fields.map((field) => [field, { type: 'string' }]))
    const schema = { type: 'object', properties, required: fields.slice(0, 2) }
    const post: Operation = {
      operationId: `accept-${name}`,
      summary,
      parameters,
      security: [{}, { twilioSignature: [] }],
      requestBody: { required: true, content: { 'application/x-www-form-urlencoded': { schema } } },
      responses: {
        200: { description: 'Stored, or stored before', content: { 'text/xml': { schema: { type: 'string' } } } },
        400: refusal('The form cannot be read'),
        401: refusal('The signature is missing or wrong'),
        413: refusal('Over the limit of this door'),
        415: refusal('Not a form'),
        429: later('This customer writes too fast'),
        503: later('It could not be stored; send it again'),
      },
    }
    return {
      post,
      head: { summary: 'Is it there?', operationId: `head-${name}`, responses: { 200: { description: 'Yes' } } },
    }
  }
  const text = ['MessageSid', 'From', 'To', 'Body', 'NumMedia', 'MediaUrl0', 'MediaContentType0']
  const receipt = ['MessageSid', 'MessageStatus', 'ErrorCode']
  return {
    '/v1/inbound/twilio': door('twilio-text', 'A text of a customer, as Twilio posts it', text, []),
    '/v1/receipts/twilio': door(
      'twilio-receipt',
      'What became of a text that Twilio was given',
      receipt,
      inQuery(['actor', 'correlation']),
    ),
  }
}

function operationPaths() {
  const file = { '*/*': { schema: { type: 'string', format: 'binary' } } }
  const id = inPath('id', 'of the file, as events and transcripts name it')
  const attachment = open('read-attachment', 'A clean file of a customer', file, id)
  const readyz = open('readyz', 'May it be sent traffic?', json(ref('Ready')), inQuery(['verbose']))
  return {
    '/v1/attachments/{id}': {
      get: { ...attachment.get, responses: { ...attachment.get.responses, 404: refusal('No such file') } },
    },
    '/healthz': open('healthz', 'Is the process alive?', json({ type: 'object' })),
    '/readyz': {
      get: { ...readyz.get, responses: { ...readyz.get.responses, 503: answer('No, and why', ref('Ready')) } },
    },
    '/metrics': open('metrics', 'For Prometheus', { 'text/plain': { schema: { type: 'string' } } }),
    '/schema/config.json': open('config-schema', 'The JSON Schema of the configuration', json({ type: 'object' })),
    '/openapi.json': open('openapi', 'This document', json({ type: 'object' })),
    '/asyncapi.json': open('asyncapi', 'The NATS doors and the stored events', json({ type: 'object' })),
  }
}
