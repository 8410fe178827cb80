/**
 * What `/openapi.json` says of the doors in Twilio's words. Owned here; the doors are in `adapters/twilio/`.
 */
import { inboundSecurity, inQuery, later, type Operation, refusal } from './openapi-parts.ts'

/** In Twilio's words: forms in, TwiML out. */
export function twilioPaths() {
  const door = (name: string, summary: string, fields: string[], parameters: object[]) => {
    const properties = Object.fromEntries(fields.map((field) => [field, { type: 'string' }]))
    const schema = { type: 'object', properties, required: fields.slice(0, 2) }
    const post: Operation = {
      operationId: `accept-${name}`,
      summary,
      parameters,
      security: [...inboundSecurity, { twilioSignature: [] }],
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
      inQuery(['actor', 'correlation', 'key']),
    ),
  }
}
