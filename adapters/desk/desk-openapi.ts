/**
 * `/desk/openapi.json`: the desk's own doors as OpenAPI 3.1, made of the shapes that the doors read their bodies with.
 * Pure; `test/desk-openapi.test.ts` holds that it names every door there is, and no other. The doors that speak the words
 * of Digital Routing, Engage and Connect are named with the example bodies they follow, not described again.
 */

import { z } from 'zod'
import { engageCalls } from '../engage/engage-codec.ts'
import { Trouble } from '../trouble.ts'
import { CloseBody, SayBody, StateBody, TransferBody, WrappedBody } from './agent-doors.ts'
import { CloseTask, QueueLimit, QueueTask, Release, RouteTask, Say, TransferTask, WebhookSettings } from './control.ts'
import { AgentFields, CallOutcome, MediaFields, PriorityBody, QueueFields } from './crew-doors.ts'
import { FaultRequest } from './faults.ts'
import { DeskSettings } from './settings.ts'

type Door = [method: 'get' | 'post' | 'put' | 'delete', path: string, summary: string, body?: z.ZodType]

export function deskOpenApi(): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const door of doors) paths[door[1]] = { ...paths[door[1]], [door[0]]: operation(door) }
  return {
    openapi: '3.1.0',
    info: {
      title: 'The embedded desk of Parley',
      version: '1',
      license: { name: 'MIT', identifier: 'MIT' },
      description,
    },
    paths,
    components: {
      schemas: { Refusal: { type: 'object', required: ['error'], properties: { error: { type: 'string' } } } },
      securitySchemes: {
        agent: { type: 'http', scheme: 'bearer', description: 'issued by POST /desk/agents/{id}/token' },
      },
    },
  }
}

function operation([method, path, summary, body]: Door): object {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
  const isAgents = path.startsWith('/desk/agent/')
  return {
    summary,
    operationId: [method, ...path.split(/\W+/).filter(Boolean)].join('-'),
    tags: [tagOf(path)],
    ...(isAgents ? { security: [{ agent: [] }] } : {}),
    ...(names.length > 0 && {
      parameters: names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
    }),
    ...(body && { requestBody: { content: { 'application/json': { schema: bodySchema(body) } } } }),
    responses: {
      200: { description: 'Done', content: { 'application/json': { schema: { type: 'object' } } } },
      '4XX': refusal('Wrong use, said in one sentence'),
      503: refusal('It could not be stored; nothing happened, try again'),
    },
  }
}

const refusal = (description: string) => ({
  description,
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Refusal' } } },
})

function bodySchema(body: z.ZodType): object {
  const { $schema: _known, ...schema } = z.toJSONSchema(body, { io: 'input' })
  return schema
}

function tagOf(path: string): string {
  if (!path.startsWith('/desk/')) return 'far side'
  if (path.startsWith('/desk/handset/')) return 'customers'
  return path.startsWith('/desk/agent/') ? 'agent' : 'admin'
}

const description =
  'Doors for the agents of the desk (with a token of their own), for those who run it, for tests that cause trouble, and for the devices of its customers. An act is answered when it is stored; what follows is told by webhooks.'

