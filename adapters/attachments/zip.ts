/**
 * Reads zip archives that strangers made. The table at the end must account for every byte of the file: what stands
 * between, before or behind its entries could be another file (a polyglot), which zip libraries pass over in silence.
 * Invariants: nothing is inflated beyond `inflated_bytes_max` over all parts, nor beyond what the table says.
 */
import { crc32, inflateRawSync } from 'node:zlib'
import { Unprocessable } from './unprocessable.ts'

/** Over all parts of an archive. */
export const inflated_bytes_max = 104_857_600
/** Documents reach fifty; deflate ends at a thousand, and only a bomb comes near. */
const ratio_max = 200
/** Small parts may be as empty as they like. */
const ratio_free_bytes = 1_048_576
const parts_max = 10_000

/** One part; `read` inflates it. */
export interface ZipPart {
  name: string
  read(): Uint8Array
}

/** The parts of an archive. Throws `Unprocessable` for all but a whole, plain archive. */
export function zipParts(bytes: Uint8Array): ZipPart[] {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = file.length - end_bytes
  if (end < 0 || file.readUInt32LE(end) !== end_mark) throw new Unprocessable('an archive without its end')
  const [count, table_bytes, table] = [
    file.readUInt16LE(end + 10),
    file.readUInt32LE(end + 12),
    file.readUInt32LE(end + 16),
  ]
  if (count > parts_max) throw new Unprocessable('an archive of too many parts')
  if (table + table_bytes !== end) throw new Unprocessable('an archive whose table is elsewhere')
  const entries = entriesOf(file, table, count, end)
  checkNoGaps(file, entries, table)
  checkSizes(entries)
  return entries.map((entry) => ({ name: entry.name, read: () => inflated(file, entry) }))
}

const local_mark = 0x04034b50
const entry_mark = 0x02014b50
const end_mark = 0x06054b50
const local_bytes = 30
const entry_bytes = 46
const end_bytes = 22
/** What may follow a part whose size was not known when it began. */
const descriptor_bytes_max = 24

interface Entry {
  name: string
  flags: number
  method: number
  crc: number
  packed_bytes: number
  plain_bytes: number
  at: number
}

function entriesOf(file: Buffer, table: number, count: number, end: number): Entry[] {
  let at = table
  const entries = Array.from({ length: count }, () => {
    if (at + entry_bytes > end || file.readUInt32LE(at) !== entry_mark) throw new Unprocessable('a broken archive')
    const name_bytes = file.readUInt16LE(at + 28)
    const entry = {
      name: file.toString('utf8', at + entry_bytes, at + entry_bytes + name_bytes),
      flags: file.readUInt16LE(at + 8),
      method: file.readUInt16LE(at + 10),
      crc: file.readUInt32LE(at + 16),
      packed_bytes: file.readUInt32LE(at + 20),
      plain_bytes: file.readUInt32LE(at + 24),
      at: file.readUInt32LE(at + 42),
    }
    at += entry_bytes + name_bytes + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32)
    return entry
  })
  if (at !== end) throw new Unprocessable('an archive with more in its table than it says')
  return entries
}

/** Parts stand one behind the other from the first byte to the table. */
function checkNoGaps(file: Buffer, entries: Entry[], table: number): void {
  let next = 0
  for (const entry of [...entries].sort((a, b) => a.at - b.at)) {
    const gap_bytes = entry.at - next
    if (gap_bytes < 0 || gap_bytes > (next === 0 ? 0 : descriptor_bytes_max))
      throw new Unprocessable('a gap in an archive')
    next = dataOf(file, entry) + entry.packed_bytes
  }
  if (table - next < 0 || table - next > descriptor_bytes_max) throw new Unprocessable('a gap in an archive')
}

function dataOf(file: Buffer, { at, name }: Entry): number {
  if (at + local_bytes > file.length || file.readUInt32LE(at) !== local_mark)
    throw new Unprocessable('a broken archive')
  const name_bytes = file.readUInt16LE(at + 26)
  const localName = file.toString('utf8', at + local_bytes, at + local_bytes + name_bytes)
  if (localName !== name) throw new Unprocessable('a part under two names')
  return at + local_bytes + name_bytes + file.readUInt16LE(at + 28)
}

function checkSizes(entries: Entry[]): void {
  const total_bytes = entries.reduce((sum, { plain_bytes }) => sum + plain_bytes, 0)
  const isBomb = ({ plain_bytes, packed_bytes }: Entry) =>
    plain_bytes > ratio_free_bytes && plain_bytes > packed_bytes * ratio_max
  if (total_bytes > inflated_bytes_max || entries.some(isBomb)) throw new Unprocessable('a zip bomb')
}

function inflated(file: Buffer, entry: Entry): Uint8Array {
  const { flags, method, crc, packed_bytes, plain_bytes } = entry
  const from = dataOf(file, entry)
  const packed = file.subarray(from, from + packed_bytes)
  if ((flags & 1) !== 0) throw new Unprocessable('an encrypted part')
  if (method !== 0 && method !== 8) throw new Unprocessable('a way of packing that is not read')
  // Zlib throws where the part holds more than the table says.
  const plain = method === 0 ? packed : inflateRawSync(packed, { maxOutputLength: Math.max(1, plain_bytes) })
  if (plain.length !== plain_bytes || crc32(plain) !== crc) throw new Unprocessable('a broken part')
  return plain
}
