/** What verbs say on standard output: a line, a value as JSON, a table. */
export const say = (line: string): void => void process.stdout.write(`${line}\n`)

export const print = (value: unknown): void => say(JSON.stringify(value, null, 2))

/** Columns as wide as their widest cell. */
export function table(head: string[], rows: string[][]): void {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  for (const row of [head, ...rows]) {
    const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0))
    say(cells.join('  ').trimEnd())
  }
}
