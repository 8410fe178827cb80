/**
 * What is shipped for watching is held to the code: every metric that the dashboard, the alerts and the documents name
 * exists, with the labels that they use, and every metric there is is written down.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { systemClock } from '../adapters/clock.ts'
import { metrics } from '../runtime/metrics.ts'

const root = join(import.meta.dirname, '..')
const textOf = (path: string) => readFileSync(join(root, path), 'utf8')
const described = metrics(systemClock()).described()

interface Dashboard {
  panels: { title: string; gridPos: { x: number; y: number }; targets: { expr: string }[] }[]
}
interface Alerts {
  groups: { rules: { alert: string; expr: string; annotations: { summary: string; todo: string } }[] }[]
}
const dashboard = JSON.parse(textOf('deploy/grafana/parley.json')) as Dashboard
const rules = (parse(textOf('deploy/prometheus/alerts.yaml')) as Alerts).groups.flatMap((group) => group.rules)
const expressions = [
  ...dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
]

/** What an expression says of our metrics that is not so. */
function faultsOf(expression: string): string[] {
  const names = [...expression.matchAll(/\bparley_[a-z_]+/g)].map(([name]) => name)
  const unknown = names.filter((name) => !described.some((one) => seriesOf(one).includes(name)))
  const labels = [...expression.matchAll(/by \(([^)]*)\)|\{([^}]*)\}/g)].flatMap(([, by = '', matchers = '']) => [
    ...by.split(',').map((label) => label.trim()),
    ...[...matchers.matchAll(/(\w+)\s*[=!]/g)].map(([, label]) => label!),
  ])
  const had = described.filter((one) => names.some((name) => seriesOf(one).includes(name))).flatMap((one) => one.labels)
  const strange = labels.filter((label) => label !== '' && label !== 'le' && !had.includes(label))
  return [...(names.length === 0 ? ['names no metric'] : []), ...unknown, ...strange.map((label) => `label ${label}`)]
}

function seriesOf({ name, type }: { name: string; type: string }): string[] {
  return type === 'histogram' ? ['bucket', 'count', 'sum'].map((part) => `${name}_${part}`) : [name]
}

describe('The dashboard and the alerts', () => {
  test.each(expressions)('%s: %s', (_, expression) => expect(faultsOf(expression)).toEqual([]))

  test('every metric is watched by one of them', () => {
    const all = expressions.map(([, expression]) => expression).join(' ')
    expect(described.filter(({ name }) => !all.includes(name))).toEqual([])
  })

  test('every alert says what to do', () => {
    for (const { annotations } of rules) expect(annotations.todo.length).toBeGreaterThan(20)
  })

  test('no panel lies on another', () => {
    const places = dashboard.panels.map(({ gridPos }) => `${gridPos.x} ${gridPos.y}`)
    expect(new Set(places).size).toBe(places.length)
  })

  test('an expression of what is not there is refused', () => {
    expect(faultsOf('rate(parley_nothing_total[1m])')).toEqual(['parley_nothing_total'])
    expect(faultsOf('sum by (customer) (parley_conversations)')).toEqual(['label customer'])
    expect(faultsOf('up')).toEqual(['names no metric'])
  })
})

test('docs/metrics.md is what the code says (UPDATE_EXPECT=1 rewrites it)', () => {
  const head = '# Metrics\n\n`GET /metrics`, made from the code. Labels are few and bounded: no id, no customer.\n\n'
  const rows = described.map(
    ({ name, type, labels, help }) => `| \`${name}\` | ${type} | ${labels.join(', ')} | ${help} |`,
  )
  const page = `${head}| metric | type | labels | what it tells |\n|---|---|---|---|\n${rows.join('\n')}\n`
  if (process.env.UPDATE_EXPECT === '1') writeFileSync(join(root, 'docs/metrics.md'), page)
  expect(textOf('docs/metrics.md')).toBe(page)
})
