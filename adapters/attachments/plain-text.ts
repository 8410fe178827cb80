/**
 * Text as bytes: which characters they are, or that they are none. The charset is told by the byte order mark, by the
 * places of zeros (UTF-16 without a mark), by being UTF-8, and else taken for Latin 1. Pure.
 */

/** The text, or undefined for bytes that are not text: control characters stand in no text that people send. */
export function decodedText(bytes: Uint8Array): string | undefined {
  const text = decoded(bytes)
  return text === undefined || controls.test(text) ? undefined : text
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what tells bytes from text
const controls = /[\0-\x08\x0e-\x1f\x7f]/

function decoded(bytes: Uint8Array): string | undefined {
  const charset = charsetOf(bytes)
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes)
  } catch {
    // Every byte is a character in Latin 1; in UTF-16 there are sequences that are none.
    return charset === 'utf-8' ? new TextDecoder('windows-1252').decode(bytes) : undefined
  }
}

function charsetOf(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  const head = bytes.subarray(0, head_bytes)
  const zeros = (parity: number) => head.filter((byte, at) => byte === 0 && at % 2 === parity).length
  if (zeros(1) > head.length / 4 && zeros(0) === 0) return 'utf-16le'
  if (zeros(0) > head.length / 4 && zeros(1) === 0) return 'utf-16be'
  return 'utf-8'
}

const head_bytes = 1_024
