/**
 * The command line: exit codes, one sentence for what is wrong, and the same answers as the reading paths give.
 */
import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AnyStateMachine } from 'xstate'
import { paintFor } from '../bin/paint.ts'
import { initialContext } from '../machines/context.ts'
import { definitions, shapeRows } from '../machines/definitions.ts'
import { conversation } from '../machines/setup.ts'
import { sms } from '../machines/sms.ts'
import type { Finding } from '../runtime/doctor/finding.ts'
import { type Broker, startBroker } from './broker.ts'
import { type Ended, parley } from './command-line.ts'
import { customer, smsBody, startTestNode, type TestNode } from './node.ts'

const verbs = [
  'dev',
  'serve',
  'brokers',
  'demo',
  'play',
  'ls',
  'show',
  'turns',
  'replay',
  'dead-letters',
  'export',
  'doctor',
  'bench',
  'chaos',
  'detector',
  'paths',
]
/** Nothing listens there: ports below 1024 are not given to processes by chance. */
const nobody = 'http://127.0.0.1:9'
const escape_code = '\u001b['

let broker: Broker
let node: TestNode
let id: string
let stranger: Server

beforeAll(async () => {
  broker = await startBroker()
  node = await startTestNode(broker)
  await node.text('Hi, I need help with my bill')
  await node.ask('POST', '/v1/inbound/sms', { ...smsBody('Hello?'), da: '19995550000' })
  await node.advance(0)
  id = (await node.conversation()).id
  stranger = createServer((_request, response) => response.end('something else')).listen(0, '127.0.0.1')
})
afterAll(async () => {
  stranger.close()
  await node.stop()
  await broker.stop()
})

const sentence = /^parley: [^\n]+\n$/
const portOf = (server: Server): string => String((server.address() as AddressInfo).port)

function refused({ code, stdout, stderr }: Ended, wanted: number, told: RegExp): void {
  expect(stderr).toMatch(told)
  expect(stderr).toMatch(sentence)
  expect(stdout).toBe('')
  expect(code).toBe(wanted)
}

describe.concurrent('use', () => {
  test.each(verbs)('parley %s --help says how it is used and ends well', async (verb) => {
    const { code, stdout, stderr } = await parley([verb, '--help'])
    expect(stdout).toMatch(new RegExp(`^Usage: parley ${verb} `))
    expect([code, stderr]).toEqual([0, ''])
  })

  test('parley --help names every verb with what it does', async () => {
    const { code, stdout } = await parley(['--help'])
    for (const verb of verbs) expect(stdout).toMatch(new RegExp(`^  ${verb}.* {2}\\S`, 'm'))
    expect(code).toBe(0)
  })

  test.each([
    { args: ['converse'], told: /unknown command 'converse'/ },
    { args: ['ls', '--colour'], told: /unknown option '--colour'/ },
    { args: ['show'], told: /missing required argument 'id'/ },
    { args: ['play'], told: /missing required argument 'file'/ },
    { args: ['show', 'one', 'two'], told: /too many arguments/ },
  ])('wrong use is one sentence and exit 2: $args', async ({ args, told }) => {
    refused(await parley(args), 2, told)
  })
})

