/**
 * Builds the console into `.parley/console`, when it is not there or its sources are others than it was built from. Plain
 * JavaScript, since `npm run setup` calls it; node modules must be there.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sourcesSum } from './sources-sum.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const built = join(root, '.parley', 'console')
/** All that goes into it. */
const sources = ['console', 'machines', 'runtime', 'scenarios/path.ts', 'package-lock.json']

/** Throws with what the bundler said. Half a build is never taken for one: the mark is written last. */
export function buildConsole(say) {
  const mark = join(built, '.sources')
  const sum = sourcesSum(root, sources)
  if (readOr(mark, '') === sum) return built
  say('building the console…')
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  const build = spawnSync(process.execPath, [vite, 'build', 'console', '--outDir', built, '--emptyOutDir'], {
    cwd: root,
    encoding: 'utf8',
  })
  if (build.status !== 0) {
    throw new Error(`the console could not be built; mend what it says:\n${build.stdout}${build.stderr}`.trimEnd())
  }
  writeFileSync(mark, sum)
  return built
}

function readOr(file, otherwise) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return otherwise
  }
}
