/**
 * Somebody else's mailbox: Debian's dovecot on a port of its own, as it is installed here, or unpacked from its packages and not
 * installed. Its paths are built into it, so unpacked it runs in a mount namespace where its folder lies over /usr/lib;
 * nothing of the system changes. Where a container may not mount, its root installs it instead.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '../runtime/nats-server/free-ports.ts'
import { ran, unpacked } from './debian-packages.ts'

export interface Dovecot {
  port: number
  /** The mailbox of a user, made at the first login. */
  url(user: string): string
  password: string
  /** Ends the server and keeps what is in the mailboxes. */
  pause(): Promise<void>
  resume(): Promise<void>
  stop(): Promise<void>
}

const packages = ['dovecot-core', 'dovecot-imapd']
const password = 's3cret'
const up_ms_max = 20_000
const look_again_ms = 50
const isRoot = process.getuid?.() === 0

/** `tokensAt`: where it asks about tokens (RFC 7662). Throws with what is missing here. */
export async function startDovecot(tokensAt: string): Promise<Dovecot> {
  const place = await placeOf()
  const dir = await mkdtemp(join(tmpdir(), 'parley-dovecot-'))
  const [port = 0] = await freePorts(1)
  for (const folder of ['run', 'state', 'mail']) await mkdir(join(dir, folder))
  // Mailboxes are nobody's: dovecot opens none as root.
  await chmod(dir, 0o755)
  await chmod(join(dir, 'mail'), 0o777)
  await writeFile(join(dir, 'dovecot.conf'), configOf(dir, port))
  await writeFile(join(dir, 'oauth2.conf'), tokenConfigOf(tokensAt))
  let child: ChildProcess | undefined
  const stop = async () => {
    const gone = child && child.exitCode === null ? once(child, 'exit') : undefined
    child?.kill('SIGTERM')
    await gone
    endGroup(child?.pid)
  }
  const start = async () => {
    const started = place.run(`-f service=master -c ${dir}/dovecot.conf`)
    child = started
    let said = ''
    for (const stream of [started.stdout, started.stderr]) {
      stream?.on('data', (bytes) => {
        said += bytes
      })
    }
    for (let waited_ms = 0; !(await answers(port)); waited_ms += look_again_ms) {
      if (started.exitCode === null && waited_ms < up_ms_max) {
        await new Promise((resolve) => setTimeout(resolve, look_again_ms))
        continue
      }
      const log = await readFile(join(dir, 'dovecot.log'), 'utf8').catch(() => '')
      await stop()
      throw new Error(`dovecot does not run here; mend what it says:\n${said}${log}`)
    }
  }
  await start()
  return {
    port,
    url: (user) => `imap://${user}@127.0.0.1:${port}/INBOX`,
    password,
    pause: stop,
    resume: start,
    async stop() {
      await stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

interface Place {
  run(options: string): ChildProcess
}

/** Sessions outlive the server that began them, as on a machine that is not switched off. */
function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if ((error as { code?: string }).code !== 'ESRCH') throw error
  }
}

const spawned = { stdio: ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'], detached: true }
const installed: Place = {
  run: (options) => spawn('sh', ['-c', `exec doveconf ${options} -e $(command -v dovecot) -F`], spawned),
}

async function placeOf(): Promise<Place> {
  if (existsSync('/usr/lib/dovecot/imap')) return installed
  const unshare = ['--mount', ...(isRoot ? [] : ['--map-root-user'])]
  if (spawnSync('unshare', [...unshare, 'true']).status !== 0) {
    if (isRoot && ran('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages]) === undefined) {
      return installed
    }
    throw new Error('dovecot needs a mount namespace here (unshare --mount), or to be installed: dovecot-imapd')
  }
  const root = await unpacked('dovecot', packages)
  const over = `mount -t overlay overlay -o lowerdir=${root}/usr/lib:/usr/lib /usr/lib`
  const env = { PATH: process.env.PATH ?? '', LD_LIBRARY_PATH: `${root}/usr/lib/dovecot` }
  return {
    run(options) {
      const command = `${over} && exec ${root}/usr/bin/doveconf ${options} -e ${root}/usr/sbin/dovecot -F`
      return spawn('unshare', [...unshare, 'sh', '-c', command], { env, ...spawned })
    },
  }
}

const nobody = 65_534

function configOf(dir: string, port: number): string {
  const { username, uid, gid } = userInfo()
  // In a namespace of its own, a person is its root; dovecot itself may be nobody else there.
  const user = isRoot ? 'nobody' : username
  const ids = isRoot ? `uid=${nobody} gid=${nobody}` : `uid=${uid} gid=${gid}`
  return `base_dir = ${dir}/run
state_dir = ${dir}/state
auth_mechanisms = plain xoauth2
auth_failure_delay = 0
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
log_path = ${dir}/dovecot.log
import_environment = LD_LIBRARY_PATH
default_internal_user = ${user}
default_login_user = ${isRoot ? 'daemon' : username}
default_internal_group = ${isRoot ? 'nogroup' : username}
mail_location = maildir:${dir}/mail/%u
passdb {
  driver = oauth2
  mechanisms = xoauth2
  args = ${dir}/oauth2.conf
}
passdb {
  driver = static
  mechanisms = plain
  args = password=${password}
}
userdb {
  driver = static
  args = ${ids} home=${dir}/mail/%u
}
namespace inbox {
  inbox = yes
}
service anvil {
  chroot =
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service stats {
  chroot =
}
service config {
  executable = config -c ${dir}/dovecot.conf
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
}
`
}

const tokenConfigOf = (tokensAt: string): string => `introspection_mode = post
introspection_url = ${tokensAt}
username_attribute = username
active_attribute = active
active_value = true
`

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const end = (is: boolean) => {
      socket.destroy()
      resolve(is)
    }
    socket.once('data', (bytes) => end(/^\* OK/.test(String(bytes))))
    socket.once('error', () => end(false))
    socket.setTimeout(2_000, () => end(false))
  })
}
