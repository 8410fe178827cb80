import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect as connectNats } from '@nats-io/transport-node'
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest'
import { isRunning, processWith } from '../runtime/nats-server/process-identity.ts'
import { type RunningNatsServer, runNatsServer } from '../runtime/nats-server/run-nats-server.ts'
import { isAtLeast } from '../runtime/nats-server/version.ts'
import { startBroker } from './broker.ts'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-test-'))
})

afterEach(() => rmSync(dir, { recursive: true, force: true }))

describe('running a nats-server', () => {
  const running: RunningNatsServer[] = []
  const run = async (options: { port?: number; syncAlways?: boolean } = {}) => {
    const server = await runNatsServer({ bin: inject('natsServerBin'), dataDir: join(dir, 'data'), ...options })
    running.push(server)
    return server
  }

  afterEach(async () => {
    await Promise.all(running.splice(0).map((server) => server.stop()))
  })

  test('it answers with its INFO line, with JetStream on and messages of up to 1 MB', async () => {
    const { url } = await run()
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    const [bytes] = await once(socket, 'data')
    socket.destroy()
    const info = JSON.parse(String(bytes).replace(/^INFO /, ''))
    expect(info).toMatchObject({ jetstream: true, host: '127.0.0.1', max_payload: 1_048_576 })
    expect(isAtLeast(info.version)).toBe(true)
  })

  test('every record is synced to the disk, unless that is turned off by name', async () => {
    const config = () => readFileSync(join(dir, 'data', 'nats-server.conf'), 'utf8')
    const first = await run()
    expect(config()).toContain('sync_interval: always')
    await first.stop()
    await run({ syncAlways: false })
    expect(config()).not.toContain('sync_interval')
  })

  test.runIf(existsSync('/proc/self/environ'))(
    'its heap grows by half before it is swept, unless GOGC says otherwise',
    async () => {
      const gogc = ({ pid }: RunningNatsServer) => /GOGC=(\d+)/.exec(readFileSync(`/proc/${pid}/environ`, 'utf8'))?.[1]
      const first = await run()
      expect(gogc(first)).toBe('50')
      await first.stop()
      vi.stubEnv('GOGC', '80')
      expect(gogc(await run())).toBe('80')
      vi.unstubAllEnvs()
    },
  )

  test('what was stored is there after stop and start, and after a kill', async () => {
    const subjects = ['kept.stop', 'kept.kill']
    const first = await run()
    const nats = await connectNats({ servers: first.url })
    await (await jetstreamManager(nats)).streams.add({ name: 'KEPT', subjects: ['kept.>'] })
    await jetstream(nats).publish('kept.stop', 'one')
    await nats.close()
    await first.stop()

    const second = await run()
    const again = await connectNats({ servers: second.url })
    await jetstream(again).publish('kept.kill', 'two')
    await again.close()
    process.kill(second.pid, 'SIGKILL')
    expect(await second.exited).toEqual({ code: null, signal: 'SIGKILL' })

    const last = await connectNats({ servers: (await run()).url })
    const { streams } = await jetstreamManager(last)
    const found = await Promise.all(subjects.map((last_by_subj) => streams.getMessage('KEPT', { last_by_subj })))
    expect(found.map((message) => message?.string())).toEqual(['one', 'two'])
    await last.close()
  })

  test('stopping is in order, leaves no process and no pid file, and may be repeated', async () => {
    const server = await run()
    await Promise.all([server.stop(), server.stop()])
    await server.stop()
    expect(await server.exited).toEqual({ code: 0, signal: null })
    expect(processWith(server.pid)).toBeUndefined()
    expect(existsSync(join(dir, 'data', 'nats-server.pid'))).toBe(false)
  })

  test('a taken port is an error with the last lines of the log, and never the answer of whoever holds it', async () => {
    const holder = await startBroker()
    const refusal = run({ port: Number(new URL(holder.url).port) })
    await expect(refusal).rejects.toThrow(
      /did not start on 127\.0\.0\.1, port \d+, .*exit code 1.*\n(.*\n)*.*address already in use/,
    )
    await holder.stop()
  })

  test('a binary that cannot be run is an error that names it', async () => {
    const refusal = runNatsServer({ bin: join(dir, 'absent'), dataDir: join(dir, 'data') })
    await expect(refusal).rejects.toThrow(/absent\) did not start .*could not be run.*\n.*ENOENT/)
  })

  test('a folder whose server has a living starter is in use: the second start is refused, the server stays', async () => {
    const server = await run()
    await expect(run()).rejects.toThrow(
      `${join(dir, 'data')} is in use by nats-server ${server.pid}, started by process ${process.pid}`,
    )
    expect(processWith(server.pid)).toBeDefined()
  })

  test('the server of a killed process is stopped, and a new one takes its folder over', async () => {
    const script = `
      import { runNatsServer } from ${JSON.stringify(new URL('../runtime/nats-server/run-nats-server.ts', import.meta.url).href)}
      const server = await runNatsServer(${JSON.stringify({ bin: inject('natsServerBin'), dataDir: join(dir, 'data') })})
      process.stdout.write(server.pid + ' ')`
    const args = ['--import', 'tsx', '--input-type=module', '-e', script]
    const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const orphan = processWith(Number(String((await once(parent.stdout, 'data'))[0])))
    parent.kill('SIGKILL')
    await once(parent, 'exit')
    expect(orphan && isRunning(orphan), 'the system left the server running').toBe(true)

    const server = await run()
    expect(server.pid).not.toBe(orphan?.pid)
    expect(orphan && isRunning(orphan)).toBe(false)
  })

  test('a stranger that got the number of a server that is gone is left alone', async () => {
    const stranger = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] })
    await vi.waitFor(() => expect(processWith(Number(stranger.pid))?.command).toContain('stdin.resume'))
    const server = { pid: stranger.pid, started: processWith(Number(stranger.pid))?.started }
    mkdirSync(join(dir, 'data'))
    const gone = { pid: 4_194_999, started: 'long ago' }
    writeFileSync(join(dir, 'data', 'nats-server.pid'), JSON.stringify({ server, starter: gone }))

    await run()
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull()
    stranger.stdin.end()
    await once(stranger, 'exit')
  })
})
