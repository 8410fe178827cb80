/**
 * Inputs that are almost right: a sample of the real thing, changed in a few places by somebody who knows how JSON is made.
 * The same source of numbers gives the same inputs. Pure.
 */
import type { Random } from '../../runtime/random.ts'

/** Some of these have broken a parser somewhere. */
const nasty: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  -0,
  2 ** 53,
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\u202e',
  '\ufeff{}',
  '__proto__',
  'constructor',
  "'; DROP TABLE x; --",
  '<script>alert(1)</script>',
  '{"id":',
  '[]',
  '{}',
  'null',
  '9999-99-99T99:99:99Z',
  '-271821-04-20T00:00:00.000Z',
  'data:text/plain,%',
  'data:application/pdf;base64,JVBERi0',
  'https://127.0.0.1:9/x',
  'file:///etc/passwd',
  '"@"@"',
  '<a@b><c@d>',
  '+',
  '+0000000000000000000000',
  '4111 1111 1111 1111',
  'End Conversation',
  'x'.repeat(5_000),
  '٤١١١١١١١١١١١١١١١',
  [],
  {},
  [[]],
  [null],
]

type Place = { parent: Record<string, unknown> | unknown[]; key: string | number }

/** A changed copy of `value`; one to four changes. */
export function mutated(value: unknown, random: Random): unknown {
  const whole = { root: structuredClone(value) }
  for (let changes = random.int(1, 4); changes > 0; changes--) change(whole, random)
  return whole.root
}

function change(whole: { root: unknown }, random: Random): void {
  const { parent, key } = random.pick(placesIn(whole))
  const here = (parent as Record<string | number, unknown>)[key]
  const set = (next: unknown) => {
    // A copy: what stands here may come from around it.
    Object.defineProperty(parent, key, {
      value: structuredClone(next),
      enumerable: true,
      writable: true,
      configurable: true,
    })
  }
  switch (random.int(0, 8)) {
    case 0:
      if (Array.isArray(parent)) parent.splice(Number(key), 1)
      else if (parent !== whole) delete parent[String(key)]
      break
    case 1:
      set([here, here])
      break
    case 2:
      set({ [String(key)]: here })
      break
    case 3:
      set(JSON.stringify(here) ?? '')
      break
    case 4:
      set(nested(random.int(1, 300)))
      break
    case 5:
      set(spliced((typeof here === 'string' ? here : (JSON.stringify(here) ?? '')).slice(0, text_chars_max), random))
      break
    case 6: {
      // A copy again: later changes would reach into the list itself, and into every input after this one.
      const made = { value: structuredClone(random.pick(nasty)), enumerable: true, writable: true, configurable: true }
      if (Array.isArray(parent)) parent.push(made.value)
      else Object.defineProperty(parent, random.pick(names), made)
      break
    }
    case 7: {
      const { parent: other, key: from } = random.pick(placesIn(whole))
      set((other as Record<string | number, unknown>)[from])
      break
    }
    default:
      set(random.pick(nasty))
  }
}

/** Names that objects have from elsewhere. */
const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '']
const text_chars_max = 20_000

function spliced(text: string, random: Random): string {
  const at = random.int(0, text.length)
  return text.slice(0, at) + String(random.pick(nasty)) + text.slice(at + random.int(0, 3))
}

/** JSON as bytes, now and then cut short, with a byte changed, or with something before it. */
export function written(value: unknown, random: Random): Uint8Array {
  const bytes = new TextEncoder().encode(JSON.stringify(value) ?? '')
  switch (random.int(0, 19)) {
    case 0:
      return bytes.slice(0, random.int(0, bytes.length))
    case 1:
      if (bytes.length > 0) bytes[random.int(0, bytes.length - 1)] = random.int(0, 255)
      return bytes
    case 2:
      return new Uint8Array([0xef, 0xbb, 0xbf, ...bytes])
    default:
      return bytes
  }
}

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let at = 0; at < depth; at++) value = at % 2 === 0 ? [value] : { a: value }
  return value
}

/** Every place in a value where something stands, the whole of it included; not all of a huge one. */
function placesIn(whole: { root: unknown }): Place[] {
  const places: Place[] = [{ parent: whole, key: 'root' }]
  for (let at = 0; at < places.length && places.length < places_max; at++) {
    const { parent, key } = places[at]!
    const value = (parent as Record<string | number, unknown>)[key]
    if (typeof value !== 'object' || value === null) continue
    const keys = Array.isArray(value) ? value.keys() : Object.keys(value)
    for (const inner of keys) places.push({ parent: value as Place['parent'], key: inner })
  }
  return places
}

const places_max = 300