const doors: Door[] = [
  ['get', '/desk/openapi.json', 'This document'],
  ['get', '/desk/agent/me', 'What you are doing, and what you have in hand'],
  ['put', '/desk/agent/state', 'Ready, not ready with a reason, or logged out', StateBody],
  ['post', '/desk/agent/wrapped', 'Ends your wrap-up', WrappedBody],
  ['get', '/desk/agent/tasks/{id}', 'A task in your hand and its conversation'],
  ['post', '/desk/agent/tasks/{id}/accept', 'Takes what rings'],
  ['post', '/desk/agent/tasks/{id}/decline', 'Lets it go as if it rang out'],
  ['post', '/desk/agent/tasks/{id}/say', 'Writes to the customer', SayBody],
  ['post', '/desk/agent/tasks/{id}/transfer', 'To a queue or to an agent', TransferBody],
  ['post', '/desk/agent/tasks/{id}/close', 'Closes it with a disposition', CloseBody],
  ['post', '/desk/agent/tasks/{id}/hang-up', 'Puts the phone down'],
  ['get', '/desk/agents', 'The people, and what each is doing'],
  ['put', '/desk/agents/{id}', 'Makes or changes an agent', AgentFields],
  ['delete', '/desk/agents/{id}', 'Removes an agent who is logged out'],
  ['post', '/desk/agents/{id}/token', 'A new token for an agent; the old one ends'],
  ['get', '/desk/queues', 'Each queue: settings, who waits, who works, handling time, estimate'],
  ['put', '/desk/queues/{selector}', 'How tasks of a script selector are handled', QueueFields],
  ['get', '/desk/media', 'The limits of each media type'],
  ['put', '/desk/media/{type}', 'Sets the limits of a media type', MediaFields],
  ['get', '/desk/calls', 'The calls that were placed for callbacks'],
  ['post', '/desk/calls/{taskId}', 'What the customer does when the phone rings', CallOutcome],
  ['get', '/desk/tasks', 'Every task, oldest first'],
  ['get', '/desk/tasks/{id}', 'A task'],
  ['post', '/desk/tasks/{id}/route', 'Gives it to an agent', RouteTask],
  ['post', '/desk/tasks/{id}/queue', 'Sends QUEUED with this estimate or context', QueueTask],
  ['post', '/desk/tasks/{id}/transfer', 'Takes it from its agent', TransferTask],
  ['post', '/desk/tasks/{id}/close', 'Closes it', CloseTask],
  ['post', '/desk/tasks/{id}/say', 'Writes as its agent', Say],
  ['post', '/desk/tasks/{id}/priority', 'Its own place in line', PriorityBody],
  ['get', '/desk/conversations/{id}', 'A conversation and its transcript'],
  ['get', '/desk/ledger', 'What was asked of the desk, by Idempotency-Key'],
  ['get', '/desk/faults', 'The faults that are due'],
  ['post', '/desk/faults', 'Makes calls fail', FaultRequest],
  ['delete', '/desk/faults', 'Takes them back'],
  ['get', '/desk/webhooks', 'Whether webhooks are held back or doubled'],
  ['put', '/desk/webhooks', 'Holds webhooks back, or doubles them', WebhookSettings],
  ['get', '/desk/webhooks/held', 'Those that are held'],
  ['post', '/desk/webhooks/release', 'Sends held ones in another order', Release],
  ['get', '/desk/troubles', 'What goes wrong on the way, by what is sent'],
  ['put', '/desk/troubles/{what}', 'Doubles, delays, turns round or loses what is sent', Trouble],
  ['delete', '/desk/troubles', 'Ends all of that'],
  ['get', '/desk/agents/automatic', 'The automatic agent'],
  ['put', '/desk/agents/automatic', 'Changes the automatic agent', DeskSettings],
  ['put', '/desk/queue', 'How many tasks may wait in all', QueueLimit],
  ['post', '/desk/handset/sms/send', 'A customer writes a text'],
  ['get', '/desk/handset/sms/inbox', 'Texts that came'],
  ['post', '/desk/handset/mail/send', 'A customer writes a mail'],
  ['get', '/desk/handset/mail/inbox', 'Mails that came'],
  ['post', '/desk/handset/chat/open', 'A customer opens a chat window'],
  ['post', '/desk/handset/chat/say', 'Writes in it'],
  ['post', '/desk/handset/chat/form', 'Fills in its form'],
  ['post', '/desk/handset/chat/press', 'Presses an answer'],
  ['post', '/desk/handset/chat/typing', 'Types'],
  ['post', '/desk/handset/chat/close', 'Closes it'],
  ['get', '/desk/handset/chat/inbox', 'What came into it'],
  ['post', '/drapi/v1/tasks', 'Digital Routing: create task'],
  ['get', '/drapi/v1/tasks/{id}', 'Digital Routing: get task'],
  ['post', '/drapi/v1/tasks/{id}/taskAction', 'Digital Routing: end or transfer a task'],
  ...engageCalls.map((name): Door => ['post', `/engage/v1/${name}`, `Engage: ${name}`]),
  ['post', '/v1/messages', 'Connect: a message to a chat window'],
  ['post', '/v2/messages', 'Connect: a text or a mail'],
]
