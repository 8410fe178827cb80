#!/usr/bin/env node
/** Starts the command line from source: TypeScript is read as it is, nothing is built. */
import { register } from 'tsx/esm/api'

register()
const { main } = await import('./cli.ts')
await main(process.argv)
