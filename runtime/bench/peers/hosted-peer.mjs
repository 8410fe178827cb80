/** The process of Parley as a peer. Plain JavaScript, since the harness starts it with node alone. */
import { register } from 'tsx/esm/api'

register()
const { hostPeer } = await import('./hosted-peer.ts')
const peer = await hostPeer(process.env)
process.once('SIGTERM', () => peer.stop().finally(() => process.exit()))
