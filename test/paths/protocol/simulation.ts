/**
 * One run of the model: two nodes, a broker and a far side, and a schedule of everything that may happen next, drawn from a
 * seed. After the schedule nothing goes wrong any more, and what is left comes to rest.
 */
import { random } from '../../../runtime/random.ts'
import { advance, type Failure, type Node, newNode, send, takeUp } from './node.ts'
import type { Protocol } from './protocol.ts'
import { type Message, newWorld, nextTimer, publish, type World } from './world.ts'

export interface Run {
  world: World
  /** False when it went on for ever. */
  rested: boolean
}

/** The same protocol and seed give the same run. Throws what a machine throws. */
export function simulate(protocol: Protocol, seed: number): Run {
  const draw = random(seed)
  const world = newWorld()
  const nodes = [newNode(), newNode()] as const
  const schedule = draw.pick(schedules)
  const posts = draw.int(1, posts_max)
  let owner = 0

  const acts: Record<Act, () => unknown> = {
    post: () => world.posted.length < posts && post(world, draw.int(0, 3) * 1_000),
    work: () => work(world, nodes[owner]!, protocol),
    zombie: () => linger(world, nodes[1 - owner]!, protocol, draw.int(0, 1) === 0),
    send: () => send(world, nodes[owner]!, protocol, draw.pick(failures)),
    time: () => fireNext(world),
    repeat: () => repeat(world, draw.int(0, 99)),
    crash: () => crash(world, draw.pick(nodes), protocol),
    takeOver: () => {
      owner = 1 - owner
      if (protocol.cache === 'dropped') nodes[owner]!.cache = undefined
    },
  }
  for (let step = 0; step < steps; step++) acts[draw.pick(schedule)]()
  const isLate = draw.int(0, 1) === 0
  return { world, rested: comesToRest(world, nodes[owner]!, nodes[1 - owner]!, isLate, protocol) }
}

const steps = 44
type Act = 'post' | 'work' | 'zombie' | 'send' | 'time' | 'repeat' | 'crash' | 'takeOver'

/** How often each comes; what is hurried in one run is slow in another. */
const moods: Record<Act, number>[] = [
  { post: 2, work: 12, zombie: 3, send: 8, time: 2, repeat: 1, crash: 2, takeOver: 2 },
  { post: 2, work: 12, zombie: 2, send: 8, time: 2, repeat: 1, crash: 1, takeOver: 1 },
  { post: 2, work: 12, zombie: 1, send: 8, time: 2, repeat: 1, crash: 1, takeOver: 2 },
]
const schedules = moods.map((odds) =>
  Object.entries(odds).flatMap(([act, times]) => Array<Act>(times).fill(act as Act)),
)
const failures: Failure[] = ['none', 'none', 'none', 'before', 'after']
const posts_max = 5

function post(world: World, later_ms: number): void {
  world.now_ms += later_ms
  const id = `m${world.posted.length + 1}`
  world.posted.push(id)
  const event = { type: 'message.received', id, at: String(world.now_ms), text: '', scan: 'clean' }
  publish(world, id, { kind: 'event', event, address: { channel: 'sms', asset: 'a', customer: 'c' } })
}

/** Takes up the oldest delivery, or goes on with the one under way. */
function work(world: World, node: Node, protocol: Protocol): void {
  const oldest = world.inbox[0]
  if (node.flight) advance(world, node, protocol)
  else if (oldest) takeUp(world, node, protocol, oldest)
}

/** A node that has lost the conversation and does not know yet goes on with what it has in hand. */
function linger(world: World, node: Node, protocol: Protocol, sends: boolean): void {
  if (node.flight && !sends) advance(world, node, protocol)
  else if (node.sending) send(world, node, protocol, 'none')
}

/** The next timer is due, and is delivered; one that is disarmed later is on its way already. */
function fireNext(world: World): boolean {
  const next = nextTimer(world)
  if (next === undefined) return false
  const [name, { timer, due_ms, generation }] = next
  world.now_ms = Math.max(world.now_ms, due_ms)
  world.timers.delete(name)
  publish(world, `${timer}.${generation}`, { kind: 'timer', timer, generation })
  return true
}

/** A message comes once more, long after: the broker does not know it any more. Answers are told once for a key. */
function repeat(world: World, which: number): void {
  const again = world.log.filter(({ cause }: Message) => cause.kind !== 'answer')
  const message = again[which % Math.max(again.length, 1)]
  if (message === undefined) return
  world.known.delete(message.id)
  publish(world, message.id, message.cause)
}

function crash(world: World, node: Node, protocol: Protocol): void {
  Object.assign(node, newNode())
  if (protocol.timers === 'memory') world.timers.clear()
}

const rest_steps_max = 600

/** The node that has lost the conversation goes on before all else, or, when it is late, after all else but timers. */
function comesToRest(world: World, owner: Node, other: Node, isLate: boolean, protocol: Protocol): boolean {
  const lingers = () => other.flight !== undefined || other.sending !== undefined
  for (let step = 0; step < rest_steps_max; step++) {
    if (!isLate && lingers()) linger(world, other, protocol, !other.flight)
    else if (owner.flight || world.inbox.length > 0) work(world, owner, protocol)
    else if (send(world, owner, protocol, 'none')) continue
    else if (lingers()) linger(world, other, protocol, !other.flight)
    else if (!fireNext(world)) return true
  }
  return false
}
