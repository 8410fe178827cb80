/**
 * `parley export [machine]`: a machine as other programs read it. `json` is its config, from which XState, or Stately's
 * editor, rebuilds the same chart: names of actions, guards and delays, and no functions; `mermaid` and `svg` are its drawings.
 */

import { chartOf } from '../../machines/chart.ts'
import { definitions, latestDefinition } from '../../machines/definitions.ts'
import { mermaidOf } from '../../machines/mermaid.ts'
import { layOut } from '../../runtime/chart/layout.ts'
import { svgOf } from '../../runtime/chart/svg.ts'
import { VerbError } from '../cli.ts'

export const formats = ['json', 'mermaid', 'svg'] as const
type Format = (typeof formats)[number]

/** The newest version of one machine, or of all: then a JSON list, or drawings one after the other. */
export async function exportMachines(id: string | undefined, { format }: { format: string }): Promise<void> {
  const known = [...new Set(definitions.map((definition) => definition.id))]
  if (id !== undefined && !known.includes(id)) throw new VerbError(`expected one of ${known.join(', ')}, found ${id}`)
  const write = writers[format as Format]
  if (!write) throw new VerbError(`--format: expected one of ${formats.join(', ')}, found ${format}`)
  if (format === 'svg' && id === undefined) {
    throw new VerbError(`--format svg: expected one machine, ${known.join(', ')}, found none; name one`)
  }
  process.stdout.write(await write(id === undefined ? known : [id], id === undefined))
}

const writers: Record<Format, (ids: string[], isList: boolean) => string | Promise<string>> = {
  json: (ids, isList) => {
    const configs = ids.map((id) => latestDefinition(id)!.machine.config)
    return `${JSON.stringify(isList ? configs : configs[0], null, 2)}\n`
  },
  mermaid: (ids, isList) =>
    ids.map((id) => `${isList ? `%% ${id}\n` : ''}${mermaidOf(latestDefinition(id)!.machine)}`).join('\n'),
  svg: async ([id]) => svgOf(await layOut(chartOf(latestDefinition(id!)!.machine))),
}
