/**
 * `parley fuzz`: almost right inputs for every codec, and a part of them for the doors of a throw-away node. Fails on
 * anything that is neither read nor refused in order.
 */
import { doorPaths } from '../../runtime/door-paths.ts'
import { readScenario, scenarioFiles } from '../../scenarios/scenario-files.ts'
import { startStack } from '../../scenarios/stack.ts'
import { type FuzzReport, fuzz } from '../../test/fuzz/fuzz.ts'
import { VerbError } from '../cli.ts'
import { say, table } from '../print.ts'
import { stopAsked } from '../stop-asked.ts'

export async function fuzzing({ seed, inputs, json }: { seed: string; inputs: string; json?: boolean }): Promise<void> {
  const options = { seed: whole('--seed', seed), inputs: whole('--inputs', inputs) }
  const [first] = await scenarioFiles()
  const stop = stopAsked()
  const stack = await startStack({ scenarios: [await readScenario(first!)] })
  try {
    const running = fuzz({
      ...options,
      progress: (done) => process.stderr.write(`${done} of ${options.inputs} inputs\n`),
      post: async (door, body) => {
        const headers = { 'content-type': 'application/json' }
        const answer = await fetch(stack.url + (doorPaths as Record<string, string>)[door], {
          method: 'POST',
          headers,
          body: Buffer.from(body),
        })
        await answer.arrayBuffer()
        return answer.status
      },
    })
    const report = await Promise.race([running, stop.asked])
    if (json) say(JSON.stringify({ ok: report.faults.length === 0, ...report }))
    else tell(report)
    if (report.faults.length > 0)
      throw new VerbError(`${report.faults.length} faults with seed ${report.seed}; see above`)
  } finally {
    await stack.stop()
    stop.forget()
  }
}

function tell({ seed, inputs, byCodec, statuses, heapGrowthMb, slowestMs, faults }: FuzzReport): void {
  const rows = Object.entries(byCodec).sort(([a], [b]) => (a < b ? -1 : 1))
  table(
    ['codec', 'read', 'refused'],
    rows.map(([name, { read, refused }]) => [name, String(read), String(refused)]),
  )
  const answered = Object.entries(statuses).map(([status, count]) => `${status} ${count} times`)
  say(`\nThe doors of a node answered ${answered.join(', ') || 'nothing'}.`)
  say(`${inputs} inputs of seed ${seed}: the heap grew by ${heapGrowthMb} MB, the slowest input took ${slowestMs} ms.`)
  for (const { codec, input, what, value } of faults) say(`\n${codec}, input ${input}: ${what}\n${value}`)
}

function whole(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new VerbError(`${option}: expected a whole number below a thousand million, found ${text}`)
}
