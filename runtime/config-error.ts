/**
 * What is wrong with a configuration: every problem at once, each with its place. Thrown by `config.ts`, printed by the
 * command line. Invariant: no secret and no credential of an address stands in a problem.
 */

/** One wrong place: a path in the file (`assets.0.id`), or the name of the environment variable that set it. */
export interface Problem {
  path: string
  expected: string
  found: string
  hint?: string
}

/** Stops the start. `message` has one line a problem. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly code = 'E_CONFIG'
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    super(problems.map(lineOf).join('\n'))
    this.problems = problems
  }
}

function lineOf({ path, expected, found, hint }: Problem): string {
  return `${path}: expected ${expected}, found ${found}${hint === undefined ? '' : `, ${hint}`}`
}
