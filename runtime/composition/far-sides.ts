/** The far sides of a node: which adapter carries out which effect. Speaks to the adapters only. */
import type { Adapter } from '../../adapters/adapter.ts'
import { chatSender } from '../../adapters/chat/chat-sender.ts'
import type { ChatThreads } from '../../adapters/chat-threads.ts'
import { clientCredentials } from '../../adapters/client-credentials.ts'
import { type Clock, systemClock } from '../../adapters/clock.ts'
import { connect } from '../../adapters/connect/connect.ts'
import type { Connections } from '../../adapters/connections.ts'
import type { Desk } from '../../adapters/desk/desk.ts'
import { digitalRouting } from '../../adapters/digital-routing/digital-routing.ts'
import { engage } from '../../adapters/engage/engage.ts'
import { type Authorization, staticToken } from '../../adapters/http.ts'
import { smtp } from '../../adapters/smtp/smtp.ts'
import { type TextLine, textSender } from '../../adapters/text-line.ts'
import type { AnyEffect } from '../../machines/effects.ts'
import { alerts } from '../alerts.ts'
import type { Config, Credentials } from '../config.ts'
import type { ConnectionsOut } from '../connections-out.ts'
import type { Log } from '../log.ts'
import { nobodys } from '../nobodys.ts'

export interface FarSideParts {
  /** The embedded desk, for what has no address of its own. */
  desk: Pick<Desk, 'url'> | undefined
  clock: Clock
  log: Log
  connections: ConnectionsOut
  chatLines: Pick<ChatThreads, 'append'>
  textLines: readonly TextLine[]
  measured: (adapter: Adapter<AnyEffect>) => Adapter<AnyEffect>
  /** Of machines that the program brought along. */
  own: readonly Adapter<AnyEffect>[]
}

/** Who carries out an effect: the real far side where an address is set, the desk for the rest. */
export function farSides(
  config: Config,
  { desk, clock, log, connections, chatLines, textLines, measured, own }: FarSideParts,
): (effect: AnyEffect) => Adapter<AnyEffect> {
  const at = (name: 'digitalRouting' | 'engage' | 'connect') => ({
    url: config.urls[name] ?? desk?.url ?? '',
    authorization: authorizationOf(name, config.tokens[name], clock, connections[name]),
    now: () => clock.now(),
    connections: connections[name],
  })
  const { smtp: mailServer } = config.urls
  const adapters = [
    digitalRouting(at('digitalRouting')),
    engage(at('engage')),
    ...(mailServer === undefined ? [] : [smtp({ url: mailServer, now: () => clock.now() })]),
    chatSender(chatLines, () => clock.now()),
    ...textLines.map(textSender),
    connect(at('connect'), config.publicUrl),
    alerts(log),
    ...own,
  ].map((adapter) => measured(adapter as Adapter<AnyEffect>))
  return (effect) =>
    adapters.find(({ performs, takes }) => performs.includes(effect.type) && (takes?.(effect) ?? true)) ?? nobodys
}

function authorizationOf(
  name: string,
  credentials: Credentials | undefined,
  clock: Clock,
  connections: Connections,
): Authorization {
  if (!credentials || 'token' in credentials) return staticToken(credentials?.token)
  return clientCredentials(name, credentials, clock, systemClock(), connections)
}
