/**
 * A text as short messages, and back: the GSM alphabet where it has every letter, else UCS-2; what does not fit into one
 * goes in parts, each with a header that says which it is (3GPP TS 23.040, 9.2.3.24.1). Pure.
 */
import { gsmText, septetsOf } from './gsm-alphabet.ts'
import { type ShortMessage, tag } from './pdu.ts'

export interface Written {
  dataCoding: number
  /** What goes out, one or more; with `hasHeader` each begins with its header. */
  parts: Buffer[]
  hasHeader: boolean
}

/** Which part of which message; `text` is its own. */
export interface Part {
  reference: number
  total: number
  /** From 1. */
  index: number
}

const coding = { gsm: 0, ascii: 1, latin1: 3, ucs2: 8 } as const
/** What 140 octets carry, alone and beside a header of 6 octets. */
const room = { gsm: { alone: 160, beside: 153 }, ucs2: { alone: 140, beside: 134 } } as const
export const parts_max = 255
const header_bit = 0x40

/**
 * `reference` (0 to 255) is the same for all parts of one message, and for the same message sent again. No letter is cut
 * in two. Throws `RangeError` over 255 parts.
 */
export function written(text: string, reference: number): Written {
  const letters = [...text]
  const septets = letters.map(septetsOf)
  const alphabet = septets.includes(undefined) ? 'ucs2' : 'gsm'
  const pieces =
    alphabet === 'gsm'
      ? septets.map((codes) => Buffer.from(codes!))
      : letters.map((letter) => Buffer.from(letter, 'utf16le').swap16())
  const dataCoding = coding[alphabet]
  const { alone, beside } = room[alphabet]
  if (sizeOf(pieces) <= alone) return { dataCoding, parts: [Buffer.concat(pieces)], hasHeader: false }
  const bodies = packed(pieces, beside)
  if (bodies.length > parts_max) throw new RangeError(`a text of ${bodies.length} parts`)
  const parts = bodies.map((body, index) =>
    Buffer.concat([Buffer.from([5, 0, 3, reference & 0xff, bodies.length, index + 1]), body]),
  )
  return { dataCoding, parts, hasHeader: true }
}

/** The text of a message, or of a part of one. Undefined in an alphabet that is none (binary). */
export function textIn(message: ShortMessage): { text: string; part: Part | undefined } | undefined {
  const { esmClass, octets, optional, dataCoding } = message
  const header_bytes = (esmClass & header_bit) !== 0 && octets.length > 0 ? Math.min(octets[0]! + 1, octets.length) : 0
  const text = decoded(octets.subarray(header_bytes), dataCoding)
  if (text === undefined) return undefined
  const part = partIn(octets.subarray(1, header_bytes)) ?? partOf(optional)
  return { text, part: part && part.total > 1 && part.index >= 1 && part.index <= part.total ? part : undefined }
}

const sizeOf = (pieces: readonly Buffer[]): number => pieces.reduce((sum, { length }) => sum + length, 0)

function packed(pieces: readonly Buffer[], octets_max: number): Buffer[] {
  const parts: Buffer[][] = [[]]
  let size = 0
  for (const piece of pieces) {
    if (size + piece.length > octets_max) {
      parts.push([])
      size = 0
    }
    parts.at(-1)!.push(piece)
    size += piece.length
  }
  return parts.map((part) => Buffer.concat(part))
}

/** Section 5.2.19; the groups above 0x0F are those of the mobile network (3GPP TS 23.038, 4). */
function decoded(octets: Buffer, dataCoding: number): string | undefined {
  const alphabet = dataCoding < 0x10 ? dataCoding : dataCoding & 0x0c
  if (alphabet === coding.ucs2)
    return Buffer.from(octets.subarray(0, octets.length & ~1))
      .swap16()
      .toString('utf16le')
  if (alphabet === coding.gsm) return gsmText(octets)
  return alphabet === coding.ascii || alphabet === coding.latin1 ? octets.toString('latin1') : undefined
}

/** Elements of a header: 0 has a reference of one octet, 8 one of two. */
function partIn(header: Buffer): Part | undefined {
  for (let at = 0; at + 2 <= header.length; at += 2 + header[at + 1]!) {
    const [kind, length] = [header[at]!, header[at + 1]!]
    const value = header.subarray(at + 2, at + 2 + length)
    if (kind === 0 && value.length === 3) return { reference: value[0]!, total: value[1]!, index: value[2]! }
    if (kind === 8 && value.length === 4) {
      return { reference: value.readUInt16BE(0), total: value[2]!, index: value[3]! }
    }
  }
  return undefined
}

function partOf(optional: ShortMessage['optional']): Part | undefined {
  const [reference, total, index] = [tag.sarReference, tag.sarTotal, tag.sarPart].map((name) => optional.get(name))
  if (reference?.length !== 2 || total?.length !== 1 || index?.length !== 1) return undefined
  return { reference: reference.readUInt16BE(0), total: total[0]!, index: index[0]! }
}
