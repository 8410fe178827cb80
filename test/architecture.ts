/**
 * The rules that hold this repository together, as pure functions over files: each takes `{ path, text }` and gives
 * sentences, none when the rule is kept. `architecture.test.ts` applies them, and shows each of them a case that it must
 * refuse.
 */

/** A file of the repository: its path from the root with `/`, and its text. */
export interface SourceFile {
  path: string
  text: string
}

/** Which folder may import which: itself and those before it. */
const order = ['machines', 'adapters', 'runtime', 'scenarios', 'examples', 'test']
/** The command line imports everything, and so do tests; nobody imports the console, which runs in a browser. Loose files configure tools. */
const rankOf = (path: string): number => {
  const [folder, inside] = path.split('/')
  return inside === undefined || folder === 'bin' || folder === 'console'
    ? order.indexOf('test')
    : order.indexOf(folder!)
}

/** Imports point one way: machines ← adapters ← runtime ← scenarios ← test and bin. */
export function importDirectionFaults({ path, text }: SourceFile): string[] {
  if (rankOf(path) === -1)
    return [`${path}: its folder has no place in the order of folders: ${order.join(', ')}, bin, console`]
  return localImports({ path, text })
    .filter((target) => rankOf(target) > rankOf(path) || rankOf(target) === -1)
    .map((target) => `${path}: imports ${target}, which stands further out; imports point from ${order.join(' ← ')}`)
}

const machinePackages = ['xstate', 'zod']

/** Machines import xstate, zod and themselves. */
export function machineImportFaults({ path, text }: SourceFile): string[] {
  if (!path.startsWith('machines/')) return []
  return importsOf(text)
    .filter((name) => !name.startsWith('.') && !machinePackages.includes(name))
    .map((name) => `${path}: imports ${name}; machines import only ${machinePackages.join(', ')} and themselves`)
}

const composers = /^runtime\/(main\.ts|composition\/)/

/**
 * Files directly in `adapters/` are contracts and tools for all; a folder is a provider, which only the composition names.
 * Stories are told at the embedded desk, so they may use its words (schemas and types).
 */
