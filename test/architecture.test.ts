/**
 * The repository keeps the rules of `architecture.ts`, and its papers are true. Every rule is shown a case that it must
 * refuse.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  absolutePathFaults,
  clockFaults,
  concreteAdapterFaults,
  flowStems,
  flowTableFaults,
  importDirectionFaults,
  importsOf,
  isCode,
  lengthFaults,
  machineImportFaults,
  mapFaults,
  type SourceFile,
  staleClockExceptions,
  uncitedInvariants,
  vagueNameFaults,
} from './architecture.ts'

const root = join(import.meta.dirname, '..')
/** What is not in the repository: installed, built, or kept by a run. */
const left = ['node_modules', '.git', '.parley', 'coverage', 'dist']
const binary_bytes_max = 2_000_000

function filesBelow(folder: string): SourceFile[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    // `.git` is a file where several branches are checked out side by side.
    if (left.includes(entry.name)) return []
    if (entry.isDirectory()) return filesBelow(path)
    if (!entry.isFile() || entry.name.endsWith('.log') || statSync(path).size > binary_bytes_max) return []
    return [{ path: relative(root, path).split(sep).join('/'), text: readFileSync(path, 'utf8') }]
  })
}

const files = filesBelow(root)
const code = files.filter(({ path }) => isCode(path))
const textOf = (path: string): string => files.find((file) => file.path === path)?.text ?? ''

describe('The repository', () => {
  const rules: [rule: string, of: SourceFile[], faults: (file: SourceFile) => string[]][] = [
    ['imports point one way', code, importDirectionFaults],
    ['machines import xstate, zod and themselves', code, machineImportFaults],
    ['only the composition names concrete adapters', code, concreteAdapterFaults],
    ['no file or folder has a name that says nothing', files, vagueNameFaults],
    ['only adapters/clock.ts reads the time', code, clockFaults],
    ['code files are short', code, lengthFaults],
    ['no file names a path of one machine', files, absolutePathFaults],
  ]
  test.each(rules)('%s', (_, of, faults) => expect(of.flatMap(faults)).toEqual([]))

  test('there is something to check', () => {
    expect(code.length).toBeGreaterThan(100)
    expect(code.flatMap(({ text }) => importsOf(text)).length).toBeGreaterThan(300)
  })

  test('every exception to the rule of clocks is needed', () => expect(staleClockExceptions(files)).toEqual([]))

  test('G1: machines/flows holds the eleven flows and nothing else; README.md links to each and says that it works', () => {
    expect(flowTableFaults(textOf('README.md'), files)).toEqual([])
  })

  test('T1-T10: every invariant is cited where it is kept', () => expect(uncitedInvariants(files)).toEqual([]))

  test('ARCHITECTURE.md shows every stage, and nothing that is not there', () => {
    expect(mapFaults(textOf('ARCHITECTURE.md'), files)).toEqual([])
  })
})

const file = (path: string, text = ''): SourceFile => ({ path, text })
const imports = (path: string, name: string): SourceFile => file(path, `import { x } from '${name}'\n`)

describe('Each rule refuses', () => {
  const refused: [what: string, faults: string[]][] = [
    ['machines that import the runtime', importDirectionFaults(imports('machines/a.ts', '../runtime/b.ts'))],
    ['adapters that import the runtime', importDirectionFaults(imports('adapters/x/a.ts', '../../runtime/b.ts'))],
    ['a runtime that imports a test', importDirectionFaults(imports('runtime/a.ts', '../test/b.ts'))],
    ['a runtime that imports the command line', importDirectionFaults(imports('runtime/a.ts', '../bin/cli.ts'))],
    ['a type import too', importDirectionFaults(file('machines/a.ts', "import type { X } from '../adapters/b.ts'"))],
    ['a dynamic import too', importDirectionFaults(file('machines/a.ts', "await import('../adapters/b.ts')"))],
    ['an export from too', importDirectionFaults(file('machines/a.ts', "export { x } from '../adapters/b.ts'"))],
    [
      'an import over several lines',
      importDirectionFaults(file('machines/a.ts', "import {\n  x,\n} from '../adapters/b.ts'")),
    ],
    ['a folder without a place', importDirectionFaults(file('lib/a.ts'))],
    ['an import of a folder without a place', importDirectionFaults(imports('runtime/a.ts', '../lib/b.ts'))],
    ['machines that import node:', machineImportFaults(imports('machines/a.ts', 'node:crypto'))],
    ['machines that import another package', machineImportFaults(imports('machines/a.ts', 'pino'))],
    [
      'a stage that names a provider',
      concreteAdapterFaults(imports('runtime/stages/a.ts', '../../adapters/engage/engage.ts')),
    ],
    ['a verb that names a provider', concreteAdapterFaults(imports('bin/verbs/a.ts', '../../adapters/desk/desk.ts'))],
    [
      'a scenario that names another provider',
      concreteAdapterFaults(imports('scenarios/a.ts', '../adapters/engage/b.ts')),
    ],
    ['a folder named utils', vagueNameFaults(file('runtime/utils/a.ts'))],
    ['a file named helpers', vagueNameFaults(file('test/helpers.ts'))],
    ['a part of a name', vagueNameFaults(file('runtime/timer-manager.ts'))],
    ['Date.now', clockFaults(file('runtime/a.ts', 'const now = Date.now()'))],
    ['new Date()', clockFaults(file('runtime/a.ts', 'const now = new Date()'))],
    ['new Date without parentheses', clockFaults(file('runtime/a.ts', 'const now = new Date\n'))],
    ['setTimeout', clockFaults(file('bin/a.ts', 'setTimeout(done, 5)'))],
    ['setInterval', clockFaults(file('bin/a.mjs', 'setInterval(tick, 5)'))],
    ['performance.now', clockFaults(file('adapters/a.ts', 'performance.now()'))],
    ['hrtime', clockFaults(file('adapters/a.ts', 'process.hrtime.bigint()'))],
    ['timers/promises', clockFaults(imports('scenarios/a.ts', 'node:timers/promises'))],
    ['AbortSignal.timeout where it is no exception', clockFaults(file('runtime/a.ts', 'AbortSignal.timeout(5)'))],
    ['another clock in an excepted file', clockFaults(file('adapters/desk/webhooks.ts', 'Date.now()'))],
    ['an exception that is not needed', staleClockExceptions([])],
    ['a long file', lengthFaults(file('runtime/a.ts', '\n'.repeat(400)))],
    ['a home folder', absolutePathFaults(file('README.md', `see ${['', 'home', 'me', 'x'].join('/')}`))],
    ['the folder of a build', absolutePathFaults(file('a.json', `"${['', 'work', 'main'].join('/')}"`))],
    ['an invariant that nobody cites', uncitedInvariants([file('runtime/a.ts', 'keeps T1, T10')])],
    ['a stage that the map does not show', mapFaults('', [file('runtime/stages/dream.ts')])],
    ['a file that the map shows and that is not there', mapFaults('`gone.ts`', [])],
  ]
  test.each(refused)('%s', (_, faults) => expect(faults.length).toBeGreaterThan(0))
})

