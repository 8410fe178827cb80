/**
 * The doctor: looks at everything Parley needs, changes nothing, and says of each thing whether it is as it should be and
 * how to mend it where it is not. Speaks to the checks in `doctor/`; one that cannot be made is left out.
 */
import { join } from 'node:path'
import { systemClock } from '../adapters/clock.ts'
import { definitions, latestDefinition } from '../machines/definitions.ts'
import { type FlowBinding, flowBindings } from './bindings.ts'
import { type Config, loadConfig } from './config.ts'
import { ConfigError } from './config-error.ts'
import { checkBroker } from './doctor/broker.ts'
import { checkCertificates } from './doctor/certificates.ts'
import { checkBindings, checkFarSides } from './doctor/far-sides.ts'
import { type Finding, ok, warn, wrong } from './doctor/finding.ts'
import { checkDataDir, checkNatsServer, checkNode, checkNodeVersion } from './doctor/here.ts'
import { runningServerUrl } from './nats-server/run-nats-server.ts'

export interface ExamineOptions {
  env: NodeJS.ProcessEnv
  cwd: string
  /** Where a fetched nats-server would be. */
  natsServerCache: string
}

export interface Examination {
  /** In the order in which they are best mended. */
  checks: Finding[]
  /** Which flow answers for which asset; of machines that this version serves. */
  bindings: FlowBinding[]
}

/** Takes a few seconds at most; never throws for what it finds. */
export async function examine({ env, cwd, natsServerCache }: ExamineOptions): Promise<Examination> {
  const { config, findings } = configurationOf(env, cwd)
  const here = [checkNodeVersion(), ...findings, await checkNatsServer(natsServerCache, env, config)]
  if (!config) return { checks: here, bindings: [] }
  const checks = [
    ...here,
    checkDataDir(config),
    ...(await checkNode(config)),
    ...(await brokerOf(config)),
    ...checkBindings(config, definitions),
    ...(await checkCertificates(config, systemClock().now())),
    ...(await checkFarSides(config)),
  ]
  return { checks, bindings: flowBindings(config.assets.filter(({ machine }) => latestDefinition(machine))) }
}

function configurationOf(env: NodeJS.ProcessEnv, cwd: string): { config?: Config; findings: Finding[] } {
  try {
    const config = loadConfig({ env, cwd })
    const { source, assets } = config
    return {
      config,
      findings: [ok('configuration', `${source}, ${assets.length} asset${assets.length === 1 ? '' : 's'}`)],
    }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const findings = error.problems.map(({ path, expected, found, hint }) =>
      wrong('configuration', `${path}: found ${found}`, `expected ${expected}${hint === undefined ? '' : `, ${hint}`}`),
    )
    return { findings }
  }
}

/** The broker of the configuration, or the one that `parley dev` runs on this data folder. */
async function brokerOf(config: Config): Promise<Finding[]> {
  const own = config.nats.url ? undefined : runningServerUrl(join(config.dataDir, 'nats'))
  const urls = config.nats.url ?? (own ? [own] : undefined)
  if (urls) return checkBroker(config, urls)
  return [warn('broker', 'none runs on this data folder', 'npm start runs one, or set PARLEY_NATS_URL to use another')]
}
