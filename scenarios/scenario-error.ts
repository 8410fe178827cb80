/** What is wrong with a scenario file: every problem at once, each with its line and place. Thrown by `scenario.ts`. */
export interface ScenarioProblem {
  line: number
  /** The place in the file: `steps.3.desk.routed`, counted from 0 as everywhere. */
  path: string
  expected: string
  found: string
}

/** `message` has one line a problem: `file:line place: expected …, found …`. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError'
  readonly problems: readonly ScenarioProblem[]

  constructor(file: string, problems: readonly ScenarioProblem[]) {
    const lines = problems.map(({ line, path, expected, found }) => {
      return `${file}:${line} ${path}: expected ${expected}, found ${found}`
    })
    super(lines.join('\n'))
    this.problems = problems
  }
}
