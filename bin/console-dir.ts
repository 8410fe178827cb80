/** Where `npm run setup` puts the built console of this checkout. */
import { join } from 'node:path'

export const consoleDir = join(import.meta.dirname, '../.parley/console')
