/**
 * The drawings of this build's machines, as they are asked for: each is laid out once, in a thread that ends after it.
 * Speaks to the machines' definitions; the same machine gives the same drawing.
 */
import { Worker } from 'node:worker_threads'
import { type Chart, chartOf } from '../../machines/chart.ts'
import { type Definition, definitionOf } from '../../machines/definitions.ts'
import type { Drawing } from './layout.ts'
import { svgOf } from './svg.ts'

/** A machine as the console reads it. */
export interface MachineReading {
  id: string
  version: string
  chart: Chart
  /** Its XState config, as JSON can hold it: what Stately rebuilds it from. */
  definition: object
}

export interface Drawings {
  all(): MachineReading[]
  /** SVG text. Undefined when this build has no such machine. Rejects when the thread breaks, and is tried again. */
  svg(id: string, version: string): Promise<string | undefined>
}

export function drawings(definitions: readonly Definition[]): Drawings {
  const drawn = new Map<string, Promise<string>>()
  return {
    all: () =>
      definitions.map(({ id, version, machine }) => {
        return { id, version, chart: chartOf(machine), definition: JSON.parse(JSON.stringify(machine.config)) }
      }),
    async svg(id, version) {
      const definition = definitionOf(id, version, definitions)
      if (!definition) return undefined
      const key = `${id} ${version}`
      const svg = drawn.get(key) ?? inThread(chartOf(definition.machine)).then(svgOf)
      drawn.set(key, svg)
      svg.catch(() => drawn.delete(key))
      return svg
    },
  }
}

async function inThread(chart: Chart): Promise<Drawing> {
  const thread = new Worker(new URL('./layout-thread.mjs', import.meta.url), { execArgv: [] })
  try {
    return await new Promise((resolve, reject) => {
      thread.once('message', resolve).once('error', reject)
      thread.once('exit', () => reject(new Error('the thread that lays charts out ended')))
      thread.postMessage(chart)
    })
  } finally {
    await thread.terminate()
  }
}
