/** A request to the desk's own doors that cannot be done as things are. `status` is what it is answered with. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}
