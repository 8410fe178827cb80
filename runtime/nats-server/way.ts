/**
 * The contract of one way to get a nats-server. A way looks or fetches; it never decides whether the result is good enough:
 * `get-nats-server.ts` asks the binary for its version and puts it in place.
 */

export interface WayRequest {
  /** The environment of the commands that are run; `PATH` decides which. */
  env: NodeJS.ProcessEnv
  /** An empty folder of this attempt alone; it is removed afterwards. */
  workDir: string
  /** One line for a person who waits. */
  progress(line: string): void
}

/** One line, without a full stop: why this way does not apply here, or how it failed. */
export interface Refusal {
  refused: string
}

/** Resolves to the path of a nats-server binary (copied before `workDir` goes), or says why not. Never rejects. */
export type Way = (request: WayRequest) => Promise<string | Refusal>
