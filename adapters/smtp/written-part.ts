/**
 * What people write themselves in a mail, without the older mail that their program repeats below. Pure.
 * Invariant: only what is surely a repetition goes, and never everything: answers between quoted lines stay, with them.
 */

/** The text above the repeated mail; the whole text where there is none, or where nothing stands above it. */
export function writtenPart(text: string): string {
  const lines = text.replace(/\r\n?/g, '\n').split('\n')
  const above = lines.slice(0, repeatedFrom(lines)).join('\n').trim()
  return above === '' ? text.trim() : above
}

/** The index of the line where the repetition begins. */
function repeatedFrom(lines: readonly string[]): number {
  const headed = lines.findIndex((_, index) => isHeadOfRepeated(lines, index))
  return Math.min(headed === -1 ? lines.length : headed, quotedEndFrom(lines))
}

/** Outlook's way: a rule or "Original Message", then the head of the older mail, unquoted. */
function isHeadOfRepeated(lines: readonly string[], index: number): boolean {
  const line = lines[index]!.trim()
  if (!isRule(line)) return false
  const below = lines.slice(index + 1, index + 1 + head_lines_max).map((one) => one.trim())
  return below.filter((one) => headLine.test(one)).length >= head_lines_min
}

const isRule = (line: string): boolean => line.length <= line_chars_max && rules.some((rule) => rule.test(line))
const rules = [/^-{2,} ?\p{L}[\p{L} ]{2,40}\p{L} ?-{2,}$/u, /^_{8,}$/, /^-{8,}$/]
/** `From: …`, `Von: …`, `*De :* …`: a short word and a colon. */
const headLine = /^\*?\p{L}{2,12} ?:\*? ?\S/u
const head_lines_max = 6
const head_lines_min = 3
const line_chars_max = 200

/** Everybody else's way: the mail ends in quoted lines, with a sentence before them that says whose they are. */
function quotedEndFrom(lines: readonly string[]): number {
  const lastOwn = lines.findLastIndex((line) => line.trim() !== '' && !/^\s*>/.test(line))
  const hasQuoted = lines.slice(lastOwn + 1).some((line) => /^\s*>/.test(line))
  if (!hasQuoted) return lines.length
  if (!lines[lastOwn]?.trim().endsWith(':')) return lastOwn + 1
  // Programs break that sentence over two or three lines.
  const from = Math.max(0, lastOwn - sentence_lines_max + 1)
  const start = lines.slice(from, lastOwn + 1).findLastIndex((line, at) => from + at < lastOwn && line.trim() === '')
  return start === -1 ? (from === 0 ? 0 : lastOwn) : from + start + 1
}

const sentence_lines_max = 4
