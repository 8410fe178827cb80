/**
 * The command line: one verb a file in `verbs/`, each loaded only when it is called. Exit 0 for done, 1 for failed, 2 for
 * wrong use; errors are one sentence on standard error that says what to do.
 */
import { Command, CommanderError, Option } from 'commander'
import { ConfigError } from '../runtime/config-error.ts'
import { StartError } from '../runtime/errors.ts'

/** A verb failed, and the sentence says how; no stack is shown. */
export class VerbError extends Error {
  override readonly name = 'VerbError'
}

export async function main(argv: string[]): Promise<void> {
  try {
    await program().parseAsync(argv)
  } catch (error) {
    process.exitCode = failed(error)
  }
}

function program(): Command {
  const parley = new Command('parley')
    .description('Conversation runtime for contact centres: XState actors over NATS JetStream.')
    .exitOverride()
    .showHelpAfterError(false)
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'parley: ')) })

  parley
    .command('dev')
    .description('run everything on this machine: broker, node, gateway, embedded desk')
    .action(async () => (await import('./verbs/dev.ts')).dev())
  parley
    .command('serve')
    .description('run one node of a cluster, joined to PARLEY_NATS_URL')
    .option('--no-gateway', 'a worker only')
    .option('--no-worker', 'a gateway only')
    .option('--no-turning', 'leave the turns to other nodes')
    .option('--no-transmitting', 'leave the effects to other nodes')
    .addOption(new Option('--newer-machines', 'of a build to come, which parley chaos --upgrade rolls out').hideHelp())
    .action(async ({ newerMachines, ...options }) => {
      const { newerBuild } = newerMachines ? await import('../scenarios/chaos/newer-build.ts') : {}
      await (await import('./verbs/serve.ts')).serve(options, newerBuild)
    })
  parley
    .command('brokers')
    .description('run three nats-servers on this machine as one cluster, for nodes of parley serve to join')
    .action(async () => (await import('./verbs/brokers.ts')).brokers())
  parley
    .command('demo')
    .description('play every scenario through the real doors on a throw-away stack')
    .option('--json', 'one JSON object instead of transcripts')
    .action(async (options) => (await import('./verbs/play.ts')).demo(options))
  parley
    .command('play')
    .description('play scenario files on a throw-away stack')
    .argument('<file...>', 'scenario files (.yaml)')
    .option('--json', 'one JSON object instead of transcripts')
    .option('--approve', 'write the approved transcripts anew')
    .action(async (files, options) => (await import('./verbs/play.ts')).play(files, options))
  parley
    .command('ls')
    .description('list conversations')
    .option('--state <state>', 'such as inQueue or inQueue.queued')
    .option('--channel <channel>', 'sms, live-chat or email')
    .option('--asset <id>')
    .option('--customer <customer>')
    .option('--limit <n>', 'how many at most', '50')
    .option('--json')
    .action(async (options) => (await import('./verbs/read.ts')).ls(options))
  parley
    .command('show')
    .description('one conversation')
    .argument('<id>', 'actor id, conversation id or task id')
    .option('--json')
    .action(async (id, options) => (await import('./verbs/read.ts')).show(id, options))
  parley
    .command('turns')
    .description('the history of one conversation, turn by turn')
    .argument('<id>', 'actor id, conversation id or task id')
    .option('--json')
    .option('--as-path', 'as steps that lead a machine through the same, in JSON')
    .option('--as-scenario', 'as a scenario file that parley play takes')
    .action(async (id, options) => (await import('./verbs/read.ts')).turns(id, options))
  parley
    .command('replay')
    .description('the history of one conversation on another version of its machine, up to the first difference')
    .argument('<id>', 'actor id, conversation id or task id')
    .requiredOption('--machine <version>', 'a version of this build, or a module such as ./my-machine.ts')
    .option('--json')
    .action(async (id, options) => (await import('./verbs/replay.ts')).replay(id, options))
  parley
    .command('watch')
    .description('the life of one conversation as it happens; without an id, every conversation that moves')
    .argument('[id]', 'actor id, conversation id or task id')
    .option('--json', 'one JSON object a line')
    .action(async (id, options) => (await import('./verbs/watch.ts')).watch(id, options))
  parley
    .command('inspect')
    .description("stream a conversation to Stately's Inspector")
    .argument('<id>', 'actor id, conversation id or task id')
    .option('--port <n>', 'where it listens on this machine; 0 takes a free one', '8080')
    .action(async (id, options) => (await import('./verbs/inspect.ts')).inspect(id, options))
  parley
    .command('dead-letters')
    .description('what was set aside, with its reason; send it again, or give it up')
    .argument('<act>', 'ls, show, retry or drop')
    .argument('[id...]', 'of those to show, to send again or to drop')
    .option('--all', 'retry: every one')
    .option('--kind <kind>', 'ls and retry --all: of one kind only')
    .option('--json')
    .action(async (act, ids, options) => (await import('./verbs/dead-letters.ts')).deadLetters(act, ids, options))
  const narrowed = (name: string, description: string) =>
    parley
      .command(name)
      .description(description)
      .argument('<customer>', 'phone number, mail address or chat user, however it is written')
      .option('--channel <channel>', 'sms, live-chat or email only')
      .option('--asset <id>', 'at this asset only')
      .option('--json', 'one JSON object')
  narrowed('erase', 'forget a customer: end what is open, then delete all that is stored').action(
    async (customer, options) => (await import('./verbs/privacy.ts')).erase(customer, options),
  )
  narrowed('dump', 'all that is stored of a customer').action(async (customer, options) =>
    (await import('./verbs/privacy.ts')).dump(customer, options),
  )
  parley
    .command('audit')
    .description('who read or did what, for a year')
    .option('--json')
    .action(async (options) => (await import('./verbs/privacy.ts')).audit(options))
  parley
    .command('export')
    .description('machines as other programs read them: XState configs (Stately), or drawings')
    .argument('[machine]', 'one machine; all without it')
    .option('--format <format>', 'json, mermaid or svg', 'json')
    .action(async (machine, options) => (await import('./verbs/export.ts')).exportMachines(machine, options))
  parley
    .command('doctor')
    .description('check node, nats-server, streams, configuration and bindings')
    .option('--json')
    .action(async (options) => (await import('./verbs/doctor.ts')).doctor(options))
  parley
    .command('recover')
    .description('after streams were restored from copies of a running system, before the nodes start')
    .option('--turns <n>', 'more than were made since the copies: their numbers are not used again', '100000')
    .option('--json')
    .action(async (options) => (await import('./verbs/recover.ts')).recovering(options))
  parley
    .command('bench')
    .description('turns a second, and their ratio to the raw commit rate of the same run')
    .option('--json', 'one JSON object')
    .option('--conversations <n>', 'how many conversations', '2000')
    .option('--failovers <n>', 'how many nodes are killed, and how many leave in order', '10')
    .option('--timers <n>', 'how many are outstanding while their lateness is measured', '100000')
    .option('--peers <folder>', 'beside other runtimes instead, in a harness that runs them')
    .option('--with <peers>', '--peers: which of them, with commas', 'ref-memory,bullmq-always,bullmq-everysec,pg-row')
    .option('--encrypted', 'what encryption at rest costs instead: with it and without, in turn')
    .option('--rounds <n>', '--peers, --encrypted: how often each of them runs, in turn', '5')
    .option('--effects <how>', '--peers: http or noop', 'http')
    .option('--concurrency <n>', '--peers, --curve: conversations at a time', '64')
    .option('--curve', 'what a turn costs instead, from few to many of each thing, on a broker that syncs now and then')
    .option('--stored <list>', '--curve: conversations that are stored already, with commas, or none')
    .option('--partitions <list>', '--curve: partitions')
    .option('--context <list>', '--curve: kB that a conversation remembers')
    .option('--nodes <list>', '--curve: processes')
    .option('--svg <file>', '--curve: draw it')
    .option('--long <turns>', 'one conversation of so many turns instead: whether its last ones take longer')
    .action(async (options) => {
      if (options.long) return (await import('./verbs/bench-long.ts')).benchLong(options)
      if (options.peers) return (await import('./verbs/bench-peers.ts')).benchPeers(options)
      if (options.encrypted) return (await import('./verbs/bench-encrypted.ts')).benchEncrypted(options)
      if (options.curve) return (await import('./verbs/bench-curve.ts')).benchCurve(options)
      return (await import('./verbs/bench.ts')).bench(options)
    })
  parley
    .command('chaos')
    .description(
      'kill, stop and cut off real processes under load, then check from the records that every promise was kept',
    )
    .option('--seed <n>', 'the same seed, the same load and troubles', '1')
    .option(
      '--minutes <n>',
      'how long customers come and troubles go on: 1, or with --conversations 15 at most, and 1 more for each 60',
    )
    .option('--conversations <n>', 'many customers at a time, and no more once so many have come')
    .option('--nodes <n>', "how many nodes, besides the desk's", '3')
    .option('--brokers <n>', '1, or 3 for a cluster', '1')
    .option('--upgrade', 'meanwhile restart the nodes one after the other on a build with newer machines')
    .option('--encrypted', 'with a master key, so that what customers say is encrypted at rest')
    .option('--apart', 'one node turns, one carries out effects, one does both')
    .option('--relays', 'cut off by relays on loopback, also where network namespaces can be made')
    .option('--json', 'one JSON object')
    .action(async (options) => (await import('./verbs/chaos.ts')).chaos(options))
  parley
    .command('load')
    .description(
      'chats, texts and mails on one node through its real doors, then a check that nothing was lost or doubled',
    )
    .option('--seconds <n>', 'how long customers write', '120')
    .option('--chats <n>', 'chat windows open at a time', '200')
    .option('--sms <n>', 'texts a second', '50')
    .option('--mails <n>', 'mails a second', '10')
    .option('--no-sync-always', 'the broker syncs to the disk now and then, not at every write')
    .option('--encrypted', 'with a master key, so that what customers say is encrypted at rest')
    .option('--json', 'one JSON object')
    .action(async (options) => (await import('./verbs/load.ts')).load(options))
  parley
    .command('fuzz')
    .description('almost right inputs for every codec and door: nothing may crash, grow, or be answered 5xx but 503')
    .option('--seed <n>', 'the same seed, the same inputs', '1')
    .option('--inputs <n>', 'how many', '1000000')
    .option('--json', 'one JSON object')
    .action(async (options) => (await import('./verbs/fuzz.ts')).fuzzing(options))
  parley
    .command('detector')
    .description('how well card data is found and other numbers are left alone, on a corpus of our own')
    .option('--json', 'one JSON object')
    .option('--seed <n>', 'another draw of the corpus')
    .action(async (options) => (await import('./verbs/detector.ts')).detector(options))
  parley
    .command('paths')
    .description('paths generated from the machines: what they cover, and whether the invariants hold on them')
    .argument(
      '[machine]',
      'sms, live-chat, live-chat-with-web-callback or email, or your own as ./my-machine.ts; all without',
    )
    .option('--json', 'one JSON object')
    .option('--seed <n>', 'other paths of the same coverage')
    .option(
      '--cover <criteria>',
      'paths for some of states, transitions, pairs, stateEvent, outcomes, races, joined by commas; for all without',
    )
    .option('--repeats <n>', 'suites by so many seeds instead of one: whether one of them alarms; takes long')
    .option('--mutants', 'judge every fault that can be planted in a machine, not one in a hundred; takes long')
    .option('--html <file>', 'a page: charts coloured by coverage, the paths behind them, faults, scores')
    .option('--junit <file>', 'the same for CI, as JUnit XML')
    .option('--stryker <file>', "write the verdicts on planted faults in Stryker's report schema")
    .option('--live', 'on a running system: broker, node and far side over HTTP, step by step beside the machine')
    .option('--protocol', "the runtime's promises instead: schedules of crashes and redeliveries in a model of it")
    .option('--runs <n>', 'with --protocol: so many schedules, one a seed; 30000 without')
    .option('--cluster', 'with --live: three nodes, of which some are killed between steps')
    .option('--crash', 'with --live: instead of the suite, every transition cut by a kill at three points of its turn')
    .option('--brokers <n>', 'with --live: 1, or 3 as a cluster, with every stream in three copies')
    .option('--limit <n>', 'with --live: so many paths of each machine, from all over its suite')
    .option('--replay <id>', 'one path or one failure by its id, or by the file of a failure, step by step')
    .option('--save-failure <file>', 'write the failure that takes the fewest steps, to commit it and play it again')
    .action(async (machine, options) => (await import('./verbs/paths.ts')).paths(machine, options))
  return parley
}

function failed(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof ConfigError || error instanceof StartError || error instanceof VerbError) {
    process.stderr.write(`parley: ${error.message}\n`)
    return 1
  }
  process.stderr.write(`parley: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  return 1
}