export function concreteAdapterFaults({ path, text }: SourceFile): string[] {
  if (composers.test(path) || !/^(runtime|scenarios|bin)\//.test(path)) return []
  const mayNameDesk = path.startsWith('scenarios/')
  return localImports({ path, text })
    .filter((target) => /^adapters\/[^/]+\//.test(target))
    .filter((target) => !(mayNameDesk && target.startsWith('adapters/desk/')))
    .map(
      (target) =>
        `${path}: names the concrete adapter ${target}; only runtime/composition/ does, give it as a parameter`,
    )
}

const vagueNames = ['utils', 'util', 'helpers', 'helper', 'common', 'shared', 'manager', 'service', 'services', 'misc']

/** A file is named as the one thing in it; samples keep the names they came with. */
export function vagueNameFaults({ path }: SourceFile): string[] {
  if (path.startsWith('test/fixtures/samples/')) return []
  const words = path.replace(/\.[a-z]+$/, '').split(/[/.-]/)
  const found = words.find((word) => vagueNames.includes(word.toLowerCase()))
  return found ? [`${path}: "${found}" says nothing; name it as the thing in it`] : []
}

const clockHome = 'adapters/clock.ts'
/** What else waits by the time, with the reason: the platform's own limit on a request that is not the runtime's. */
const clockExceptions: { under: string; token: string; reason: string }[] = [
  { under: 'adapters/desk/', token: 'AbortSignal.timeout', reason: 'the desk is a program of its own' },
  ...['Date.now', 'new Date()', 'setTimeout', 'setInterval'].map((token) => ({
    under: 'console/',
    token,
    reason: 'it runs in a browser, beside a person',
  })),
  { under: 'runtime/doctor/', token: 'AbortSignal.timeout', reason: 'a person waits for what doctor finds' },
  { under: 'runtime/nats-server/', token: 'AbortSignal.timeout', reason: 'a download before anything runs' },
]
const clockReads: [token: string, pattern: RegExp][] = [
  ['Date.now', /\bDate\.now\b/],
  ['new Date()', /\bnew Date(\(\s*\)|(?!\s*\())/],
  ['setTimeout', /\bsetTimeout\b/],
  ['setInterval', /\bsetInterval\b/],
  ['performance.now', /\bperformance\.now\b/],
  ['process.hrtime', /\bhrtime\b/],
  ['timers', /['"](node:)?timers(\/promises)?['"]/],
  ['AbortSignal.timeout', /\bAbortSignal\.timeout\b/],
]

/** No clock is read but through `adapters/clock.ts`, so that virtual time moves everything that waits. */
export function clockFaults({ path, text }: SourceFile): string[] {
  if (path === clockHome || !isCode(path) || path.startsWith('test/')) return []
  const code = withoutComments(text)
  return clockReads
    .filter(([token, pattern]) => pattern.test(code) && !isExcepted(path, token))
    .map(([token]) => `${path}: reads the time by ${token}; take a Clock from ${clockHome}`)
}

const isExcepted = (path: string, token: string): boolean =>
  clockExceptions.some((exception) => path.startsWith(exception.under) && token === exception.token)

/** Exceptions that nobody needs any more. */
export function staleClockExceptions(files: SourceFile[]): string[] {
  return clockExceptions
    .filter(({ under, token }) => !files.some(({ path, text }) => path.startsWith(under) && text.includes(token)))
    .map(({ under, token }) => `${under}: is excepted for ${token}, which nothing in it uses`)
}

const code_lines_max = 400

/** A file that needs scrolling for minutes holds more than one thing. Tables of test cases may be long. */
export function lengthFaults({ path, text }: SourceFile): string[] {
  const lines = text.split('\n').length
  const isTable = path.endsWith('.test.ts') || path.startsWith('test/corpus/')
  return isCode(path) && !isTable && lines > code_lines_max
    ? [`${path}: ${lines} lines, at most ${code_lines_max}; split it by what it owns`]
    : []
}

/** Put together from parts, so that this file does not name what it looks for. */
const homes = new RegExp(`(?<![\\w.}$-])/(${['work', 'root', 'home', 'Users'].join('|')})/(?=\\w)`)

/** Nothing here knows the machine it was written on. */
export function absolutePathFaults({ path, text }: SourceFile): string[] {
  const line = text.split('\n').findIndex((content) => homes.test(content))
  return line === -1 ? [] : [`${path}:${line + 1}: an absolute path of one machine; make it relative`]
}

/** The eleven flows of the seed, by the stem of their file. */
export const flowStems = [
  'sms-inbound',
  'live-chat-inbound',
  'live-chat-customer-abandon-close',
  'live-chat-inbound-with-web-callback',
  'email-inbound',
  'created',
  'queued',
  'routed',
  'closed',
  'closed-webhook-for-web-callback',
  'transferred',
]

/**
 * The eleven flows are there, README.md has a row for each that says it works, and what its rows link to exists.
 */
export function flowTableFaults(readme: string, files: SourceFile[]): string[] {
  const rows = flowRows(readme)
  const paths = new Set(files.map(({ path }) => path))
  const present = [...paths].flatMap((path) => /^machines\/flows\/(.+)\.ts$/.exec(path)?.[1] ?? [])
  const working = rows.filter(({ state }) => state === 'working').map(({ stem }) => stem)
  return [
    ...present
      .filter((stem) => !flowStems.includes(stem))
      .map((stem) => `machines/flows/${stem}.ts: no flow of the seed`),
    ...flowStems
      .filter((stem) => rows.every((row) => row.stem !== stem))
      .map((stem) => `README.md: no row for ${stem}`),
    ...flowStems.filter((stem) => !present.includes(stem)).map((stem) => `machines/flows/${stem}.ts: is missing`),
    ...flowStems.filter((stem) => !working.includes(stem)).map((stem) => `README.md: does not say that ${stem} works`),
    ...working.filter((stem) => !present.includes(stem)).map((stem) => `README.md: ${stem} works, but has no file`),
    ...rows
      .flatMap(({ links }) => links)
      .filter((link) => !paths.has(link))
      .map((link) => `README.md: links to ${link}, which is not there`),
  ]
}

/** The rows of README.md that are about a flow: its stem, what is said of its state, and the paths that are linked to. */
function flowRows(readme: string): { stem: string; state: string; links: string[] }[] {
  return readme.split('\n').flatMap((line) => {
    const [, name = '', state = ''] = line.split('|').map((cell) => cell.trim())
    const stem = /machines\/flows\/([\w-]+)\.ts/.exec(name)?.[1] ?? stemOf(name)
    const links = [...line.matchAll(/\]\(([^)]+)\)/g)].map(([, path]) => path!)
    return flowStems.includes(stem) ? [{ stem, state, links }] : []
  })
}

/** `Live_Chat_Inbound` → `live-chat-inbound`. */
const stemOf = (name: string): string => name.toLowerCase().replaceAll('_', '-')

const invariants = Array.from({ length: 10 }, (_, index) => `T${index + 1}`)

/** An invariant that no code names has no home. */
export function uncitedInvariants(files: SourceFile[]): string[] {
  const code = files.filter(({ path }) => /^(machines|adapters|runtime)\//.test(path)).map(({ text }) => text)
  return invariants
    .filter((name) => !code.some((text) => new RegExp(`\\b${name}\\b`).test(text)))
    .map((name) => `${name}: no file of machines, adapters or runtime cites it`)
}

/** The map shows every stage, and every file that it shows exists. */
export function mapFaults(map: string, files: SourceFile[]): string[] {
  const paths = files.map(({ path }) => path)
  const stages = paths.filter((path) => /^runtime\/stages\/[^/]+$/.test(path))
  const shown = [...map.matchAll(/`([\w./-]+\.(?:ts|mjs|json|md|mmd))`/g)].map(([, path]) => path!)
  return [
    ...stages
      .filter((path) => !shown.some((name) => path === name || path.endsWith(`/${name}`)))
      .map((path) => `ARCHITECTURE.md: does not show ${path}`),
    ...shown
      .filter((name) => !paths.some((path) => path === name || path.endsWith(`/${name}`)))
      .map((name) => `ARCHITECTURE.md: shows ${name}, which is not there`),
  ]
}

export const isCode = (path: string): boolean => /\.(tsx?|mjs)$/.test(path)

/** Everything a file imports, types and dynamic imports included. */
export function importsOf(text: string): string[] {
  const statements =
    /(?:^|\n)\s*(?:import|export)\s[^'"`;]*?from\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s*['"]([^'"]+)['"]/g
  const dynamic = /\bimport\(\s*['"]([^'"]+)['"]/g
  const code = withoutComments(text)
  return [...code.matchAll(statements), ...code.matchAll(dynamic)].map(([, from, bare]) => (from ?? bare)!)
}

/** Imported files of this repository, as paths from its root. */
function localImports({ path, text }: SourceFile): string[] {
  return importsOf(text)
    .filter((name) => name.startsWith('.'))
    .map((name) => resolved(path, name))
}

function resolved(from: string, name: string): string {
  const parts = from.split('/').slice(0, -1)
  for (const step of name.split('/')) {
    if (step === '..') parts.pop()
    else if (step !== '.') parts.push(step)
  }
  return parts.join('/')
}

/** Comments may speak of what code must not do. */
const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/[^\n]*/g, '$1')
