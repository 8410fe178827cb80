/**
 * The report of `parley paths` as JUnit XML, which every CI reads: a suite a machine; a case a criterion of coverage, and one for
 * each invariant that is broken, or a single one that says that all hold. Pure.
 */
import { escaped } from '../../runtime/chart/svg.ts'
import type { Report } from './report.ts'
import { sequence } from './table.ts'

interface Case {
  name: string
  failure?: { message: string; text: string }
}

export function junitOf(reports: Report[]): string {
  const suites = reports.map((report) => ({ name: `paths of ${report.machine}`, cases: casesOf(report) }))
  const all = suites.flatMap(({ cases }) => cases)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counted(all)}>`,
    ...suites.flatMap(({ name, cases }) => [
      `  <testsuite name="${escaped(name)}" ${counted(cases)}>`,
      ...cases.map((one) => caseXml(name, one)),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n')
}

function casesOf({ cover, coverage, violations, paths, seed }: Report): Case[] {
  const covered = cover.map((criterion): Case => {
    const { covered, total, ratio } = coverage[criterion]
    const name = `cover every one of ${criterion} that can be reached`
    return ratio === 1 ? { name } : { name, failure: { message: `${covered} of ${total}`, text: '' } }
  })
  const broken = violations.map(
    ({ found, id, steps }): Case => ({
      name: `hold: ${found.replace(/:.*/s, '')}`,
      failure: {
        message: found,
        text: [
          `parley paths --seed ${seed} --replay ${id}`,
          ...steps.map((step) => JSON.stringify(step)),
          ...sequence(steps),
        ].join('\n'),
      },
    }),
  )
  return [
    ...covered,
    ...(broken.length > 0 ? broken : [{ name: `hold every invariant on ${paths} paths and their disturbances` }]),
  ]
}

const counted = (cases: Case[]): string =>
  `tests="${cases.length}" failures="${cases.filter(({ failure }) => failure).length}"`

function caseXml(suite: string, { name, failure }: Case): string {
  const head = `    <testcase classname="${escaped(suite)}" name="${escaped(name)}"`
  if (!failure) return `${head}/>`
  return `${head}>\n      <failure message="${escaped(failure.message)}">${escaped(failure.text)}</failure>\n    </testcase>`
}
