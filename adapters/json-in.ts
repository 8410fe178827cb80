/** A request body as the gateway keeps it, in bytes, read as JSON; undefined when it is none. For doors that refuse by a schema. */
export function jsonIn(body: unknown): unknown {
  try {
    return JSON.parse(Buffer.isBuffer(body) ? body.toString('utf8') : '')
  } catch {
    return undefined
  }
}
