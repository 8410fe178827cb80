import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { archivesOf, readDeb822, readOneLine, stanzaFor } from '../runtime/nats-server/debian-sources.ts'
import { debianAs } from '../runtime/nats-server/from-debian.ts'
import { releaseAt } from '../runtime/nats-server/from-release.ts'
import { type GetNatsServerOptions, getNatsServer } from '../runtime/nats-server/get-nats-server.ts'
import { isAtLeast, parseVersion, version_fetched } from '../runtime/nats-server/version.ts'
import type { Way } from '../runtime/nats-server/way.ts'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-test-'))
})

afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** An executable that says it is a nats-server of this version; it stands in for one only where no server has to run. */
function saying(printed: string, ...folder: string[]): string {
  mkdirSync(join(dir, ...folder), { recursive: true })
  const bin = join(dir, ...folder, 'nats-server')
  writeFileSync(bin, `#!/bin/sh\necho '${printed}'\n`)
  chmodSync(bin, 0o755)
  return bin
}

describe('the version', () => {
  test.each([
    ['nats-server: v2.15.1\n', '2.15.1'],
    ['nats-server: v2.14.0-RC.2', '2.14.0-RC.2'],
    ['nats-server: 2.10.27+ds1', '2.10.27'],
    ['[warn] something\nnats-server: v2.15.1', '2.15.1'],
    ['nats-server: unknown', undefined],
    ['v2.15.1', undefined],
    ['', undefined],
  ])('%j says %s', (printed, version) => expect(parseVersion(printed)).toBe(version))

  test.each([
    ['2.14.0', true],
    ['2.14.7', true],
    ['2.15.0-dev', true],
    ['3.0.0', true],
    ['2.100.0', true],
    ['2.14.0-RC.2', false],
    ['2.13.99', false],
    ['2.9.10', false],
    ['1.99.99', false],
  ])('%s is new enough: %s', (version, enough) => expect(isAtLeast(version)).toBe(enough))
})

