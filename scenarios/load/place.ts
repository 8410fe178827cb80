/**
 * Where a load run happens: one nats-server, and one node with the embedded desk and its automatic
 * agents, each a process of its own, on loopback, with its data in a temporary folder. Nothing is left behind after `stop`.
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../adapters/clock.ts'
import { master_key_bytes } from '../../runtime/encryption/master-keys.ts'
import { freePorts } from '../../runtime/nats-server/free-ports.ts'
import { runNatsServer } from '../../runtime/nats-server/run-nats-server.ts'
import { atExit } from '../chaos/at-exit.ts'
import { keepRunning } from '../chaos/child-process.ts'
import type { LoadOptions } from './load.ts'

export interface LoadPlace {
  url: string
  deskUrl: string
  mailPort: number
  /** The node was started so often; more than once means that it ended on its own. */
  starts(): number
  stop(): Promise<void>
}

const entry = join(import.meta.dirname, '../../bin/parley.mjs')
const up_ms_max = 60_000

/** Throws when the node is not up after a minute, and leaves nothing running. */
export async function openPlace(
  clock: Clock,
  bin: string,
  { syncAlways, encrypted }: Pick<LoadOptions, 'syncAlways' | 'encrypted'>,
): Promise<LoadPlace> {
  const dir = await mkdtemp(join(tmpdir(), 'parley-load-'))
  const broker = await runNatsServer({ bin, dataDir: join(dir, 'nats'), syncAlways })
  const outlived = atExit(() => void process.kill(broker.pid, 'SIGKILL'))
  const [mailPort = 0] = await freePorts(1)
  const addresses = new Map<string, string>()
  const node = keepRunning(clock, {
    command: process.execPath,
    args: [entry, 'serve'],
    cwd: dir,
    env: {
      PATH: process.env.PATH ?? '',
      PARLEY_NATS_URL: broker.url,
      PARLEY_SMTP_PORT: String(mailPort),
      ...settings,
      ...(encrypted && { PARLEY_MASTER_KEYS: randomBytes(master_key_bytes).toString('base64') }),
    },
    logFile: join(dir, 'node.log'),
    onLine(line) {
      const [what = '', url] = line.split(' ')
      if (url?.startsWith('http')) addresses.set(what, url)
    },
  })
  const stop = async () => {
    await node.stop()
    await broker.stop()
    outlived()
    await rm(dir, { recursive: true, force: true })
  }
  for (let waited_ms = 0; addresses.size < 2; waited_ms += look_again_ms) {
    if (waited_ms > up_ms_max) {
      await stop()
      throw new Error(`the node was not up after ${up_ms_max} ms`)
    }
    await clock.sleep(look_again_ms)
  }
  const at = (what: string) => addresses.get(what) ?? ''
  return { url: at('Gateway'), deskUrl: at('Desk'), mailPort, starts: node.starts, stop }
}

const look_again_ms = 50

/** Agents who are quick, and answer each message of a story; everything else as it is without a configuration. */
const settings = {
  PARLEY_PORT: '0',
  PARLEY_DESK_PORT: '0',
  PARLEY_DESK_ANSWER_AFTER_MS: '1000',
  PARLEY_DESK_REPLY_AFTER_MS: '500',
  PARLEY_DESK_CLOSE_AFTER_MESSAGES: '8',
  PARLEY_LOG_LEVEL: 'warn',
}
