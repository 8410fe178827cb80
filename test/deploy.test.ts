/**
 * What is in `deploy/` as documents: each is well formed, holds to what its kind asks for, and names only what there is.
 * No docker engine and no cluster is used (what the image holds runs in test/image.test.ts); nats-server reads its configuration, and systemd, where it is, its units.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { ConfigFile } from '../runtime/config-schema.ts'
import { namedVariables } from '../runtime/config-variables.ts'
import { deployFolder, passwords } from './shipped-broker.ts'

const textOf = (path: string) => readFileSync(join(deployFolder, path), 'utf8')
const root = join(deployFolder, '..')

/** Variables of ours that a text sets, and that no configuration knows. */
function unknownVariables(text: string): string[] {
  const named = [...text.matchAll(/\b((?:PARLEY|ENGAGE|CONNECT|DIGITAL_ROUTING)_[A-Z_]+?)(_FILE)?\b(?=["'=:, }])/g)]
  const known = new Set([...namedVariables.keys(), 'PARLEY_CONFIG', ...Object.keys(passwords)])
  return [...new Set(named.map(([, name]) => name!))].filter((name) => !known.has(name))
}

describe('deploy/Dockerfile', () => {
  const lines = textOf('Dockerfile').replace(/\\\n/g, ' ').split('\n')
  const instructions = lines.filter((line) => /^[A-Z]+ /.test(line))
  const last = (name: string) => instructions.findLast((line) => line.startsWith(`${name} `))

  test('runs as somebody who is not root, is asked for its health, and hears SIGTERM itself', () => {
    expect(last('USER')).toBe('USER node')
    expect(instructions.indexOf(last('USER')!)).toBeLessThan(instructions.indexOf(last('ENTRYPOINT')!))
    expect(last('HEALTHCHECK')).toContain('CMD ["node", "bin/health.mjs"]')
    for (const name of ['ENTRYPOINT', 'CMD'])
      expect(JSON.parse(last(name)!.slice(name.length + 1))).toBeInstanceOf(Array)
    expect(last('STOPSIGNAL')).toBe('STOPSIGNAL SIGTERM')
  })

  test('pins its base, installs what the lock file says, and copies only what is there', () => {
    for (const from of instructions.filter((line) => line.startsWith('FROM '))) expect(from).toMatch(/:\d+-\w+/)
    expect(textOf('Dockerfile')).toContain('node bin/setup.mjs --production')
    const copied = instructions
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from'))
      .flatMap((line) => line.split(' ').slice(1, -1))
    expect(copied.filter((path) => !existsSync(join(root, path)))).toEqual([])
    const allowed = textOf('Dockerfile.dockerignore').split('\n')
    expect(copied.filter((path) => !allowed.includes(`!${path}`))).toEqual([])
  })
})

describe('deploy/compose.yaml', () => {
  // biome-ignore lint/suspicious/noExplicitAny: read as a foreign program would read it
  const { services } = parse(textOf('compose.yaml'), { merge: true }) as any

  test('has three brokers with a volume each, and two nodes that wait for them', () => {
    expect(Object.keys(services)).toEqual(['nats-1', 'nats-2', 'nats-3', 'node-1', 'node-2'])
    const names = ['nats-1', 'nats-2', 'nats-3'].map((name) => services[name].environment.NATS_NAME)
    expect(new Set(names).size).toBe(3)
    for (const name of ['node-1', 'node-2']) {
      expect(Object.keys(services[name].depends_on)).toEqual(['nats-1', 'nats-2', 'nats-3'])
      expect(services[name]).toMatchObject({ read_only: true, cap_drop: ['ALL'] })
      expect(services[name].ports[0]).toMatch(/^127\.0\.0\.1:/)
    }
  })

  test('gives the brokers every variable that their configuration asks for', () => {
    const asked = ['three.conf', 'accounts.conf'].flatMap((file) => [
      ...textOf(`nats/${file}`).matchAll(/: \$(\w+)|[[ ]\$(NATS_\w+)/g),
    ])
    const given = Object.keys(services['nats-1'].environment)
    expect(asked.map(([, a, b]) => a ?? b!).filter((name) => !given.includes(name))).toEqual([])
  })

  test('sets no variable that nobody reads', () => expect(unknownVariables(textOf('compose.yaml'))).toEqual([]))
})

describe('deploy/kubernetes', () => {
  const files = (parse(textOf('kubernetes/kustomization.yaml')) as { resources: string[] }).resources
  // biome-ignore lint/suspicious/noExplicitAny: read as a foreign program would read it
  const all = files.flatMap((file) => parseAllDocuments(textOf(`kubernetes/${file}`)).map((one) => one.toJS() as any))
  const kind = (name: string) => all.find((one) => one.kind === name)

  test('names every file there is', () => {
    const there = readdirSync(join(deployFolder, 'kubernetes')).filter((name) => name.endsWith('.yaml'))
    expect([...files, 'kustomization.yaml'].sort()).toEqual(there.sort())
    for (const one of all)
      expect(one).toMatchObject({ apiVersion: expect.any(String), metadata: { name: expect.any(String) } })
  })

  test('selects what it runs', () => {
    const labels = kind('Deployment').spec.template.metadata.labels
    for (const selector of [
      kind('Deployment').spec.selector.matchLabels,
      kind('Service').spec.selector,
      kind('PodDisruptionBudget').spec.selector.matchLabels,
      kind('NetworkPolicy').spec.podSelector.matchLabels,
    ])
      expect(labels).toMatchObject(selector)
    expect(kind('HorizontalPodAutoscaler').spec.scaleTargetRef.name).toBe(kind('Deployment').metadata.name)
  })

  test('asks the right door whether a node is ready and whether it is alive, and gives it time to leave', () => {
    const { containers, terminationGracePeriodSeconds } = kind('Deployment').spec.template.spec
    const [{ readinessProbe, livenessProbe, securityContext }] = containers
    expect([readinessProbe.httpGet.path, livenessProbe.httpGet.path]).toEqual(['/readyz', '/healthz'])
    expect(terminationGracePeriodSeconds).toBeGreaterThan(10)
    expect(securityContext).toMatchObject({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true })
    expect(kind('Deployment').spec.template.spec.securityContext.runAsNonRoot).toBe(true)
  })

  test('may read the secrets it mounts, which others may not', () => {
    const { securityContext, volumes } = kind('Deployment').spec.template.spec
    const { secret } = volumes.find((one: { secret?: object }) => one.secret)
    const group_may_read = 0o040
    const others_may = 0o007
    expect(secret.defaultMode & group_may_read).toBe(group_may_read)
    expect(secret.defaultMode & others_may).toBe(0)
    expect(securityContext.fsGroup).toBe(securityContext.runAsUser)
  })

  test('grows by a metric that there is', () => {
    const names = kind('HorizontalPodAutoscaler').spec.metrics.flatMap(
      (one: { external?: { metric: { name: string } } }) => one.external?.metric.name ?? [],
    )
    expect(names).toEqual(['parley_inbox_oldest_seconds'])
    expect(textOf('../docs/metrics.md')).toContain(names[0])
  })

  test('has a configuration that a node takes, and sets no variable that nobody reads', () => {
    expect(ConfigFile.safeParse(JSON.parse(textOf('kubernetes/parley.config.json'))).error).toBeUndefined()
    expect(unknownVariables(textOf('kubernetes/deployment.yaml'))).toEqual([])
  })
})

describe('deploy/nats', () => {
  test.each(['one.conf', 'three.conf'])('nats-server takes %s', (file) => {
    const routes = Object.fromEntries([1, 2, 3].map((at) => [`NATS_ROUTE_${at}`, `nats://route:route@nats-${at}:6222`]))
    const env = { ...process.env, ...passwords, ...routes, NATS_NAME: 'nats-1' }
    const { status, stderr } = spawnSync(inject('natsServerBin'), ['-t', '-c', join(deployFolder, 'nats', file)], {
      env,
      encoding: 'utf8',
    })
    expect(stderr).toContain('is valid')
    expect(status).toBe(0)
  })
})

describe('deploy/systemd', () => {
  const systemd = spawnSync('systemd-analyze', ['--version']).status === 0

  test.each(['parley.service', 'nats-server.service'])('%s is read by systemd, and runs with few rights', (file) => {
    const unit = textOf(`systemd/${file}`)
    for (const setting of ['DynamicUser=yes', 'NoNewPrivileges=yes', 'ProtectSystem=strict', 'Restart=always']) {
      expect(unit).toContain(setting)
    }
    expect(unknownVariables(unit)).toEqual([])
    if (!systemd) {
      process.stderr.write(`systemd-analyze is not here: ${file} was not verified by it\n`)
      return
    }
    const { stderr } = spawnSync('systemd-analyze', ['verify', join(deployFolder, 'systemd', file)], {
      encoding: 'utf8',
    })
    // That a program is not installed here says nothing about the unit.
    const said = stderr
      .split('\n')
      .filter((line) => line.includes(file) && !/is not executable|Failed to prepare filename/.test(line))
    expect(said).toEqual([])
  })
})

test('the list of parts names every package that serves, and marks those that only development needs', () => {
  const { stdout } = spawnSync('npm', ['run', '--silent', 'sbom'], { cwd: root, encoding: 'utf8' })
  const { components } = JSON.parse(stdout) as { components: Component[] }
  const listed = components
    .filter(({ properties }) => !properties.some(({ name }) => name === 'cdx:npm:package:development'))
    .map(({ purl }) => decodeURIComponent(purl))
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const serving = Object.entries<Locked>(packages)
    .filter(([path, { dev, devOptional, optional }]) => path !== '' && !dev && !devOptional && !optional)
    .map(([path, { version }]) => `pkg:npm/${path.slice(path.lastIndexOf('node_modules/') + 13)}@${version}`)
  expect(serving.filter((one) => !listed.includes(one))).toEqual([])
  expect(listed.filter((one) => /\/(vite|vitest|react|typescript)@/.test(one))).toEqual([])
})

interface Component {
  purl: string
  properties: { name: string }[]
}
interface Locked {
  version: string
  dev?: true
  devOptional?: true
  optional?: true
}

test('the package has the built console, the sources that run and the examples, and no recording of a test', () => {
  const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
  })
  const said = JSON.parse(stdout)
  const [{ files }] = (Array.isArray(said) ? said : Object.values(said)) as [{ files: { path: string }[] }]
  const paths = files.map(({ path }) => path)
  const wanted = [
    '.parley/console/index.html',
    'bin/parley.mjs',
    'runtime/public.ts',
    'examples/order/main.ts',
    'LICENSE',
  ]
  expect(paths).toEqual(expect.arrayContaining(wanted))
  expect(paths.filter((path) => /^test\/fixtures|nats-server$|\.env/.test(path))).toEqual([])
})
