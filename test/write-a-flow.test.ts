/**
 * docs/write-a-flow.md as a newcomer follows it: its blocks are the files of examples/appointment, its commands run, on a real
 * broker where they need one, and what it shows as their output is what comes out.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, inject, onTestFinished, test, vi } from 'vitest'
import { type AnyStateMachine, createMachine } from 'xstate'
import { ownPaths } from '../bin/verbs/own-paths.ts'
import catalogue from '../examples/appointment/appointment.paths.ts'
import { appointment } from '../examples/appointment/appointment.ts'
import { isUpdating } from './approved.ts'
import { pathsOf } from './paths/own/public.ts'

const root = join(import.meta.dirname, '..')
const folder = join(root, 'examples/appointment')
const path = join(root, 'docs/write-a-flow.md')

const block = /^```(\w+)(?: (\S+))?\n(.*?)^```$/gms
const blocks = [...readFileSync(path, 'utf8').matchAll(block)].map(([, language, name, text]) => ({
  language,
  name,
  text: text!,
}))
const shown = blocks.filter(({ language }) => language === 'text').map(({ text }) => text)
const commands = blocks.filter(({ language }) => language === 'sh').map(({ text }) => text.trim())

describe('The guide to a flow of your own', () => {
  test('shows every file of its example as it is (UPDATE_EXPECT=1 rewrites it)', () => {
    const page = readFileSync(path, 'utf8')
    const asItIs = page.replace(block, (whole, language, name) =>
      name === undefined ? whole : `\`\`\`${language} ${name}\n${readFileSync(join(folder, name), 'utf8')}\`\`\``,
    )
    if (isUpdating) writeFileSync(path, asItIs)
    expect(page).toBe(asItIs)
    expect(blocks.flatMap(({ name }) => name ?? []).sort()).toEqual(readdirSync(folder).sort())
  })

  test('has no other commands than those that run here', () => {
    expect(commands).toEqual(['npx parley paths ./appointment.ts', 'npx tsx play.ts'])
    expect(shown).toHaveLength(3)
  })

  test('its machine holds its invariants on every path', async () => {
    let said = ''
    const output = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      said += text
      return true
    })
    onTestFinished(() => output.mockRestore())
    await ownPaths(join(folder, 'appointment.ts'), 1, {})
    expect(said).toBe(shown[0])
  })

  test('the fault that it plants comes back in three steps', () => {
    const { config, implementations } = appointment as unknown as AnyStateMachine
    const { 'appointment.calledOff': _, ...on } = config.states!.confirming!.on as Record<string, never>
    const states = { ...config.states, confirming: { ...config.states!.confirming, on } }
    const broken = createMachine({ ...config, states } as never, implementations as never) as unknown as AnyStateMachine
    const told = pathsOf(broken, catalogue).violations.map(({ found, steps }) =>
      [`  ${found}`, ...steps.map((step, index) => `  ${index + 1}  ${JSON.stringify(step)}`), ''].join('\n'),
    )
    expect(told).toEqual([shown[1]])
  })

  test('a machine whose memory never ends is told of in one sentence', async () => {
    mkdirSync(join(root, '.parley'), { recursive: true })
    const own = mkdtempSync(join(root, '.parley/own-'))
    onTestFinished(() => rmSync(own, { recursive: true }))
    writeFileSync(
      join(own, 'counts.mjs'),
      `import { assign, setup } from 'xstate'
      export default setup({ actions: { keep: assign({ said: ({ context }) => context.said + 'x' }) } }).createMachine({
        id: 'counts', options: { maxIterations: 9 }, context: { said: '' }, initial: 'on',
        states: { on: { id: 'on', on: { said: { actions: 'keep' }, end: 'off' } }, off: { type: 'final' } },
      })`,
    )
    writeFileSync(
      join(own, 'counts.paths.mjs'),
      "export default { events: { says: { type: 'said' } }, rests: { on: 'it listens' } }",
    )
    await expect(ownPaths(join(own, 'counts.mjs'), 1, {})).rejects.toMatchObject({
      name: 'VerbError',
      message: expect.stringMatching(/its memory said had \d+ values: export tellsApart/),
    })
  }, 60_000)

  test('its stories pass on a real node and broker, with the node killed on the way', async () => {
    const env = { PATH: process.env.PATH, NATS_SERVER_BIN: inject('natsServerBin') }
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', 'play.ts'], { cwd: folder, env })
    expect(stdout).toBe(shown[2])
  }, 120_000)
})
