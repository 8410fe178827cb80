/**
 * The contract about files that customers send: how one is fetched, and what is said of it once it was looked into.
 * Kept by the folder `attachments/`; the runtime is given both as functions and knows no format.
 */

/** Each file, as the provider's own scan takes it (flows.md 7.1): exactly this much is still read (E107). */
export const file_bytes_max = 26_214_400

/**
 * `kept`: its content type, by what is in it. `sensitive`: card data is in it. `unprocessable`: nobody can say what is in
 * it: broken, encrypted, too large, with pictures, of a type that is not read, or not read in time (LC11, E109).
 */
export type FileVerdict = { kept: string } | { dropped: 'sensitive' | 'unprocessable' }

/** Looks into a file. Never rejects: what goes wrong is `unprocessable`, and so is a file that waits when `signal` aborts. */
export type Inspect = (bytes: Uint8Array, name: string, signal: AbortSignal) => Promise<FileVerdict>

/** The whole file, or why there is none. */
export type Download = (url: string, signal: AbortSignal) => Promise<Uint8Array | 'unreachable' | 'too-large'>
