/**
 * Colours for a terminal; none where NO_COLOR is set or the output is no terminal (no-color.org).
 */
import type { Paint } from '../runtime/live-view.ts'

export function paintFor(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): Paint {
  const coloured = env.FORCE_COLOR !== undefined || (stream.isTTY === true && env.NO_COLOR === undefined)
  const code = (open: number, close: number) => (text: string) =>
    coloured ? `\u001b[${open}m${text}\u001b[${close}m` : text
  return { dim: code(2, 22), bold: code(1, 22), green: code(32, 39), red: code(31, 39), cyan: code(36, 39) }
}
