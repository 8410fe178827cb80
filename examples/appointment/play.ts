/** Plays stories.yaml on the node as a process of its own, killed where a story says so: `npx tsx play.ts`. */
import { deepEqual } from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { parse } from 'yaml'

interface Step {
  tell?: { phone: string } & Record<string, unknown>
  passes?: { hours: number }
  killed?: true
  expect?: { state: string; calls: string[] }
}

const here = import.meta.dirname
const dataDir = await mkdtemp(join(tmpdir(), 'appointments-'))
let calls: string[] = []
const farSides = createServer(async (request, response) => {
  const { text = '' } = (await json(request)) as { text?: string }
  calls.push(`${request.url!.slice(1)} ${text}`.trim())
  response.end('{}')
}).listen(0, '127.0.0.1')
await once(farSides, 'listening')

let node: ChildProcess
let url: string
async function start() {
  const env = {
    ...process.env,
    FAR_SIDES_URL: `http://127.0.0.1:${(farSides.address() as AddressInfo).port}`,
    PARLEY_DATA_DIR: dataDir,
    PARLEY_CLOCK: 'virtual',
    PARLEY_PORT: '0',
    PARLEY_DESK_PORT: '0',
    PARLEY_PARTITIONS: '4',
    PARLEY_LOG_LEVEL: 'warn',
  }
  const program = ['--import', 'tsx', join(here, 'main.ts')]
  node = spawn(process.execPath, program, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(node, 'exit').then(() => Promise.reject(new Error('the node ended before it was ready')))
  const [said] = await Promise.race([once(node.stdout!.setEncoding('utf8'), 'data'), ended])
  url = /Gateway (\S+)/.exec(said)![1]!
}
async function end(signal: NodeJS.Signals) {
  const gone = once(node, 'exit')
  node.kill(signal)
  await gone
}

async function post(path: string, body: object) {
  const headers = { 'content-type': 'application/json' }
  const { status } = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
  deepEqual(status, 200)
}
/** Answers once what became due has been turned and its effects attempted. */
const passes = (advanceMs: number) => post('/v1/test/clock', { advanceMs })
async function stateOf(phone: string) {
  const query = new URLSearchParams({ channel: 'live-chat', asset: 'appointment', customer: phone })
  const { items } = (await (await fetch(`${url}/v1/conversations?${query}`)).json()) as { items: { state: string }[] }
  return items[0]?.state
}

await start()
let told = 0
const stories = parse(await readFile(join(here, 'stories.yaml'), 'utf8')) as { story: string; steps: Step[] }[]
for (const { story, steps } of stories) {
  let phone = ''
  for (const step of steps) {
    if (step.tell) {
      phone = step.tell.phone
      told++
      await post('/v1/events/appointment', { id: `e${told}`, at: '2026-03-02T09:00:00Z', ...step.tell })
      await passes(0)
    }
    if (step.passes) await passes(step.passes.hours * 3_600_000)
    if (step.killed) {
      await end('SIGKILL')
      await start()
    }
    if (step.expect) {
      deepEqual({ state: await stateOf(phone), calls }, step.expect)
      calls = []
    }
  }
  process.stdout.write(`passed: ${story}\n`)
}
await end('SIGTERM')
farSides.close()
await rm(dataDir, { recursive: true })
