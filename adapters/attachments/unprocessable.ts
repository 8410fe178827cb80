/**
 * Thrown by a reader of this folder for a file that nobody may get, since nobody can say what is in it (E109).
 * Invariant: the message names what was found, never a word of the file.
 */
export class Unprocessable extends Error {
  override readonly name = 'Unprocessable'
}
