/**
 * Structured logs (pino): ids, states and codes, never what customers or agents wrote (T7). What bears the name of a secret
 * is starred out, should an error of somebody else's bring one along.
 */
import { destination, type Logger, pino } from 'pino'

export type Log = Logger

const secretNames = [
  'authorization',
  'cookie',
  'password',
  'pass',
  'token',
  'access_token',
  'clientSecret',
  'client_secret',
]
/** Where they may stand in what is logged: at the top, in an object, in the headers of one. */
const secretPaths = secretNames.flatMap((name) => [name, `*.${name}`, `*.headers.${name}`, `*.*.headers.${name}`])

/** `file` undefined logs to standard error, so that standard output stays for what a command answers. */
export function openLog(level: string, file?: string): Log {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, redact: { paths: secretPaths, censor: '***' } },
    destination({ dest: file ?? 2, sync: false, mkdir: true }),
  )
}