describe('getting a nats-server', () => {
  const bringing =
    (printed: string): Way =>
    async ({ workDir }) => {
      const bin = join(workDir, 'fetched')
      writeFileSync(bin, `#!/bin/sh\necho '${printed}'\n`)
      return bin
    }
  const refusing: Way = async () => ({ refused: 'not on a Tuesday' })
  const unreached: Way = async () => {
    throw new Error('this way was not to be tried')
  }

  /** With nothing but `/bin/sh` around, unless the case says otherwise. */
  const get = (options: GetNatsServerOptions = {}) =>
    getNatsServer({
      cacheDir: join(dir, 'cache'),
      ways: [['unreached', unreached]],
      ...options,
      env: { PATH: join(dir, 'path'), ...options.env },
    })

  test('NATS_SERVER_BIN comes before PATH, PATH before the cache, the cache before every way', async () => {
    const places = [
      ['NATS_SERVER_BIN', saying('nats-server: v2.14.1', 'named')],
      ['PATH', saying('nats-server: v2.14.2', 'path')],
      ['cache', saying('nats-server: v2.14.3', 'cache')],
    ] as const
    const env = { NATS_SERVER_BIN: places[0][1] }
    const found = []
    for (const [, bin] of places) {
      found.push(await get(existsSync(env.NATS_SERVER_BIN) ? { env } : {}))
      rmSync(bin)
    }
    expect(found.map(({ from, bin }) => [from, bin])).toEqual(places)
    expect((await get({ ways: [['a way', bringing('nats-server: v2.14.4')]] })).version).toBe('2.14.4')
  })

  test.each([
    ['too old', 'nats-server: v2.13.9', 'is nats-server 2.13.9, older than 2.14.0'],
    ['something else', 'hello', '--version did not print "nats-server: vX.Y.Z"'],
  ])('a NATS_SERVER_BIN that is %s is refused aloud, though a good one is on PATH', async (_, printed, reason) => {
    saying('nats-server: v2.15.1', 'path')
    const bin = saying(printed, 'named')
    const refusal = get({ env: { NATS_SERVER_BIN: bin } })
    await expect(refusal).rejects.toThrow(
      `NATS_SERVER_BIN must name a nats-server 2.14.0 or newer, but ${bin} ${reason}`,
    )
  })

  test('a NATS_SERVER_BIN that names no file is refused aloud', async () => {
    const refusal = get({ env: { NATS_SERVER_BIN: join(dir, 'absent') } })
    await expect(refusal).rejects.toThrow(/absent does not run .*correct it or unset it\.$/)
  })

  test('one on PATH that is too old is passed over for the next one on PATH', async () => {
    saying('nats-server: v2.10.27', 'old')
    const bin = saying('nats-server: v2.15.1', 'new')
    expect((await get({ env: { PATH: `${join(dir, 'old')}:${join(dir, 'new')}` } })).bin).toBe(bin)
  })

  test('a cached copy that has become too old is replaced by the first way that brings a good one', async () => {
    saying('nats-server: v2.13.0', 'cache')
    const lines: string[] = []
    const ways = [
      ['broken', unreached],
      ['refusing', refusing],
      ['old', bringing('nats-server: v2.9.10')],
      ['good', bringing('nats-server: v2.15.1')],
      ['later', unreached],
    ] as const
    const got = await get({ ways, progress: (line) => lines.push(line) })
    expect(got).toEqual({ bin: join(dir, 'cache', 'nats-server'), version: '2.15.1', from: 'good' })
    expect((await get()).from).toBe('cache')
    expect(lines).toEqual([])
  })

  test('when every way fails, one sentence says what to install, and a line each says why', async () => {
    saying('nats-server: v2.10.27', 'path')
    const ways = [
      ['refusing', refusing],
      ['old', bringing('nats-server: v2.9.10')],
    ] as const
    const error: Error = await get({ ways }).catch((thrown) => thrown)
    const [sentence, ...reasons] = error.message.split('\n')
    expect(sentence).toBe(
      'No nats-server 2.14.0 or newer is here or could be fetched: install one and put it on PATH, or name its file in NATS_SERVER_BIN.',
    )
    expect(reasons).toEqual([
      expect.stringMatching(/^ {2}PATH: .* is nats-server 2\.10\.27, older than 2\.14\.0$/),
      '  refusing: not on a Tuesday',
      expect.stringMatching(/^ {2}old: .* is nats-server 2\.9\.10, older than 2\.14\.0$/),
    ])
    expect(readdirSync(join(dir, 'cache'))).toEqual([])
  })

  test('several at once all get a whole binary, and leave nothing else behind', async () => {
    const ways = [['good', bringing('nats-server: v2.15.1')]] as const
    const got = await Promise.all(Array.from({ length: 8 }, () => get({ ways })))
    expect(new Set(got.map(({ bin, version }) => `${bin} ${version}`)).size).toBe(1)
    expect(readdirSync(join(dir, 'cache'))).toEqual(['nats-server'])
  })
})

