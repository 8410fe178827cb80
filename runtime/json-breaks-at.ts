/**
 * Where a text stops being JSON. Node's parser tells a position only for some mistakes, and quotes the text for others.
 * Pure.
 */

/** The place, counted from 0, of the first character that no JSON text can have there; the text's end when more is missing. */
export function jsonBreaksAt(text: string): number {
  let possible = 0
  let broken = text.length + 1
  while (broken - possible > 1) {
    const middle = Math.floor((possible + broken) / 2)
    if (canBegin(text.slice(0, middle))) possible = middle
    else broken = middle
  }
  return possible
}

/** Whether a JSON text can begin with this: the parser has no complaint, or none before the end. */
function canBegin(prefix: string): boolean {
  try {
    JSON.parse(prefix)
    return true
  } catch (error) {
    const { message } = error as Error
    const position = Number(/at position (\d+)/.exec(message)?.[1] ?? -1)
    return message.includes('end of JSON input') || position >= prefix.length
  }
}
