/**
 * Problem documents (RFC 9457): what a door, the reading paths and the NATS door answer when they refuse. One table of
 * codes; `type` is stable, `detail` says what was expected and found, never what was sent.
 */
export interface Problem {
  type: `urn:parley:problem:${ProblemCode}`
  title: string
  status: number
  detail: string
  errors?: { path: string; expected: string; found: string }[]
}

export const problemCodes = {
  'malformed-body': [400, 'The body cannot be read'],
  unauthenticated: [401, 'Credentials are missing or wrong'],
  'not-allowed': [403, 'This token does not give that right'],
  'not-found': [404, 'There is no such thing here'],
  'method-not-allowed': [405, 'This path does not take that method'],
  'not-retryable': [409, 'This dead letter cannot be tried again'],
  'not-replayable': [409, 'What is recorded of this conversation cannot be replayed'],
  'chat-ended': [409, 'This chat has ended'],
  'body-too-large': [413, 'The body is over the limit'],
  'not-json': [415, 'The body must be JSON'],
  'too-many-messages': [429, 'This customer writes too fast'],
  'too-many-followers': [503, 'This node has too many followers'],
  'not-stored': [503, 'The event could not be stored'],
  stopping: [503, 'This node is stopping'],
  'internal-error': [500, 'The request failed inside Parley'],
} as const satisfies Record<string, [number, string]>
export type ProblemCode = keyof typeof problemCodes

/** The problem of a refusal of which only the status is known. */
export function problemOfStatus(status: number): ProblemCode {
  if (status === 409) return 'chat-ended'
  const codes = Object.keys(problemCodes) as ProblemCode[]
  return codes.find((code) => problemCodes[code][0] === status) ?? 'internal-error'
}

export function problem(code: ProblemCode, detail: string, errors?: Problem['errors']): Problem {
  const [status, title] = problemCodes[code]
  return { type: `urn:parley:problem:${code}`, title, status, detail, ...(errors ? { errors } : {}) }
}