describe('the Debian archive', () => {
  const deb822 = `# the distribution
Types: deb deb-src
URIs: http://mirror.test/debian
Suites: bookworm bookworm-updates
Components: main contrib
Trusted: yes
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc
 -----END PGP PUBLIC KEY BLOCK-----

Types: deb
URIs: http://mirror.test/debian-security
Suites: bookworm-security
Components: main
Signed-By: /keys/debian.gpg

Types: deb
Enabled: no
URIs: http://off.test/debian
Suites: bookworm
Components: main

Types: deb
URIs: https://tools.test
Suites: nodistro
Components: main
`
  const oneLine = `# deb http://off.test/debian bookworm main
deb [arch=amd64 signed-by=/keys/debian.gpg trusted=yes] http://mirror.test/debian bookworm main contrib # comment
deb-src http://mirror.test/debian bookworm main
deb http://mirror.test/debian-security bookworm-security main
deb http://mirror.test/debian bookworm main
deb cdrom:[Debian]/ bookworm main
deb https://engine.test/linux bookworm stable
`

  test.each([
    [
      'deb822 stanzas',
      readDeb822(deb822),
      'Types: deb\nURIs: http://mirror.test/debian\nSuites: forky\nComponents: main\nSigned-By: \n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n -----END PGP PUBLIC KEY BLOCK-----\n',
    ],
    [
      'old one-line entries',
      readOneLine(oneLine),
      'Types: deb\nURIs: http://mirror.test/debian\nSuites: forky\nComponents: main\nSigned-By: /keys/debian.gpg\n',
    ],
  ])('is found among %s, with its key and without what would switch the check off', (_, sources, stanza) => {
    expect(archivesOf(sources, 'bookworm').map((source) => stanzaFor(source, 'forky'))).toEqual([stanza])
  })

  const hasApt = spawnSync('apt-get', ['--version']).status === 0

  test.runIf(hasApt)('is refused by apt when it is not signed, even where the machine trusts it blindly', async () => {
    const [archive, etc, workDir] = [join(dir, 'archive'), join(dir, 'etc'), join(dir, 'work')]
    const packages = join(archive, 'dists/odd/main', `binary-${processorOfDebian()}`)
    mkdirSync(packages, { recursive: true })
    mkdirSync(etc)
    mkdirSync(workDir)
    writeFileSync(join(packages, 'Packages'), '')
    const sum = createHash('sha256').update('').digest('hex')
    const index = `main/binary-${processorOfDebian()}/Packages`
    writeFileSync(join(archive, 'dists/odd/Release'), `Codename: odd\nComponents: main\nSHA256:\n ${sum} 0 ${index}\n`)
    writeFileSync(join(etc, 'sources.list'), `deb [trusted=yes] file:${archive} stable main\n`)

    const env = { ...process.env, NATS_DEBIAN_SUITE: 'odd' }
    const got = await debianAs(etc, { env, workDir, progress: () => {} })
    expect(got).toEqual({ refused: expect.stringMatching(/^odd: apt-get exited with 100: .*is not signed/) })
  })

  function processorOfDebian() {
    return spawnSync('dpkg', ['--print-architecture'], { encoding: 'utf8' }).stdout.trim()
  }

  test('does not apply where there is no apt-get', async () => {
    const got = await debianAs(join(dir, 'etc'), { env: { PATH: dir }, workDir: dir, progress: () => {} })
    expect(got).toEqual({ refused: 'apt-get is not installed' })
  })
})

describe('the release page', () => {
  const processor = process.arch === 'arm64' ? 'arm64' : 'amd64'
  const name = `nats-server-v${version_fetched}-${process.platform}-${processor}`
  let server: Server
  let files: Record<string, Buffer | string>

  beforeEach(async () => {
    saying(`nats-server: v${version_fetched}`, name)
    spawnSync('tar', ['-czf', 'release.tar.gz', name], { cwd: dir })
    const bytes = readFileSync(join(dir, 'release.tar.gz'))
    const sum = createHash('sha256').update(bytes).digest('hex')
    files = {
      [`/v${version_fetched}/${name}.tar.gz`]: bytes,
      [`/v${version_fetched}/SHA256SUMS`]: `${'0'.repeat(64)}  other.tar.gz\n${sum}  ${name}.tar.gz\n`,
    }
    server = createServer(({ url }, answer) => {
      const file = files[url ?? '']
      answer.writeHead(file === undefined ? 404 : 200).end(file)
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
  })

  afterEach(() => void server.close())

  const fetched = () => {
    const way = releaseAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const env = { PATH: process.env.PATH, NATS_SERVER_BIN: '' }
    const workDir = mkdtempSync(join(dir, 'work-'))
    return way({ env, workDir, progress: () => {} })
  }

  test('gives the archive of this platform when its sum is the listed one', async () => {
    const bin = await fetched()
    expect(spawnSync(String(bin), ['--version'], { encoding: 'utf8' }).stdout).toBe(
      `nats-server: v${version_fetched}\n`,
    )
  })

  test.each([
    ['whose sum is another', 'tar.gz', 'not the archive', /has SHA-256 [0-9a-f]{64}, SHA256SUMS says [0-9a-f]{64}$/],
    ['that is not listed', 'SHA256SUMS', 'nothing', /does not list nats-server-v/],
    ['that is not there', 'tar.gz', undefined, /answered 404$/],
  ])('is refused for an archive %s', async (_, file, content, reason) => {
    const url = Object.keys(files).find((known) => known.endsWith(file)) ?? ''
    if (content === undefined) delete files[url]
    else files[url] = content
    expect(await fetched()).toEqual({ refused: expect.stringMatching(reason) })
  })
})
