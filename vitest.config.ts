import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { closingLine } from './test/closing-line.ts'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // Files that one process runs share what they import: a third of the processor time went into importing it anew.
    isolate: false,
    // One core less is the default: on two cores that is one file at a time, and most of them wait for processes.
    maxWorkers: Math.max(2, availableParallelism()),
    globalSetup: ['test/global-setup.ts'],
    // For a machine that does other things besides: no test promises anything about time.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ['default', closingLine],
  },
})
