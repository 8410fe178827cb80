/**
 * Reads the payload samples in `fixtures/samples/`.
 */
import { readdirSync, readFileSync } from 'node:fs'

const root = new URL('./fixtures/samples/', import.meta.url)

/**
 * The parsed sample, e.g. `sample('inbound/sms-mo-first-contact.json')`. Fresh at every call, so it may be changed.
 * `Shape` is what the test knows of it.
 */
export function sample<Shape = Record<string, unknown>>(path: string): Shape {
  return JSON.parse(readFileSync(new URL(path, root), 'utf8')) as Shape
}

/** The names of the samples of one folder that begin with `prefix`, with the folder. */
export function samplesIn(folder: string, prefix = ''): string[] {
  return readdirSync(new URL(`${folder}/`, root))
    .filter((name) => name.startsWith(prefix) && name.endsWith('.json'))
    .sort()
    .map((name) => `${folder}/${name}`)
}
