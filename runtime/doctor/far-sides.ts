/** What the doctor looks at around the configuration: which flows run for each asset, and whether each far side answers. */
import { systemClock } from '../../adapters/clock.ts'
import { exchange } from '../../adapters/http-exchange.ts'
import type { Definition } from '../../machines/definitions.ts'
import { latestDefinition } from '../../machines/definitions.ts'
import { flowsOf } from '../../machines/flows.ts'
import { type Config, redacted } from '../config.ts'
import { openConnections } from '../connections-out.ts'
import { StartError } from '../errors.ts'
import { type Finding, ok, warn, wrong } from './finding.ts'

const answer_ms_max = 3_000

/** An asset whose machine this version does not have: what comes for it is set aside. */
export function checkBindings({ assets }: Config, definitions: readonly Definition[]): Finding[] {
  return assets.map(({ channel, id, machine }) => {
    const check = `asset ${id}`
    const definition = latestDefinition(machine, definitions)
    const flows = flowsOf(machine).map(({ name }) => name)
    if (definition)
      return ok(check, `${channel}, machine ${machine} version ${definition.version}: ${flows.join(', ')}`)
    const found = `${channel}, machine ${machine}, which this version does not serve`
    return warn(
      check,
      found,
      'what comes for it is set aside as a dead letter; remove the asset, or use a newer version',
    )
  })
}

/** Any answer will do, a refusal too: it shows that the address leads somewhere. */
export async function checkFarSides(config: Config): Promise<Finding[]> {
  const shown = redacted(config).urls
  const connections = await openConnections(config, systemClock(), { info() {}, warn() {} }).catch((error) => {
    if (error instanceof StartError) return undefined
    throw error
  })
  // A certificate that cannot be used has a finding of its own.
  if (!connections) return []
  const findings = await Promise.all(
    (['digitalRouting', 'engage', 'connect'] as const).map(async (name) => {
      const check = farSideNames[name]
      const url = config.urls[name]
      if (!url) return ok(check, 'the embedded desk')
      const signal = AbortSignal.timeout(answer_ms_max)
      const asked = { method: 'HEAD' as const, url, headers: {}, body: '', signal, connections: connections[name] }
      const why = await exchange(asked).then(
        () => undefined,
        (error: Error) => error.message,
      )
      if (why === undefined) return ok(check, `${shown[name]} answers`)
      const variable = `${check.toUpperCase().replaceAll(' ', '_')}_URL`
      return wrong(check, `${shown[name]} does not answer: ${why}`, `start it, or correct ${variable}`)
    }),
  )
  await connections.stop()
  return findings
}

const farSideNames = { digitalRouting: 'digital routing', engage: 'engage', connect: 'connect' } as const
