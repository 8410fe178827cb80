/**
 * Every line of the checklist is proven by a test or a story that quotes its id, or says why it waits; `CHECKLIST.md` is
 * the page of it. The reader of titles is shown what it must count and what it must not.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { expectApproved } from './approved.ts'
import { checklistFaults } from './checklist/faults.ts'
import { allTitles, type Proof, proofsById } from './checklist/proofs.ts'
import { quotedIds } from './checklist/quoted-ids.ts'
import { checklistPage } from './checklist/table.ts'
import { titlesOf } from './checklist/titles.ts'
import { tokensOf } from './checklist/tokens.ts'
import { checklist, ids, waits } from './checklist.ts'

const page = join(import.meta.dirname, 'CHECKLIST.md')
const titles = await allTitles()
const proofs = proofsById(titles)

describe('The checklist', () => {
  test('every line is proven or says why it waits, and nothing is quoted that is not a line', () => {
    expect(checklistFaults(ids, waits, proofs)).toEqual([])
  })

  test('has every id once, without a gap: 115 of the flows, 48 choices, 117 cases', () => {
    const all = 'G1-G9 EM1-EM10 LC1-LC17 LX1-LX7 SM1-SM18 CB1-CB11 CR1-CR3 QU1-QU6 RO1-RO4 CL1-CL5 CC1-CC5 TR1-TR6'
    expect(ids).toEqual(quotedIds(`${all} CX1-CX4 DE1-DE5 PC1-PC5 A1-A48 E1-E117`))
    expect(ids).toHaveLength(115 + 48 + 117)
  })

  test('CHECKLIST.md says what the titles say', () => {
    expectApproved(page, checklistPage(checklist, waits, proofs), 'The page of the checklist')
  })
})

describe('A title', () => {
  const counted: [what: string, source: string, ids: string[]][] = [
    ['of a test', "test('SM1: it is', () => {})", ['SM1']],
    ['of a group, wherever the ids stand in it', "describe('it is (SM1, E2)', () => {})", ['SM1', 'E2']],
    ['of stories', "stories(\n  'It is (A5: no more)', [])", ['A5']],
    ['of a case', "[{ title: 'SM1, A7: it is', says: 'E9' }]", ['SM1', 'A7']],
    ['on the line below its key', "[{ title:\n  'SM1: it is' }]", ['SM1']],
    ['of a row of cases', "test.each([['SM1: it is', 5], [\"E2: it's\", 6]])('%s', f)", ['SM1', 'E2']],
    ['of cases', "test.each(cases.map((one) => f(one, 'E9')))('SM1: %s', f)", ['SM1']],
    [
      'that runs beside others, or only somewhere',
      "describe.concurrent('E1', f); test.runIf(x)('E2', f)",
      ['E1', 'E2'],
    ],
    [
      'that is put together',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the source of a template
      "test(`SM1${late ? `, ${'E2'}` : ''}: in ${state({ a: 1 })}, A3`, f)",
      ['SM1', 'E2', 'A3'],
    ],
    ['with a range', "test('LC8-LC11, E2: it is', f)", ['LC8', 'LC9', 'LC10', 'LC11', 'E2']],
    ['after a pattern with quotes in it', "const q = /['\"`/]/; test('SM1: it is', f)", ['SM1']],
    ['after a division', 'const half = all / 2 // it\'s\ntest("SM1: it is", f) // half / 2', ['SM1']],
    ['with an id that nobody knows', "test('SM99: it is', f)", ['SM99']],
  ]
  test.each(counted)('%s counts', (_, source, expected) => expect(idsIn(source)).toEqual(expected))

  const notCounted: [what: string, source: string][] = [
    ['a comment', "/** SM1: it is */\ntest('it is', f) // E2"],
    ['a comment that looks like a test', "// test('SM1: it is', f)\n/* test('E2', f) */ test('it is', f)"],
    ['a string that holds a comment and a test', 'const text = "// test(\'SM1: it is\', f)"'],
    ['data', "const a = { says: 'SM1: it is' }; play('E2: it is'); const b = 'A1: it is'"],
    ['a key that is looked up', "const a = b['SM1']"],
    ['a later cell of a row', "[['it is', 'SM1: it is']]"],
    ['a test that is left out', "test.skip('SM1: it is', f); test.todo('E2: it is'); describe.skip('A1', f)"],
    ['another word or number', "test('PC10X, SD12345650, +E1, E.164, e1, T1, XSM1, MD5: SM1.5', f)"],
  ]
  test.each(notCounted)('%s does not', (_, source) => expect(idsIn(source)).toEqual([]))

  const sources = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.ts'))
  test.each(sources)('in %s is found to the end of the file: every bracket that opens closes', (name) => {
    const signs = tokensOf(readFileSync(join(import.meta.dirname, name), 'utf8')).filter(({ kind }) => kind === 'sign')
    const count = (sign: string) => signs.filter(({ text }) => text === sign).length
    expect([count('('), count('['), count('{')]).toEqual([count(')'), count(']'), count('}')])
  })
})

describe('A fault', () => {
  const proof = (id: string): [string, Proof[]] => [id, [{ file: 'test/a.test.ts', title: `${id}: it is` }]]

  test('is a line that nothing proves, with what to do', () => {
    expect(checklistFaults(['A1', 'A2'], {}, new Map([proof('A1')]))).toEqual([
      'A2: no title quotes it; quote it in the test that proves it, or say in waits why there is none',
    ])
  })

  test('is a reason to wait for what is proven, or for what is no line', () => {
    const faults = checklistFaults(['A1'], { A1: 'later', A9: 'later' }, new Map([proof('A1')]))
    expect(faults).toEqual([
      'A1: is said to wait, and test/a.test.ts proves it; take it out of waits',
      'A9: is said to wait, and is not listed',
    ])
  })

  test('is a title that quotes what is no line', () => {
    expect(checklistFaults(['A1'], {}, new Map([proof('A1'), proof('A99')]))).toEqual([
      'A99: test/a.test.ts quotes it ("A99: it is"), and it is not listed',
    ])
  })

  test('is none where a line has a proof or a reason', () => {
    expect(checklistFaults(['A1', 'A2'], { A2: 'later' }, new Map([proof('A1')]))).toEqual([])
  })
})

test('The page names stories first, then the one title of a file or how many there are, and nothing breaks its table', () => {
  const proofs = proofsById([
    { file: 'scenarios/stories/b.yaml', title: 'B (A1)' },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a title as it is written
    { file: 'test/a.test.ts', title: 'A1, A2: a|b of ${list[0]}' },
    { file: 'test/c.test.ts', title: 'A1: c' },
    { file: 'test/c.test.ts', title: 'A1: d' },
    { file: 'test/d.test.ts', title: 'A2: %s of $case.name' },
  ])
  const sections = [{ heading: 'H', demands: { A1: 'one|two', A2: 'three', A3: 'four' } }]
  expect(checklistPage(sections, { A3: 'later' }, proofs).split('\n').slice(-6, -1)).toEqual([
    '| | what | proven by |',
    '|---|---|---|',
    '| A1 | one\\|two | [stories/b](../scenarios/stories/b.md)<br>[a](a.test.ts) a\\|b of …<br>[c](c.test.ts) ×2 |',
    '| A2 | three | [a](a.test.ts) a\\|b of …<br>[d](d.test.ts) … of … |',
    '| A3 | four | waits: later |',
  ])
})

const idsIn = (source: string): string[] => titlesOf(source).flatMap(quotedIds)
