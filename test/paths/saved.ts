/**
 * A failure as a file that can be committed: what broke, on which machine and policy, by which steps. Played again by
 * `parley paths --replay FILE`, which fails as long as it breaks. YAML that people read, with the sequence as a comment.
 */
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { type PolicyName, policies } from './line.ts'
import { sequence } from './table.ts'

const words = [
  ...['says', 'form', 'press', 'closes', 'answers', 'fails', 'timer', 'task', 'lost', 'receipt', 'late', 'lateTimer'],
  ...['later', 'event'],
]
const isStep = (value: Record<string, unknown>): boolean => words.some((word) => word in value)

const Saved = z.strictObject({
  /** By its id, or as the file of a machine of somebody's own, which has no policy. */
  machine: z.string(),
  policy: z.enum(Object.keys(policies) as [PolicyName, ...PolicyName[]]).optional(),
  /** Where it was found; steps are shorter than there. */
  id: z.string(),
  seed: z.number(),
  breaks: z.string(),
  steps: z.array(z.looseObject({}).refine(isStep, { error: `a step with one of ${words.join(', ')}` })).min(1),
})

export type Saved = z.infer<typeof Saved>

/** The file of a failure; `command` plays it again. */
export function savedFailure(saved: Saved, command: string): string {
  const comment = [command, 'fails as long as it breaks.', '', ...sequence(saved.steps as never)]
  return `${comment.map((line) => `# ${line}`.trimEnd()).join('\n')}\n${stringify(saved, { aliasDuplicateObjects: false })}`
}

/** What is wrong with a file of a failure, in one sentence. */
export class SavedError extends Error {
  override readonly name = 'SavedError'
}

/** What `savedFailure` wrote. Throws `SavedError` when it is something else. */
export function readFailure(file: string, text: string): Saved {
  let written: unknown
  try {
    written = parse(text)
  } catch (error) {
    throw new SavedError(`${file}: expected YAML, found ${(error as Error).message.split('\n')[0]}`)
  }
  const read = Saved.safeParse(written)
  if (read.success) return read.data
  const [{ path, message }] = read.error.issues as [z.core.$ZodIssue]
  throw new SavedError(`${file}: ${path.join('.') || 'the file'}: ${message}`)
}
