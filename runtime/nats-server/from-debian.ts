/**
 * A nats-server from the machine's own Debian archive, out of a newer suite, through apt itself. Speaks to apt-get and dpkg-deb.
 *
 * Invariants:
 *   1. Nothing on the system changes and no root is needed: every folder apt writes to is ours, its hooks are cleared,
 *      and the package is unpacked, never installed.
 *   2. apt checks the archive's signature with the key the machine already trusts for it, and refuses without one.
 *   3. The machine's proxies, mirrors and credentials apply, since its apt.conf.d is still read.
 */
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { archivesOf, type DebianSource, readDeb822, readOneLine, stanzaFor } from './debian-sources.ts'
import { runCommand } from './run-command.ts'
import type { Refusal, Way, WayRequest } from './way.ts'

/** Tried in order, first the one that will be released: `NATS_DEBIAN_SUITE` replaces them. */
const suites_newer = ['forky', 'sid']

/** Downloads the package `nats-server` of a newer suite and unpacks it into `workDir`. */
export const fromDebian: Way = (request) => debianAs('/etc/apt', request)

/** The way for a machine whose sources are described in another folder, laid out like /etc/apt. */
export async function debianAs(aptFolder: string, request: WayRequest): Promise<string | Refusal> {
  const tools = [
    await runCommand('apt-get', ['--version'], request),
    await runCommand('dpkg-deb', ['--version'], request),
  ]
  const missing = tools.find((tool) => !tool.ok)
  if (missing) return { refused: missing.problem }

  const archives = archivesOf(await readSources(aptFolder), await codename())
  if (!archives.length) return { refused: `no Debian archive among the sources in ${aptFolder}` }

  const suites = request.env.NATS_DEBIAN_SUITE ? [request.env.NATS_DEBIAN_SUITE] : suites_newer
  const reasons: string[] = []
  for (const suite of suites) {
    for (const [index, archive] of archives.entries()) {
      request.progress(`fetching nats-server from the Debian archive (${suite})…`)
      const got = await fetchPackage(request, archive, suite, join(request.workDir, `${suite}-${index}`))
      if (typeof got === 'string') return got
      reasons.push(`${suite}: ${got.refused}`)
    }
  }
  return { refused: reasons.join('; ') }
}

async function fetchPackage(
  request: WayRequest,
  archive: DebianSource,
  suite: string,
  dir: string,
): Promise<string | Refusal> {
  const conf = await layOutApt(dir, stanzaFor(archive, suite))
  const options = { env: { ...request.env, LC_ALL: 'C' }, cwd: join(dir, 'package') }
  for (const verb of [['update'], ['download', 'nats-server']]) {
    const ran = await runCommand('apt-get', ['-qq', '-c', conf, ...verb], options)
    if (!ran.ok) return { refused: ran.problem }
  }
  const deb = (await readdir(options.cwd)).find((name) => name.endsWith('.deb'))
  if (!deb) return { refused: 'apt-get download left no package' }
  const unpacked = await runCommand('dpkg-deb', ['-x', deb, 'root'], options)
  if (!unpacked.ok) return { refused: unpacked.problem }
  for (const folder of ['usr/sbin', 'usr/bin']) {
    const bin = join(options.cwd, 'root', folder, 'nats-server')
    if (existsSync(bin)) return bin
  }
  return { refused: `${deb} holds no nats-server` }
}

/** Makes apt's world below `dir` and resolves to the configuration file that names it. */
async function layOutApt(dir: string, stanza: string): Promise<string> {
  for (const folder of [
    'state/lists/partial',
    'cache/archives/partial',
    'etc/sources.list.d',
    'etc/preferences.d',
    'package',
  ])
    await mkdir(join(dir, folder), { recursive: true })
  await writeFile(join(dir, 'state/status'), '')
  await writeFile(join(dir, 'etc/sources.list.d/parley.sources'), stanza)
  const conf = join(dir, 'apt.conf')
  await writeFile(conf, aptConf(dir))
  return conf
}

/**
 * Read after the system's own apt.conf.d, so it can take back: hooks that touch the system, and every index but the packages'.
 * apt drops from root to its sandbox user only when it is root; staying root lets it work in a folder only root may read.
 */
function aptConf(dir: string): string {
  return `#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear Acquire::IndexTargets;
Acquire::IndexTargets::deb::Packages {
  MetaKey "$(COMPONENT)/binary-$(ARCHITECTURE)/Packages";
  ShortDescription "Packages";
  Description "$(RELEASE)/$(COMPONENT) $(ARCHITECTURE) Packages";
  Optional "no";
};
Acquire::AllowInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
Acquire::AllowDowngradeToInsecureRepositories "false";
Acquire::Languages "none";
APT::Get::AllowUnauthenticated "false";
APT::Sandbox::User "root";
Dir::State "${dir}/state";
Dir::State::lists "${dir}/state/lists";
Dir::State::status "${dir}/state/status";
Dir::Cache "${dir}/cache";
Dir::Cache::archives "${dir}/cache/archives";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "${dir}/etc/sources.list.d";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "${dir}/etc/preferences.d";
`
}

async function readSources(aptFolder: string): Promise<DebianSource[]> {
  const parts = (await readdir(join(aptFolder, 'sources.list.d')).catch(() => [])).sort()
  const files = ['sources.list', ...parts.map((name) => join('sources.list.d', name))]
  const read = files.map(async (name) => {
    const text = () => readFile(join(aptFolder, name), 'utf8').catch(() => '')
    if (name.endsWith('.sources')) return readDeb822(await text())
    return name.endsWith('.list') ? readOneLine(await text()) : []
  })
  return (await Promise.all(read)).flat()
}

async function codename(): Promise<string> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '')
  return /^VERSION_CODENAME="?([^"\n]+)"?$/m.exec(release)?.[1] ?? 'stable'
}
