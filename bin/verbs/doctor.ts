/** `parley doctor`: what is as it should be, what is not, and how to mend it. Fails when something is wrong. */

import type { Finding } from '../../runtime/doctor/finding.ts'
import { examine } from '../../runtime/doctor.ts'
import { VerbError } from '../cli.ts'
import { natsServerCache } from '../nats-server-cache.ts'
import { paintFor } from '../paint.ts'

export async function doctor({ json }: { json?: boolean }): Promise<void> {
  const { checks, bindings } = await examine({ env: process.env, cwd: process.cwd(), natsServerCache })
  const wrong = checks.filter((check) => check.ok === 'wrong').length
  process.stdout.write(json ? `${JSON.stringify({ ok: wrong === 0, checks, bindings }, null, 2)}\n` : tableOf(checks))
  if (wrong > 0)
    throw new VerbError(`${wrong === 1 ? 'one check is' : `${wrong} checks are`} wrong; mend as said above`)
}

function tableOf(checks: Finding[]): string {
  const { green, red, cyan, dim } = paintFor(process.stdout, process.env)
  const marks = { ok: green('ok   '), warn: cyan('warn '), wrong: red('wrong') }
  const width = Math.max(...checks.map(({ check }) => check.length))
  const lines = checks.flatMap(({ check, ok, found, mend }) => [
    `${marks[ok]}  ${check.padEnd(width)}  ${found}`,
    ...(mend === undefined ? [] : [`${' '.repeat(width + 9)}${dim(`→ ${mend}`)}`]),
  ])
  return `${lines.join('\n')}\n`
}