describe('Each rule lets pass', () => {
  const taken: [what: string, faults: string[]][] = [
    ['imports further in', importDirectionFaults(imports('runtime/stages/a.ts', '../../machines/b.ts'))],
    ['imports next door', importDirectionFaults(imports('machines/flows/a.ts', '../b.ts'))],
    ['a test of the command line', importDirectionFaults(imports('test/a.test.ts', '../bin/cli.ts'))],
    ['a command line that imports a test', importDirectionFaults(imports('bin/a.ts', '../test/b.ts'))],
    ['xstate in machines', machineImportFaults(imports('machines/a.ts', 'xstate'))],
    ['a provider named by main', concreteAdapterFaults(imports('runtime/main.ts', '../adapters/desk/desk.ts'))],
    [
      'a provider named by the composition',
      concreteAdapterFaults(imports('runtime/composition/a.ts', '../../adapters/engage/engage.ts')),
    ],
    ['the words of the desk in scenarios', concreteAdapterFaults(imports('scenarios/a.ts', '../adapters/desk/b.ts'))],
    ['the contract of adapters', concreteAdapterFaults(imports('runtime/a.ts', '../adapters/adapter.ts'))],
    ['a moment made from a number', clockFaults(file('runtime/a.ts', 'new Date(at_ms).toISOString()'))],
    [
      'a comment that speaks of clocks',
      clockFaults(file('runtime/a.ts', '/** Not by Date.now(). */\nx() // nor setTimeout')),
    ],
    ['the clock itself', clockFaults(file('adapters/clock.ts', 'Date.now()'))],
    ['a long table of cases', lengthFaults(file('test/a.test.ts', '\n'.repeat(900)))],
    ['a path of a route', absolutePathFaults(file('a.ts', "'/v1/work/homes'"))],
    ['a word that holds a vague one', vagueNameFaults(file('runtime/uncommon-thing.ts'))],
  ]
  test.each(taken)('%s', (_, faults) => expect(faults).toEqual([]))
})

describe('The table of flows', () => {
  const row = (stem: string, state = 'working') =>
    `| [x](machines/flows/${stem}.ts) | ${state} | does ([story](a.md)) |`
  const readme = (...rows: string[]) =>
    flowStems.map((stem) => rows.find((one) => one.includes(`/${stem}.ts`)) ?? row(stem)).join('\n')
  const flows = (stems = flowStems) => [file('a.md'), ...stems.map((stem) => file(`machines/flows/${stem}.ts`))]
  const allBut = (stem: string) => flowStems.filter((one) => one !== stem)

  test('agrees when all eleven are there and work', () => expect(flowTableFaults(readme(), flows())).toEqual([]))

  const refused: [what: string, faults: string[], fault: string][] = [
    [
      'a flow that works without a file',
      flowTableFaults(readme(), flows(allBut('created'))),
      'README.md: created works, but has no file',
    ],
    [
      'a flow without a file',
      flowTableFaults(readme(row('created', 'not yet')), flows(allBut('created'))),
      'machines/flows/created.ts: is missing',
    ],
    [
      'a file that does not work',
      flowTableFaults(readme(row('created', 'not yet')), flows()),
      'README.md: does not say that created works',
    ],
    [
      'a file that is no flow',
      flowTableFaults(readme(), flows([...flowStems, 'sms-outbound'])),
      'machines/flows/sms-outbound.ts: no flow of the seed',
    ],
    ['a missing row', flowTableFaults('', flows()), 'README.md: no row for email-inbound'],
    [
      'a link to nothing',
      flowTableFaults(readme(row('queued').replace('a.md', 'b.md')), flows()),
      'README.md: links to b.md, which is not there',
    ],
  ]
  test.each(refused)('refuses %s', (_, faults, fault) => expect(faults).toContain(fault))
})
