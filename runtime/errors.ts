/**
 * Errors that stop a start, with a stable code and a sentence that says what to do. What fails inside a turn is a dead
 * letter, what fails at the far side an `EffectError`; neither is here.
 */
export class StartError extends Error {
  override readonly name = 'StartError'
  readonly code: string
  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}
