/**
 * `/openapi.json`: every path of the gateway as OpenAPI 3.1, made of the shapes that its answers are tested against.
 * Pure; `test/openapi.test.ts` holds that it names every path there is, and no other.
 */
import { api_version, doorBodies } from './api-shapes.ts'
import { doorPaths } from './door-paths.ts'
import { chatPaths } from './openapi-chat.ts'
import {
  answer,
  inboundSecurity,
  inPath,
  inQuery,
  json,
  jsonSchema,
  later,
  type Operation,
  open,
  ref,
  refusal,
  schemas,
} from './openapi-parts.ts'
import { twilioPaths } from './openapi-twilio.ts'

type Door = keyof typeof doorBodies
type Method = 'get' | 'post' | 'put' | 'head' | 'delete'

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
    paths: {
      ...inboundPaths(),
      ...readingPaths(),
      ...chatPaths(),
      ...twilioPaths(),
      ...deskPath(),
      ...operationPaths(),
    },
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
        windowToken: { type: 'http', scheme: 'bearer', description: 'What `welcome` gave a chat window' },
        deskAgentToken: { type: 'http', scheme: 'bearer', description: 'The token of one agent of the embedded desk' },
        adminToken: { type: 'http', scheme: 'bearer', description: 'PARLEY_ADMIN_TOKEN, when it is set' },
        agentToken: { type: 'http', scheme: 'bearer', description: 'PARLEY_AGENT_TOKEN: reads conversations only' },
      },
    },
  }
}

const description =
  'Doors in for messages, webhooks and receipts, and reading. An event is answered 200 once it is stored; 200 with `unhandled` says that nothing handles it, and that it was set aside.'

const summaries: Record<Door, string> = {
  sms: 'A text of a customer, as Connect posts it',
  'live-chat': 'What a customer did in a chat window',
  email: 'A mail of a customer',
  'digital-routing': 'CREATED, QUEUED, ROUTED, TRANSFERRED, CLOSED',
  receipts: 'What became of a message that was sent',
}

function inboundPaths() {
  const responses = {
    200: answer('Stored, or stored before', ref('Accepted')),
    400: refusal('The body cannot be read; `errors` says where'),
    401: refusal('Credentials are missing or wrong'),
    413: refusal('Over the limit of this door'),
    415: refusal('Not JSON'),
    429: later('This customer writes too fast'),
    503: later('It could not be stored; send it again'),
  }
  const accepts = (name: string, summary: string, schema: object, parameters: object[] = []): Operation => ({
    summary,
    operationId: `accept-${name}`,
    ...(parameters.length === 0 ? {} : { parameters }),
    security: inboundSecurity,
    requestBody: { required: true, content: { 'application/json': { schema } } },
    responses,
  })
  const own = Object.entries(summaries).map(([name, summary]) => {
    const post = accepts(name, summary, jsonSchema(doorBodies[name as Door]))
    const head = { summary: 'Is it there?', operationId: `head-${name}`, responses: { 200: { description: 'Yes' } } }
    return [doorPaths[name as Door], { post, head }]
  })
  const machine = inPath('machine', 'the id of a machine that the program hosts')
  const hosted = accepts('event', 'An event of a machine that the program hosts', { type: 'object' }, machine)
  return { ...Object.fromEntries(own), '/v1/events/{machine}': { post: hosted } }
}

/** The embedded desk's own control doors, passed on: `adapters/desk/control.ts` lists them. */
function deskPath() {
  const inDesk = inPath('path', 'a control door of the embedded desk, such as `tasks`')
  const { get } = reads('read-desk', 'Queue, agents and tasks of the embedded desk', { type: 'object' }, inDesk)
  const does = (operationId: string, summary: string): Operation => ({ ...get, operationId, summary })
  const asAgent = (operationId: string, summary: string) => ({
    ...does(operationId, summary),
    security: [{ deskAgentToken: [] }],
  })
  return {
    '/desk/agent/{path}': {
      get: asAgent('read-as-agent', 'What an agent of the embedded desk sees'),
      post: asAgent('act-as-agent', 'What an agent of the embedded desk does'),
    },
    '/desk/{path}': {
      get,
      post: does('act-at-desk', 'Acts as an agent or a customer of the embedded desk'),
      put: does('set-at-desk', 'Changes a setting of the embedded desk'),
      delete: does('take-back-at-desk', 'Takes back a fault or a hold of the embedded desk'),
    },
  }
}

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
    '/v1/conversations/{id}/replay': replays(anyId),
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
    '/v1/machines/{id}/{version}/coverage': reads(
      'read-coverage',
      'How often generated paths and real turns went each way of a statechart',
      ref('Coverage'),
      ofMachine,
    ),
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

const replays = (anyId: object[]): { get: Operation } => {
  const version = { name: 'machine', in: 'query', description: 'its own when left out', schema: { type: 'string' } }
  const words = 'Its history decided again on a version of its machine, up to the first difference; nothing goes out'
  const { get } = reads('replay-conversation', words, ref('Replayed'), [...anyId, version])
  const gone = refusal('Its first turns are kept no longer, or its asset is not configured')
  return { get: { ...get, responses: { ...get.responses, 409: gone } } }
}

const ofMachine = [...inPath('id', 'of the machine'), ...inPath('version', 'of the machine')]

const draws = (): { get: Operation } => {
  const { get } = reads('draw-machine', 'The statechart of a machine as a picture', {}, ofMachine)
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
