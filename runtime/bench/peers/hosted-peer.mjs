/** The process of Parley as a peer. Plain JavaScript, since the harness starts it with node alone; like `bin/parley.mjs`. */
import { register } from 'tsx/esm/api'

register()
const { hostPeer } = await import('./hosted-peer.ts')
await hostPeer(process.env)
