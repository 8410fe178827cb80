/**
 * What programs import from `parley`: to host a machine of their own beside the contact centre's, and to carry out its
 * effects. Sources are TypeScript: run the program with `tsx`, as `npx parley` runs itself. What is not exported here may
 * change with any version.
 */
export { type Adapter, type Call, EffectError } from '../adapters/adapter.ts'
export type { AnyEffect } from '../machines/effects.ts'
export { type Config, loadConfig } from './config.ts'
export { ConfigError } from './config-error.ts'
export type { HeardEvent } from './envelope.ts'
export { StartError } from './errors.ts'
export { type Ask, type ConversationOptions, defineConversation, type Hosted } from './hosted.ts'
export { openLog } from './log.ts'
export { type Node, type NodeOptions, startNode } from './main.ts'
export { getNatsServer } from './nats-server/get-nats-server.ts'
export { runNatsServer } from './nats-server/run-nats-server.ts'
