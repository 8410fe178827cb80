/**
 * Cuts TypeScript into words, strings and signs, so that a string can be told from a comment and from what a pattern
 * quotes. It knows no grammar: just enough to find the strings of a test file. Pure.
 */

export interface Token {
  kind: 'word' | 'string' | 'pattern' | 'sign'
  /** As written; of a string, what stands between its quotes. */
  text: string
}

const blank = /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\//y
const quoted = /'((?:\\[\s\S]|[^'\\\n])*)'|"((?:\\[\s\S]|[^"\\\n])*)"/y
const word = /[\p{L}\p{N}_$]+/uy
const pattern = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y
/** After one of these a slash begins a pattern; after anything else it divides. */
const beforePattern = ['(', ',', '=', ':', '[', '!', '&', '|', '?', '{', '}', ';', '>', '+', 'return', undefined]

/** The tokens of a source, comments left out. A template is one string, with its insertions as they are written. */
export const tokensOf = (source: string): Token[] => scan(source, 0).tokens

/** Until the end, or until a brace closes that was opened before `start`. */
function scan(source: string, start: number): { tokens: Token[]; end: number } {
  const tokens: Token[] = []
  let at = start
  let depth = 0
  while (at < source.length) {
    const space = matchAt(blank, source, at)
    if (space) {
      at += space[0].length
      continue
    }
    if (source[at] === '}' && depth === 0 && start > 0) break
    const { token, end } = tokenAt(source, at, tokens.at(-1))
    if (token.kind === 'sign') depth += token.text === '{' ? 1 : token.text === '}' ? -1 : 0
    tokens.push(token)
    at = end
  }
  return { tokens, end: at }
}

function tokenAt(source: string, at: number, before: Token | undefined): { token: Token; end: number } {
  const found = (kind: Token['kind'], whole: string, text = whole) => ({
    token: { kind, text },
    end: at + whole.length,
  })
  if (source[at] === '`') {
    const end = templateEnd(source, at + 1)
    return found('string', source.slice(at, end), source.slice(at + 1, end - 1))
  }
  const string = matchAt(quoted, source, at)
  if (string) return found('string', string[0], string[1] ?? string[2])
  const mayBePattern = before?.kind !== 'string' && beforePattern.includes(before?.text)
  const regex = mayBePattern && matchAt(pattern, source, at)
  if (regex) return found('pattern', regex[0])
  const name = matchAt(word, source, at)
  return name ? found('word', name[0]) : found('sign', source[at]!)
}

/** Just after the closing backtick of a template whose text begins at `start`. */
function templateEnd(source: string, start: number): number {
  let at = start
  while (at < source.length && source[at] !== '`') {
    if (source[at] === '\\') at += 2
    else if (source.startsWith('${', at)) at = scan(source, at + 2).end + 1
    else at += 1
  }
  return at + 1
}

function matchAt(sticky: RegExp, source: string, at: number): RegExpExecArray | null {
  sticky.lastIndex = at
  return sticky.exec(source)
}
