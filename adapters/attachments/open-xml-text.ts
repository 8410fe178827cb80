/**
 * The words in one XML part of a Word or Excel file: runs of a paragraph joined, so that a number in several styles is one
 * number; paragraphs and cells apart; hidden words (deleted text, formulas, long attributes) too. Pure.
 */
import { SaxesParser } from 'saxes'
import { cellNumberReadings } from './cell-number.ts'

/** One line a paragraph or cell. Throws what the parser throws for XML that is none. */
export function openXmlLines(xml: string): string[] {
  const lines: string[] = []
  /** Paragraphs and cells that are open, the innermost last: a text box is a paragraph inside one. */
  const open: Block[] = []
  const elements: string[] = []
  const parser = new SaxesParser()

  parser.on('opentag', ({ name, attributes }) => {
    const element = localName(name)
    elements.push(element)
    lines.push(...Object.values(attributes).filter((value) => digitsIn(value) >= attribute_digits_min))
    if (blocks.has(element)) open.push({ kind: attributes.t ?? '', text: '' })
    else if (open.length > 0) open.at(-1)!.text += blanks.get(element) ?? ''
  })
  const hear = (text: string) => {
    const element = elements.at(-1)!
    if (element !== 't' && text.trim() === '') return
    const block = open.at(-1)
    if (element === 'v') lines.push(...valueReadings(text, block?.kind ?? ''))
    else if (block === undefined || apart.has(element)) lines.push(text)
    else block.text += text
  }
  parser.on('text', hear)
  parser.on('cdata', hear)
  parser.on('closetag', () => {
    if (blocks.has(elements.pop()!)) lines.push(open.pop()!.text)
  })
  parser.on('error', (error) => {
    throw error
  })
  parser.write(xml).close()
  return lines.filter((line) => line !== '')
}

interface Block {
  /** The `t` of a cell: `s` is an index into the shared strings, `str` a text, nothing a number. */
  kind: string
  text: string
}

/** `p` a paragraph, `si` and `is` a text of a cell, `c` a cell, `text` a note on one. */
const blocks = new Set(['p', 'si', 'is', 'c', 'text'])
/** Words in a paragraph that are not read in a row with the others. */
const apart = new Set(['delText', 'instrText', 'delInstrText', 'f'])
const blanks = new Map([
  ['tab', ' '],
  ['br', '\n'],
  ['cr', '\n'],
  ['noBreakHyphen', '-'],
])

/** Ids and measures are shorter. */
const attribute_digits_min = 12
const digitsIn = (text: string): number => (text.length < attribute_digits_min ? 0 : text.replace(/\P{N}/gu, '').length)

const localName = (name: string): string => name.slice(name.indexOf(':') + 1)

function valueReadings(text: string, kind: string): string[] {
  if (kind === 's') return []
  return number.test(text.trim()) && kind !== 'str' ? cellNumberReadings(text.trim()) : [text]
}

const number = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i
