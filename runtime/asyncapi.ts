/**
 * `/asyncapi.json`: what Parley speaks over NATS and over WebSockets, as AsyncAPI 3: the doors for producers (request and
 * reply), the stored events and committed turns that readers may follow (CONTRACTS section 6), and the chat door's frames. Pure; made of the schemas that check events.
 */
import { z } from 'zod'
import { closeCodes, FromWindow, ToWindow } from '../adapters/chat-messages.ts'
import { ConversationEvent } from '../machines/events.ts'
import { Accepted, api_version, doorBodies, ProblemDocument } from './api-shapes.ts'

export function asyncApi(): object {
  const doors = Object.entries(doorBodies)
  return {
    asyncapi: '3.0.0',
    info: { title: 'Parley', version: api_version, license: { name: 'MIT' }, description },
    defaultContentType: 'application/json',
    channels: {
      ...Object.fromEntries(doors.map(([name]) => [`accept-${name}`, doorChannel(name)])),
      chat: chatChannel,
      turns: {
        address: 'parley.turns.{partition}.{actor}',
        description: 'One message a committed turn: the event as it was turned, the state after it, what it asked for',
        parameters: { partition: {}, actor: { description: '16 hex characters, nothing of the customer' } },
        messages: { turn: { payload: { type: 'object' } } },
      },
    },
    operations: Object.fromEntries([
      ...doors.map(([name]) => [`accept-${name}`, doorOperation(name)]),
      [
        'chat-hears',
        { action: 'receive', channel: { $ref: '#/channels/chat' }, messages: chatMessages('from', FromWindow) },
      ],
      ['chat-says', { action: 'send', channel: { $ref: '#/channels/chat' }, messages: chatMessages('to', ToWindow) }],
      ['follow-turns', { action: 'send', channel: { $ref: '#/channels/turns' } }],
    ]),
    components: {
      messages: {
        ...Object.fromEntries(doors.map(([name, body]) => [`body-${name}`, { payload: jsonSchema(body) }])),
        answer: { payload: { oneOf: [jsonSchema(Accepted), jsonSchema(ProblemDocument)] } },
      },
      schemas: Object.fromEntries(ConversationEvent.options.map((event) => [typeOf(event), cloudEvent(event)])),
    },
  }
}

const description =
  'Producers ask on `parley.accept.<door>` and get the answer that HTTP would give; events are stored as CloudEvents 1.0 (structured JSON).'

type Frames = typeof FromWindow | typeof ToWindow
const frameName = (way: 'from' | 'to', frame: Frames['options'][number]) => `${way}-window-${frame.shape.type.value}`
const framesOf = (way: 'from' | 'to', frames: Frames) =>
  frames.options.map((frame) => [frameName(way, frame), { payload: jsonSchema(frame) }] as const)
const chatMessages = (way: 'from' | 'to', frames: Frames) =>
  frames.options.map((frame) => ({ $ref: `#/channels/chat/messages/${frameName(way, frame)}` }))

const codes = Object.entries(closeCodes)
  .map(([why, code]) => `${code} ${why}`)
  .join(', ')
const chatChannel = {
  address: '/v1/chat?app={app}',
  title: 'One chat window on a WebSocket of the gateway',
  description: `One JSON object a frame. Whoever sends the next one once the last is stored or refused keeps its order over every break. Close codes: ${codes}.`,
  parameters: { app: { description: 'The id of a live chat asset' } },
  messages: Object.fromEntries([...framesOf('from', FromWindow), ...framesOf('to', ToWindow)]),
}

const doorChannel = (name: string) => ({
  address: `parley.accept.${name}`,
  messages: {
    body: { $ref: `#/components/messages/body-${name}` },
    answer: { $ref: '#/components/messages/answer' },
  },
})

const doorOperation = (name: string) => ({
  action: 'receive',
  channel: { $ref: `#/channels/accept-${name}` },
  messages: [{ $ref: `#/channels/accept-${name}/messages/body` }],
  reply: {
    address: { location: '$message.header#/reply' },
    channel: { $ref: `#/channels/accept-${name}` },
    messages: [{ $ref: `#/channels/accept-${name}/messages/answer` }],
  },
})

type EventShape = (typeof ConversationEvent.options)[number]
const typeOf = (event: EventShape): string => `parley.${event.shape.type.value}`

/** The envelope, with what the event says as its data. */
function cloudEvent(event: EventShape): object {
  const { type: _type, id: _id, at: _at, ...data } = event.shape as Record<string, z.ZodType>
  return jsonSchema(
    z.object({
      specversion: z.literal('1.0'),
      id: z.string(),
      source: z.string(),
      type: z.literal(typeOf(event)),
      subject: z.string(),
      time: z.iso.datetime(),
      datacontenttype: z.literal('application/json'),
      data: z.object(data),
    }),
  )
}

function jsonSchema(shape: z.ZodType): object {
  const { $schema: _known, ...schema } = z.toJSONSchema(shape)
  return schema
}
