/** `parley serve` of a build with newer versions of the machines: what `parley chaos --upgrade` rolls out. */
import { register } from 'tsx/esm/api'

register()
const { serve } = await import('./verbs/serve.ts')
const { newerBuild } = await import('../scenarios/chaos/newer-build.ts')
await serve({ gateway: true, worker: !process.argv.includes('--no-worker') }, newerBuild)