describe.concurrent('failures', () => {
  test.each([
    {
      args: ['ls'],
      env: { PARLEY_URL: nobody },
      told: /no node answers at http:\/\/127\.0\.0\.1:9; start one with npm start/,
    },
    { args: ['serve'], env: {}, told: /serve joins a NATS cluster: set PARLEY_NATS_URL/ },
    { args: ['serve', '--no-gateway', '--no-worker'], env: {}, told: /serve: nothing is left to do; leave out/ },
    {
      args: ['serve', '--no-gateway', '--no-turning', '--no-transmitting'],
      env: {},
      told: /serve: nothing is left to do; leave out/,
    },
    { args: ['ls'], env: { PARLEY_PORT: 'four' }, told: /PARLEY_PORT: expected .*, found / },
    {
      args: ['ls'],
      env: { PARLEY_CONFIG: 'none.json' },
      told: /PARLEY_CONFIG: expected a file that can be read, found none at /,
    },
    {
      args: ['dead-letters', 'burn'],
      env: { PARLEY_URL: nobody },
      told: /dead-letters: expected ls, show ID, .* or drop ID…, found burn/,
    },
    { args: ['dead-letters', 'show'], env: { PARLEY_URL: nobody }, told: /found show without an id/ },
    { args: ['dead-letters', 'retry'], env: { PARLEY_URL: nobody }, told: /found retry without an id/ },
    {
      args: ['dead-letters', 'ls', '--kind', 'fish'],
      env: { PARLEY_URL: nobody },
      told: /--kind: expected one of unreadable, .*, found fish/,
    },
    {
      args: ['bench', '--conversations', '0'],
      env: {},
      told: /--conversations: expected a whole number from 1, found 0/,
    },
    {
      args: ['detector', '--seed', 'many'],
      env: {},
      told: /--seed: expected a whole number from 0 to 4294967295, found many/,
    },
    { args: ['export', 'fax'], env: {}, told: /expected one of sms, .*email, found fax/ },
    {
      args: ['export', 'sms', '--format', 'gif'],
      env: {},
      told: /--format: expected one of json, mermaid, svg, found gif/,
    },
    { args: ['detector', '--seed', '4294967296'], env: {}, told: /--seed: expected .*, found 4294967296/ },
  ])('$args with $env fails with one sentence that says what to do', async ({ args, env, told }) => {
    refused(await parley(args, env), 1, told)
  })

  test('a wrong configuration file fails with the path of what is wrong in it', async () => {
    const file = join(broker.dir, 'wrong.json')
    const asset = { channel: 'sms', id: '14155550100', menu: [{ key: '1', label: 'Billing' }] }
    writeFileSync(file, JSON.stringify({ assets: [asset] }))
    refused(await parley(['ls'], { PARLEY_CONFIG: file }), 1, /assets\.0\.menu\.0\.scriptSelector: expected /)
  })

  test.each(['show', 'turns'])('%s of an id that nobody has fails and says so', async (verb) => {
    refused(await parley([verb, 'nobody'], { PARLEY_URL: node.url }), 1, /no conversation has this id/)
  })

  test.each(['9999', 'pizza', '-1', '0'])('dead-letters show of %s, which is none, fails and says so', async (none) => {
    const args = ['dead-letters', 'show', '--', none]
    refused(await parley(args, { PARLEY_URL: node.url }), 1, /no dead letter has this id/)
  })

  test('a node with an admin token refuses verbs that do not bring it, and serves those that do', async () => {
    const other = await startBroker()
    const guarded = await startTestNode(other, { PARLEY_ADMIN_TOKEN: 'let-me-in' })
    try {
      refused(await parley(['ls'], { PARLEY_URL: guarded.url }), 1, /admin token/)
      const env = { PARLEY_URL: guarded.url, PARLEY_ADMIN_TOKEN: 'let-me-in' }
      expect(await parley(['ls'], env)).toMatchObject({ code: 0, stdout: 'No conversations match.\n' })
    } finally {
      await guarded.stop()
      await other.stop()
    }
  })
})

