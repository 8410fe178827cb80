/**
 * What the paths of `/openapi.json` are written with: the named shapes, answers, refusals, parameters. Pure.
 */
import { z } from 'zod'
import {
  Accepted,
  Asset,
  AuditRow,
  Conversation,
  ConversationPage,
  Coverage,
  CustomerQueryBody,
  DeadLetterDone,
  DeadLetterRow,
  DeadLetterWhole,
  Dumped,
  Erased,
  ListNews,
  Machine,
  ProblemDocument,
  Ready,
  Replayed,
  Turn,
} from './api-shapes.ts'
import { NodeState } from './node-state.ts'

export interface Operation {
  summary: string
  operationId: string
  parameters?: object[]
  requestBody?: object
  responses: Record<string, object>
  security?: object[]
}

/** Every shape that has a name in the document. */
export const schemas = {
  Accepted,
  Problem: ProblemDocument,
  Conversation,
  ConversationPage,
  Turn,
  Replayed,
  ListNews,
  Asset,
  Machine,
  Coverage,
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

export function jsonSchema(shape: z.ZodType): object {
  const { $schema: _known, ...schema } = z.toJSONSchema(shape)
  return schema
}

export const ref = (name: keyof typeof schemas) => ({ $ref: `#/components/schemas/${name}` })
export const answer = (what: string, schema: object) => ({
  description: what,
  content: { 'application/json': { schema } },
})
export const refusal = (what: string) => ({
  description: what,
  content: { 'application/problem+json': { schema: ref('Problem') } },
})
export const later = (what: string) => ({
  ...refusal(what),
  headers: { 'Retry-After': { schema: { type: 'integer' }, description: 'seconds' } },
})

export const inPath = (name: string, what: string) => [
  { name, in: 'path', required: true, description: what, schema: { type: 'string' } },
]
export const inQuery = (names: string[]) => names.map((name) => ({ name, in: 'query', schema: { type: 'string' } }))

export const open = (
  operationId: string,
  summary: string,
  content: object,
  parameters: object[] = [],
): { get: Operation } => ({
  get: { operationId, summary, parameters, responses: { 200: { description: 'Yes', content } } },
})
export const json = (schema: object) => ({ 'application/json': { schema } })

/** What the doors in ask for, of the credentials that are configured. */
export const inboundSecurity = [
  {},
  { inboundToken: [], inboundSignature: [] },
  { inboundToken: [], standardWebhook: [] },
]
