/** What verbs say on standard output: a line, a value as JSON, a table. */
export const say = (line: string): void => void process.stdout.write(`${line}\n`)

export const print = (value: unknown): void => say(JSON.stringify(value, null, 2))

/** Columns as wide as their widest cell. The first names the rows; of the others, those of figures (`-`: none) stand at the right. */
export function table(head: string[], rows: string[][]): void {
  const columns = head.map((title, column) => {
    const cells = rows.map((row) => row[column] ?? '')
    const width = Math.max(title.length, ...cells.map(({ length }) => length))
    const figures = cells.filter((cell) => cell !== none)
    return { width, isOfFigures: column > 0 && figures.length > 0 && figures.every((cell) => figure.test(cell)) }
  })
  for (const row of [head, ...rows]) {
    const cells = columns.map(({ width, isOfFigures }, column) => {
      const cell = row[column] ?? ''
      return isOfFigures ? cell.padStart(width) : cell.padEnd(width)
    })
    say(cells.join('  ').trimEnd())
  }
}

const none = '-'
const figure = /^-?[\d.]+%?$/