describe.concurrent('reading', () => {
  const read = async (...args: string[]) => {
    const { code, stdout, stderr } = await parley(args, { PARLEY_URL: node.url })
    expect([code, stderr]).toEqual([0, ''])
    return stdout
  }

  test.each([
    { args: () => ['ls'], path: () => '/v1/conversations' },
    { args: () => ['ls', '--state', 'noConversation'], path: () => '/v1/conversations?state=noConversation' },
    { args: () => ['ls', '--channel', 'email'], path: () => '/v1/conversations?channel=email' },
    { args: () => ['show', id], path: () => `/v1/conversations/${id}` },
    { args: () => ['turns', id], path: () => `/v1/conversations/${id}/turns` },
    { args: () => ['dead-letters', 'ls'], path: () => '/v1/dead-letters' },
  ])('--json of case %$ is what the reading path answers', async ({ args, path }) => {
    const said = JSON.parse(await read(...args(), '--json'))
    expect(said).toEqual((await node.ask('GET', path())).body)
  })

  test('ls shows a line a conversation under its titles', async () => {
    const [titles, line, ...more] = (await read('ls')).trimEnd().split('\n')
    expect(titles?.split(/ {2,}/)).toEqual(['id', 'state', 'channel', 'asset', 'customer', 'updated'])
    expect(line?.split(/ {2,}/).slice(0, 5)).toEqual([id, 'noConversation.menu', 'sms', '14155550100', customer])
    expect(more).toEqual([])
  })

  test('show tells state, timers and context', async () => {
    const shown = await read('show', id)
    expect(shown).toMatch(/^state +noConversation\.menu$/m)
    expect(shown).toMatch(/^timer +\S+ due \d{4}-/m)
    expect(shown).toMatch(/^context +\{/m)
  })

  test('turns tells where each turn led and what became of its effects', async () => {
    const told = await read('turns', id)
    expect(told).toMatch(/message\.received +noConversation\.idle → noConversation\.searching/)
    expect(told).toMatch(new RegExp(`searchConversation +done, 1 attempt +${id}\\.\\d+\\.0`))
  })

  test('turns --as-path tells the steps that lead a machine there', async () => {
    const path = JSON.parse(await read('turns', id, '--as-path'))
    expect(path.filter((step: object) => !('later' in step))).toMatchObject([
      { says: 'Hi, I need help with my bill', scan: 'clean' },
      { answers: 'searchConversation', with: { outcome: 'noConversationFound' } },
      { answers: 'createConversation' },
    ])
  })

  test('replay finds no difference on the version of the conversation, and says with which settings', async () => {
    const told = await read('replay', id, '--machine', String(sms.version))
    expect(told).toBe(`3 turns on sms version ${sms.version}, with the asset's settings of today: no difference\n`)
  })

  test('replay on another machine ends with exit 1 at the first difference', async () => {
    const other = join(import.meta.dirname, 'mute-machine.ts')
    const env = { PARLEY_URL: node.url }
    const plain = await parley(['replay', id, '--machine', other], env)
    expect(plain).toMatchObject({ code: 1, stderr: '' })
    expect(plain.stdout).toMatch(/mute version 7.*first difference is in turn 1 .*message\.received/)
    const { code, stdout } = await parley(['replay', id, '--machine', other, '--json'], env)
    const difference = { turn: 1, what: 'state', recorded: 'noConversation.searching', replayed: 'deaf' }
    expect([code, JSON.parse(stdout)]).toMatchObject([1, { id, machine: 'mute', version: '7', turns: 3, difference }])
  })

  test.each([
    [
      'a version that this build does not have',
      '9',
      /--machine: expected a version of sms \(\d\) or a module.*found 9/,
    ],
    ['a module that is not there', './none.ts', /--machine: \.\/none\.ts cannot be loaded/],
    [
      'a module without a machine',
      join(import.meta.dirname, 'system.ts'),
      /to be an XState machine, found another one/,
    ],
  ])('replay refuses %s', async (_, machine, told) => {
    refused(await parley(['replay', id, '--machine', machine], { PARLEY_URL: node.url }), 1, told)
  })

  test('dead-letters ls tells what was set aside and why', async () => {
    expect(await read('dead-letters', 'ls')).toMatch(/unhandled .*no sms asset 19995550000 is configured/)
  })

  test('dead-letters show tells what it was', async () => {
    const [letter] = await node.deadLetters()
    const shown = await read('dead-letters', 'show', letter?.id ?? '')
    expect(shown).toMatch(/^kind +unhandled$/m)
    expect(shown).toMatch(/^content +\{"door":"sms","body":\{/m)
  })
})

describe.concurrent('doctor', () => {
  const around = () => ({
    PARLEY_URL: node.url,
    PARLEY_NATS_URL: broker.url,
    PARLEY_PARTITIONS: '4',
    PARLEY_DATA_DIR: broker.dir,
  })
  const examine = async (env: Record<string, string>) => {
    const { code, stdout, stderr } = await parley(['doctor', '--json'], env)
    const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: Finding[] }
    return { code, ok, stderr, checks }
  }

  test('finds a running node and its broker as they should be, and ends well', async () => {
    const { code, ok, stderr, checks } = await examine(around())
    expect(checks.filter((check) => check.ok === 'wrong')).toEqual([])
    expect({ code, ok, stderr }).toEqual({ code: 0, ok: true, stderr: '' })
    const [live] = (await node.ask('GET', '/v1/nodes')).body.items
    expect(checks.find(({ check }) => check === `node ${live.id}`)?.found).toContain(`${node.url}, ${live.host} `)
    const found = Object.fromEntries(checks.map((check) => [check.check, check.ok]))
    expect(found).toMatchObject({
      node: 'ok',
      configuration: 'ok',
      'nats-server': 'ok',
      'data folder': 'ok',
      'running node': 'ok',
      'events of nobody': 'warn',
      broker: 'ok',
      'stream TIMERS': 'ok',
      'stream INBOX': 'ok',
      'stream TURNS': 'ok',
      'stream EFFECTS': 'ok',
      'stream DEAD': 'ok',
      'consumers of INBOX': 'ok',
      'consumers of TURNS': 'ok',
      'dead letters': 'warn',
      nodes: 'ok',
      'asset 14155550100': 'ok',
      'digital routing': 'ok',
    })
  })

  test.each([
    {
      what: 'another partition count',
      env: () => ({ PARLEY_PARTITIONS: '8' }),
      check: 'stream INBOX',
      mend: /PARLEY_PARTITIONS/,
    },
    {
      what: 'a broker that is away',
      env: () => ({ PARLEY_NATS_URL: 'nats://127.0.0.1:9' }),
      check: 'broker',
      mend: /PARLEY_NATS_URL/,
    },
    { what: 'a far side that is away', env: () => ({ ENGAGE_URL: nobody }), check: 'engage', mend: /ENGAGE_URL/ },
    {
      what: 'a port that something else has',
      env: () => ({ PARLEY_URL: nobody, PARLEY_PORT: portOf(stranger) }),
      check: 'port',
      mend: /PARLEY_PORT/,
    },
    {
      what: 'a nats-server that is none',
      env: () => ({ NATS_SERVER_BIN: join(broker.dir, 'nats-server.conf') }),
      check: 'nats-server',
      mend: /NATS_SERVER_BIN/,
    },
    {
      what: 'a data folder that is a file',
      env: () => ({ PARLEY_DATA_DIR: join(broker.dir, 'nats-server.conf') }),
      check: 'data folder',
      mend: /PARLEY_DATA_DIR/,
    },
    { what: 'a wrong setting', env: () => ({ PARLEY_PORT: 'four' }), check: 'configuration', mend: /^expected / },
  ])('finds $what wrong, says how to mend it, and fails', async ({ env, check, mend }) => {
    const { code, ok, stderr, checks } = await examine({ ...around(), ...env() })
    const wrong = checks.filter((one) => one.ok === 'wrong')
    expect(wrong.map((one) => one.check)).toEqual([check])
    expect(wrong[0]?.mend).toMatch(mend)
    expect(stderr).toMatch(sentence)
    expect([code, ok]).toEqual([1, false])
  })

  test('says all that is wrong with a configuration at once', async () => {
    const { checks } = await examine({ PARLEY_PORT: 'four', PARLEY_PARTITIONS: 'many' })
    const wrong = checks.filter((one) => one.ok === 'wrong').map(({ found }) => found.split(':')[0])
    expect(wrong).toEqual(['PARLEY_PORT', 'PARLEY_PARTITIONS'])
  })

  test('shows no credential of an address, and no colours in a pipe', async () => {
    const far = `http://user:far-secret@127.0.0.1:${portOf(stranger)}`
    const { stdout } = await parley(['doctor'], {
      ...around(),
      ENGAGE_URL: far,
      PARLEY_NATS_URL: 'nats://u:broker-secret@127.0.0.1:9',
    })
    expect(stdout).not.toMatch(/far-secret|broker-secret/)
    expect(stdout).not.toContain(escape_code) // it went into a pipe
  })
})

describe.concurrent('export', () => {
  test.each(definitions)('G9: the JSON of $id, read again, is a machine of the same shape', async ({ id, machine }) => {
    const { code, stdout } = await parley(['export', id])
    expect(code).toBe(0)
    const rebuilt = conversation.createMachine({ ...JSON.parse(stdout), context: initialContext })
    expect(shapeRows(rebuilt as unknown as AnyStateMachine)).toEqual(shapeRows(machine))
  })

  test('without a machine, all of them: a JSON list, or their drawings under their names', async () => {
    const [json, drawn] = await Promise.all([parley(['export']), parley(['export', '--format', 'mermaid'])])
    expect(JSON.parse(json.stdout).map(({ id }: { id: string }) => id)).toEqual(definitions.map(({ id }) => id))
    for (const { id } of definitions) expect(drawn.stdout).toContain(`%% ${id}\nstateDiagram-v2\n`)
  })
})

describe.concurrent('detector', () => {
  test('E100, E101, E105: tells by a seed how well card data is found, in figures above the floor, class by class', async () => {
    const { code, stdout, stderr } = await parley(['detector', '--json', '--seed', '7'])
    expect([code, stderr]).toEqual([0, ''])
    const { ok, seed, floor, ...quality } = JSON.parse(stdout)
    expect([ok, seed]).toEqual([true, 7])
    expect(floor).toEqual({ recall_min: 0.98, false_rate_max: 0.005, restless_max: 0, digits_left_max: 4 })
    expect(quality.recall).toBeGreaterThanOrEqual(floor.recall_min)
    expect(quality.falseRate).toBeLessThanOrEqual(floor.false_rate_max)
    expect([quality.restless, quality.digitsLeft]).toEqual([0, 4])
    const names = quality.classes.map(({ name }: { name: string }) => name)
    expect(names).toEqual(expect.arrayContaining(['visa 16', 'split: all', 'split: harmless', 'uuid']))
  })

  test('without --json, a line of all and a line a class, with the seed of every usual run', async () => {
    const { code, stdout } = await parley(['detector'])
    expect(code).toBe(0)
    const [total, ...lines] = stdout.trimEnd().split('\n')
    expect(total).toMatch(
      /^recall [01]\.\d{4}, harmless altered 0\.\d{4}, masked again 0, digits left 4, \d+ cases, seed 20260302$/,
    )
    expect(lines.length).toBeGreaterThan(100)
    for (const line of lines) expect(line).toMatch(/^(card|harmless) +\S.* \d+\/\d+$/)
  })
})

describe('colours', () => {
  test.each([
    { stream: { isTTY: true }, env: {}, coloured: true },
    { stream: { isTTY: true }, env: { NO_COLOR: '1' }, coloured: false },
    { stream: { isTTY: false }, env: {}, coloured: false },
    { stream: { isTTY: false }, env: { FORCE_COLOR: '1' }, coloured: true },
  ])('$stream with $env: coloured $coloured', ({ stream, env, coloured }) => {
    expect(paintFor(stream, env).red('x').startsWith(escape_code)).toBe(coloured)
  })
})
