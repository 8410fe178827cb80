/**
 * What the schema says of one place in a document: which keys it knows there, which values it takes, and both in words.
 * Reads the JSON Schema that zod gives. Speaks to `config-overrides.ts` (spelling of names) and `config-problems.ts`.
 */
import { configJsonSchema } from './config-schema.ts'

/** A key in a list, or in an object. */
export type Path = readonly (string | number)[]

export interface SchemaNode {
  type?: string
  description?: string
  default?: unknown
  const?: unknown
  enum?: unknown[]
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  minItems?: number
  properties?: Record<string, SchemaNode>
  additionalProperties?: boolean | SchemaNode
  items?: SchemaNode
  oneOf?: SchemaNode[]
  anyOf?: SchemaNode[]
}

let made: SchemaNode | undefined
/** Made once, when it is first asked for: a start with many variables asks hundreds of times. */
function root(): SchemaNode {
  made ??= configJsonSchema() as SchemaNode
  return made
}

/** The schemas of a place; several where the document does not tell which asset it is, none where nothing is known. */
export function schemasAt(document: unknown, path: Path): SchemaNode[] {
  let nodes: SchemaNode[] = [root()]
  let value = document
  for (const key of path) {
    nodes = branchesOf(nodes, value).flatMap((node) => below(node, key) ?? [])
    value = valueAt(value, [key])
  }
  return branchesOf(nodes, value)
}

/** The value at a place, or undefined; only own keys count. */
export function valueAt(document: unknown, path: Path): unknown {
  let value = document
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string | number, unknown>)[key]
  }
  return value
}

/** The list at a place; empty where there is none. */
export function listAt(document: unknown, path: Path): unknown[] {
  const value = valueAt(document, path)
  return Array.isArray(value) ? value : []
}

/** The text at a place; empty where there is none. */
export function textAt(document: unknown, path: Path): string {
  const value = valueAt(document, path)
  return typeof value === 'string' ? value : ''
}

/** The keys an object may have at a place. */
export function knownKeysAt(document: unknown, path: Path): string[] {
  return [...new Set(schemasAt(document, path).flatMap((node) => Object.keys(node.properties ?? {})))]
}

/** What is expected at a place, as a phrase. */
export function expectedAt(document: unknown, path: Path): string {
  const nodes = schemasAt(document, path)
  const choices = nodes.flatMap((node) => node.enum ?? (node.const === undefined ? [] : [node.const]))
  if (choices.length === 1) return JSON.stringify(choices[0])
  if (choices.length > 1) return `one of ${[...new Set(choices)].map((choice) => JSON.stringify(choice)).join(', ')}`
  return nodes[0] === undefined ? 'nothing' : phraseOf(nodes[0])
}

function phraseOf(node: SchemaNode): string {
  if (node.type === 'array') return node.minItems ? `a list of at least ${node.minItems}` : 'a list'
  if (node.type === 'object') return 'an object'
  if (node.type === 'boolean') return 'true or false'
  if (node.type === 'string') return 'a text'
  return `a ${node.type === 'integer' ? 'whole number' : 'number'}${rangeOf(node)}`
}

function rangeOf({ minimum, maximum, exclusiveMinimum }: SchemaNode): string {
  const to = maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? '' : ` to ${maximum}`
  if (exclusiveMinimum !== undefined) return ` above ${exclusiveMinimum}`
  return minimum === undefined ? '' : ` from ${minimum}${to}`
}

function below(node: SchemaNode, key: string | number): SchemaNode | undefined {
  if (typeof key === 'number') return node.items
  if (node.properties && Object.hasOwn(node.properties, key)) return node.properties[key]
  return typeof node.additionalProperties === 'object' ? node.additionalProperties : undefined
}

/** Alternatives, narrowed to the one whose `channel` the value has. */
function branchesOf(nodes: SchemaNode[], value: unknown): SchemaNode[] {
  return nodes.flatMap((node) => {
    const branches = node.oneOf ?? node.anyOf
    if (branches === undefined) return [node]
    const channel = valueAt(value, ['channel'])
    const chosen = branches.filter((branch) => branch.properties?.channel?.const === channel)
    return chosen.length > 0 ? chosen : branches
  })
}
