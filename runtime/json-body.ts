/**
 * A request body as JSON: what is not UTF-8, not JSON, or nested deeper than any provider's is told apart before anything
 * walks it, since what walks it recurses. Pure.
 */

/** The deepest body of the samples has 9 levels. */
export const json_depth_max = 64

/** `value`, or what was expected instead of what came. Never throws. */
export type JsonBody = { value: unknown } | { expected: string; found: string }

export function jsonBody(raw: Uint8Array): JsonBody {
  const value = parsed(raw)
  if (value === unparsed) return { expected: 'JSON in UTF-8', found: `${raw.length} bytes that are not` }
  if (isDeeper(value)) return { expected: `JSON of at most ${json_depth_max} levels`, found: 'more' }
  return { value }
}

const unparsed = Symbol('not JSON')

function parsed(raw: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw))
  } catch {
    return unparsed
  }
}

/** Level by level, so that no depth overflows the stack. */
function isDeeper(value: unknown): boolean {
  let level = [value].filter(isNested)
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > json_depth_max) return true
    level = level.flatMap((one) => Object.values(one).filter(isNested))
  }
  return false
}

const isNested = (value: unknown): value is object => typeof value === 'object' && value !== null
