import { VerbError } from './cli.ts'

/** The whole number from 1 that an option gives. Throws `VerbError` with what was expected and what was found. */
export function countIn(option: string, text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1) return count
  throw new VerbError(`${option}: expected a whole number from 1, found ${text}`)
}
