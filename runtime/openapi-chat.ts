/**
 * Our own chat door in `/openapi.json`: window, files, what agents say, the widget. Pure.
 */
import { inboundSecurity, inPath, inQuery, json, later, type Operation, open, refusal } from './openapi-parts.ts'

export function chatPaths() {
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
    '/v1/chat': {
      get: {
        operationId: 'open-chat-window',
        summary: 'The WebSocket of a chat window, for the pages that may; its frames are in /asyncapi.json',
        parameters: inQuery(['app']),
        responses: { 101: { description: 'A WebSocket; whoever may not come is closed with a code that says why' } },
      },
    },
    '/v1/chat/files': post(
      {
        operationId: 'send-chat-file',
        summary: 'A file of a customer, with the token of its chat window; the window itself is in /asyncapi.json',
        parameters: file,
        security: [{ windowToken: [] }],
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
        security: inboundSecurity,
        requestBody: { required: true, content: object },
      },
      { 415: refusal('Not JSON') },
    ),
    '/v2/messages': post(
      {
        operationId: 'send-agents-text',
        summary:
          'What an agent writes to a customer of an SMS or email asset with a line here, as Connect takes it (version 2)',
        security: inboundSecurity,
        requestBody: { required: true, content: object },
      },
      {
        409: refusal('The line refused it for good'),
        413: refusal('Over the limit of this door'),
        503: later('The line cannot take it now; send it again'),
      },
    ),
    '/widget.js': open('chat-widget', 'The chat widget, as one script', {
      'text/javascript': { schema: { type: 'string' } },
    }),
    '/widget/{language}': pageOrNone(
      open('chat-widget-texts', 'What the widget says in a language', object, inPath('language', 'such as `de.json`')),
    ),
    '/shop': pageOrNone(
      open('shop', 'A demonstration page with the widget; not in production', {
        'text/html': { schema: { type: 'string' } },
      }),
    ),
  }
}

const pageOrNone = ({ get }: { get: Operation }) => ({
  get: { ...get, responses: { ...get.responses, 404: refusal('There is no such page') } },
})
