/**
 * Structured logs (pino): ids, states and codes, never what customers or agents wrote (T7).
 */
import { destination, type Logger, pino } from 'pino'

export type Log = Logger

/** `file` undefined logs to standard error, so that standard output stays for what a command answers. */
export function openLog(level: string, file?: string): Log {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    destination({ dest: file ?? 2, sync: false, mkdir: true }),
  )
}
