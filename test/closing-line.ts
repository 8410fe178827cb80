/** A reporter of one line, for whoever reads a log by machine: `N passed, N failed`, and `N skipped` when any were. */
import type { Reporter, TestModule } from 'vitest/node'

export const closingLine: Reporter = {
  onTestRunEnd(modules: readonly TestModule[], errors) {
    const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state))
    const count = (state: string) => states.filter((one) => one === state).length
    const broken = modules.filter((module) => module.errors().length > 0).length + errors.length
    const skipped = count('skipped')
    const parts = [`${count('passed')} passed`, `${count('failed') + broken} failed`]
    process.stdout.write(`\n${[...parts, ...(skipped > 0 ? [`${skipped} skipped`] : [])].join(', ')}\n`)
  },
}
