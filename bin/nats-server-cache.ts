/** Where this checkout keeps the nats-server it fetched; the same folder as `npm run setup` uses. */
import { join } from 'node:path'

export const natsServerCache = join(import.meta.dirname, '../.parley')
