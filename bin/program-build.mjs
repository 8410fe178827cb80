/**
 * Builds the command line, with all it imports, into `.parley/build/<sum of its sources>`: a node that reads sixty files
 * starts with a third of the processor time of one that reads fourteen hundred, a quarter of them TypeScript
 * (decisions/0020). Plain JavaScript, since nothing else can be read before it. A build is never changed, only made: nodes
 * that run from an older one are left alone, and of several that build at once the first one's is kept.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { sourcesSum } from './sources-sum.mjs'

const here = dirname(dirname(fileURLToPath(import.meta.url)))
const builds_kept_max = 5

const folders = ['bin', 'machines', 'adapters', 'runtime', 'scenarios', 'test/paths']
/** What npm writes anew whenever a package changes, here or in the project that Parley is installed in. */
const installed = ['package.json', 'node_modules/.package-lock.json', '../.package-lock.json']
/** Threads and processes of its own, started by `new URL('./<name>', import.meta.url)`. */
const started = [
  'adapters/attachments/inspection-thread.mjs',
  'runtime/bench/node-process.mjs',
  'runtime/bench/peers/hosted-peer.mjs',
  'runtime/chart/layout-thread.mjs',
  'test/paths/job-thread.mjs',
]
const startedNames = started.map((file) => basename(file)).join('|')
const startedBy = new RegExp(`(new URL\\('\\./(?:${startedNames})', )import\\.meta\\.url`, 'g')
/** Packages that read files of their own. */
const left = ['esbuild', 'tsx', 'elkjs', 'unpdf']

/**
 * The address of the module that has `main`, of the sources below `root` as they are; undefined where there is no room for
 * a build. Throws what the bundler says of sources that cannot be read. `say` is told when it takes a moment.
 */
export async function programBuild(say, root = here) {
  const builds = join(root, '.parley', 'build')
  const build = join(builds, sourcesSum(root, [...folders, ...installed]).slice(0, 16))
  const program = pathToFileURL(join(build, 'cli.mjs')).href
  if (existsSync(build)) return program
  const making = `${build}.${process.pid}`
  try {
    mkdirSync(making, { recursive: true })
  } catch {
    return undefined // installed where nobody may write: it runs from its sources
  }
  say('building the command line…')
  try {
    await make(root, making)
    renameSync(making, build)
  } catch (error) {
    if (!existsSync(build)) throw error
  } finally {
    rmSync(making, { recursive: true, force: true })
  }
  removeOldest(builds)
  return program
}

async function make(root, outdir) {
  const { build } = await import('esbuild')
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  await build({
    entryPoints: ['bin/cli.ts', ...started].map((file) => join(root, file)).filter(existsSync),
    outdir,
    entryNames: '[name]',
    chunkNames: '[name]-[hash]',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: [...left, ...Object.keys(devDependencies)],
    plugins: [asFromSource(root)],
    banner: { js: banner },
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'silent',
  })
}

/** Each module finds the files beside its source as if it were read from there, and what it starts beside the build. */
const asFromSource = (root) => ({
  name: 'as-from-source',
  setup(build) {
    build.onResolve({ filter: /^tsx\/esm\/api$/ }, () => ({ path: 'register', namespace: 'nothing' }))
    build.onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({ contents: 'export const register = () => {}' }))
    build.onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) =>
      existsSync(resolve(resolveDir, path)) || resolveDir.includes('node_modules')
        ? undefined
        : { path, external: true },
    )
    build.onLoad({ filter: /\.(ts|mjs)$/ }, ({ path }) => {
      const file = relative(root, path).replaceAll('\\', '/')
      if (file.startsWith('..') || file.includes('node_modules')) return undefined
      const contents = readFileSync(path, 'utf8')
        .replace(startedBy, '$1__built')
        .replaceAll('import.meta.dirname', `__dirnameOf('${dirname(file)}')`)
        .replaceAll('import.meta.url', `__urlOf('${file}')`)
      return { contents, loader: path.endsWith('.ts') ? 'ts' : 'js' }
    })
  },
})

const banner = `
import { createRequire as __createRequire } from 'node:module'
import { fileURLToPath as __fileURLToPath } from 'node:url'
const __built = import.meta.url
const require = __createRequire(__built)
const __urlOf = (file) => new URL('../../../' + file, __built).href
const __dirnameOf = (folder) => __fileURLToPath(__urlOf(folder))
`

/** Half builds of processes that were killed among them. */
function removeOldest(builds) {
  const made_ms = (name) => statSync(join(builds, name), { throwIfNoEntry: false })?.mtimeMs ?? 0
  const names = readdirSync(builds)
  names.sort((one, other) => made_ms(other) - made_ms(one))
  for (const name of names.slice(builds_kept_max)) rmSync(join(builds, name), { recursive: true, force: true })
}
