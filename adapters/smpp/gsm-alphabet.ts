/**
 * The GSM 7-bit default alphabet and its extension table (3GPP TS 23.038, 6.2.1), one octet a septet, as SMPP carries it.
 * Pure.
 */

const escape_octet = 0x1b
const basic =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà'
const extension: ReadonlyMap<number, string> = new Map([
  [0x0a, '\f'],
  [0x14, '^'],
  [0x28, '{'],
  [0x29, '}'],
  [0x2f, '\\'],
  [0x3c, '['],
  [0x3d, '~'],
  [0x3e, ']'],
  [0x40, '|'],
  [0x65, '€'],
])

const octetsOf = new Map<string, readonly number[]>([
  ...[...basic].flatMap((letter, code): [string, number[]][] => (code === escape_octet ? [] : [[letter, [code]]])),
  ...[...extension].map(([code, letter]): [string, number[]] => [letter, [escape_octet, code]]),
])

/** The septets of one letter, one or two; undefined when the alphabet does not have it. */
export const septetsOf = (letter: string): readonly number[] | undefined => octetsOf.get(letter)

/** What cannot be read is a space, as the standard asks of a handset. */
export function gsmText(octets: Uint8Array): string {
  let text = ''
  for (let at = 0; at < octets.length; at++) {
    const code = octets[at]! & 0x7f
    if (code !== escape_octet) text += basic[code]
    else if (++at < octets.length) text += extension.get(octets[at]! & 0x7f) ?? ' '
  }
  return text
}
