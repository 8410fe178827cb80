/** The process of one node of the benchmark. Plain JavaScript, since it is started with node alone; or it is built. */
import { register } from 'tsx/esm/api'

register()
const { runMember } = await import('./node-process.ts')
await runMember(JSON.parse(process.argv[2]))
