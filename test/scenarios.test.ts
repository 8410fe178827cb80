/**
 * Every scenario through the real doors of one throw-away stack, against its approved transcript; and the format: what is
 * wrong with a file is told with its place. UPDATE_EXPECT=1 writes the transcripts anew.
 */
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { approve, differences, transcriptOf } from '../scenarios/approval.ts'
import { lineDiff } from '../scenarios/line-diff.ts'
import { parseScenario } from '../scenarios/parse-scenario.ts'
import { play } from '../scenarios/player.ts'
import { ScenarioError } from '../scenarios/scenario-error.ts'
import { readScenario, scenarioFiles, transcriptFiles } from '../scenarios/scenario-files.ts'
import { type Stack, startStack } from '../scenarios/stack.ts'
import { markdown } from '../scenarios/transcript.ts'
import { isUpdating } from './approved.ts'

const paths = await scenarioFiles()
const scenarios = await Promise.all(paths.map((path) => readScenario(path)))
const played = scenarios.map((scenario, index) => [scenario.scenario, scenario, paths[index]!] as const)

describe('each scenario holds, and its transcript is the approved one', () => {
  let stack: Stack
  beforeAll(async () => {
    stack = await startStack({ scenarios, natsServerBin: inject('natsServerBin'), under: inject('brokersDir') })
  })
  afterAll(() => stack.stop())

  test.each(played)('%s', async (_title, scenario, path) => {
    const { steps, problems } = await play(stack, scenario)
    expect(problems).toEqual([])
    const transcript = markdown(scenario, steps)
    if (isUpdating) await approve(path, transcript)
    expect(await differences(path, transcript)).toEqual([])
  })
})

describe('the folder', () => {
  test('has one approved transcript for each scenario, and none without', async () => {
    expect(await transcriptFiles()).toEqual(paths.map(transcriptOf))
  })

  test('has one scenario for each flow, under the name of its flow file, and none that claims another', async () => {
    const shown = played.flatMap(([, { flow }, path]) => (flow === undefined ? [] : [{ flow, path }]))
    const flows = shown.map(({ flow }) => flow)
    expect(shown.map(({ path }) => basename(path, '.yaml'))).toEqual(flows)
    const files = await readdir(join(import.meta.dirname, '../machines/flows'))
    expect(flows.map((flow) => `${flow}.ts`).sort()).toEqual(files.sort())
  })

  test('has no two scenarios of one title', () => {
    expect(new Set(scenarios.map(({ scenario }) => scenario)).size).toBe(scenarios.length)
  })
})

describe('a file that cannot be played is refused with its line and place', () => {
  const steps = (...lines: string[]) => ['scenario: x', 'steps:', ...lines.map((line) => `  - ${line}`)].join('\n')
  const oneStep =
    'exactly one of customer, form, press, window, typing, agent, desk, time, fault, webhooks, together, expect'
  const aTime = 'a time such as "15 min", in ms, s, min, h or d'

  test.each<{ title: string; yaml: string; says: string[] }>([
    { title: 'no YAML', yaml: 'scenario: [x\n', says: ['2 the file: expected YAML, found BAD_INDENT in column 1'] },
    {
      title: 'two keys of one name',
      yaml: 'scenario: x\nscenario: y\n',
      says: ['2 the file: expected YAML, found DUPLICATE_KEY in column 1'],
    },
    { title: 'an empty file', yaml: '', says: ['1 the file: expected a mapping with scenario and steps, found null'] },
    {
      title: 'no title and no steps',
      yaml: 'about: nothing',
      says: [
        '1 scenario: expected a text; put numbers in quotes, found nothing',
        '1 steps: expected a list of steps, found nothing',
      ],
    },
    {
      title: 'an empty list of steps',
      yaml: 'scenario: x\nsteps: []',
      says: ['2 steps: expected at least one step, found a list of 0'],
    },
    {
      title: 'another channel',
      yaml: `asset: fax/1\n${steps('customer: a')}`,
      says: [
        '1 asset: expected an asset such as sms/14155550100, live-chat/SD12345650 or email/a_637512345678901234, found "fax/1"',
      ],
    },
    {
      title: 'a chat window on a telephone',
      yaml: steps('window: closed'),
      says: ['3 steps.0.window: expected a live chat asset, found sms/14155550100'],
    },
    {
      title: 'a file in a text',
      yaml: steps('customer: { says: a, attachments: [b.pdf] }'),
      says: ['3 steps.0: expected a live chat or email asset for files, found sms/14155550100'],
    },
    {
      title: 'a mail by telephone',
      yaml: steps('customer: { says: a, subject: b }'),
      says: ['3 steps.0: expected an email asset for subject, reply, cc, headers and from, found sms/14155550100'],
    },
    {
      title: 'a copy of a line in a chat, sent together with another',
      yaml: `asset: live-chat/SD1\n${steps('together: [{ customer: a }, { customer: { says: b, cc: [bo] } }]')}`,
      says: ['4 steps.0: expected an email asset for subject, reply, cc, headers and from, found live-chat/SD1'],
    },
    {
      title: 'a keyword and a chat window in mails',
      yaml: `asset: email/a_1\n${steps('customer: { says: a, keyword: b }', 'press: c')}`,
      says: [
        '4 steps.0: expected an SMS asset for a keyword, found email/a_1',
        '5 steps.1.press: expected a live chat asset, found email/a_1',
      ],
    },
    {
      title: 'the size of a file that comes with its mail',
      yaml: `asset: email/a_1\n${steps('customer: { says: a, attachments: [{ name: b.txt, bytes: 1 }] }')}`,
      says: ['4 steps.0: expected a live chat asset for the size of a file, found email/a_1'],
    },
    {
      title: 'the content of a file that a chat only points at',
      yaml: `asset: live-chat/SD1\n${steps('customer: { says: a, attachments: [{ name: b.txt, text: c }] }')}`,
      says: ['4 steps.0: expected an email asset for the content of a file, found live-chat/SD1'],
    },
    {
      title: 'a file in letters that are no base64',
      yaml: `asset: email/a_1\n${steps('customer: { says: a, attachments: [{ name: b.pdf, base64: "?" }] }')}`,
      says: ['4 steps.0.customer.attachments.0.base64: expected base64, found "?"'],
    },
    {
      title: 'a reply to nobody',
      yaml: `asset: email/a_1\n${steps('customer: { says: a, reply: false }')}`,
      says: ['4 steps.0.customer.reply: expected true or the name of somebody, found false'],
    },
    {
      title: 'a mailbox on a telephone',
      yaml: steps('expect: { received: [], mailbox: bo }'),
      says: ['3 steps.0.expect: expected an email asset for mailbox and headers, found sms/14155550100'],
    },
    {
      title: 'headers of a line in a chat',
      yaml: `asset: live-chat/SD1\n${steps('expect: { headers: { References: a } }')}`,
      says: ['4 steps.0.expect: expected an email asset for mailbox and headers, found live-chat/SD1'],
    },
    {
      title: 'a header that is a number',
      yaml: `asset: email/a_1\n${steps('expect: { headers: { References: 1 } }')}`,
      says: ['4 steps.0.expect.headers.References: expected a text or null, found 1'],
    },
    {
      title: 'a mailbox nobody looks into',
      yaml: `asset: email/a_1\n${steps('expect: { state: a, mailbox: bo }')}`,
      says: ['4 steps.0.expect: expected received or headers, which the mailbox belongs to, found an object'],
    },
    {
      title: 'a mistyped word of a mail',
      yaml: `asset: email/a_1\n${steps('customer: { says: a, subjet: b }')}`,
      says: ['4 steps.0.customer.subjet: expected a known key such as subject, found an unknown one'],
    },
    {
      title: 'a chat machine for a mailbox',
      yaml: `asset: email/a_1\nmachine: live-chat\n${steps('customer: a')}`,
      says: ['2 machine: expected a live chat asset, found email/a_1'],
    },
    {
      title: 'a keyword in a chat',
      yaml: `asset: live-chat/SD1\n${steps('customer: { says: a, keyword: b }')}`,
      says: ['4 steps.0: expected an SMS asset for a keyword, found live-chat/SD1'],
    },
    {
      title: 'a chat machine for a telephone',
      yaml: `machine: live-chat\n${steps('customer: a')}`,
      says: ['1 machine: expected a live chat asset, found sms/14155550100'],
    },
    {
      title: 'a window that is neither',
      yaml: `asset: live-chat/SD1\n${steps('window: ajar')}`,
      says: ['4 steps.0.window: expected closed or opened, found "ajar"'],
    },
    {
      title: 'an unknown preset',
      yaml: `policy: hard\n${steps('customer: a')}`,
      says: ['1 policy: expected one of "representative"|"hardened", found "hard"'],
    },
    {
      title: 'a mistyped policy',
      yaml: `policy: { menuAttemps: 2 }\n${steps('customer: a')}`,
      says: ['1 policy.menuAttemps: expected a known key such as menuAttempts, found an unknown one'],
    },
    {
      title: 'a mistyped step',
      yaml: steps('custmer: a'),
      says: ['3 steps.0.custmer: expected a known key such as customer, found an unknown one'],
    },
    {
      title: 'two things in one step',
      yaml: steps('{ customer: a, time: 1 s }'),
      says: [`3 steps.0: expected ${oneStep}, found customer and time`],
    },
    { title: 'nothing in a step', yaml: steps('{}'), says: [`3 steps.0: expected ${oneStep}, found none`] },
    {
      title: 'a number for words',
      yaml: steps('customer: 1'),
      says: ['3 steps.0.customer: expected a text; put numbers in quotes, found 1'],
    },
    {
      title: 'a vague time',
      yaml: steps('customer: a', 'time: soon'),
      says: [`4 steps.1.time: expected ${aTime}, found "soon"`],
    },
    {
      title: 'a time without its unit',
      yaml: steps('time: 5'),
      says: ['3 steps.0.time: expected a time such as "15 min", found 5'],
    },
    {
      title: 'an unknown act',
      yaml: steps('desk: rooted'),
      says: ['3 steps.0.desk: expected one of queued, routed, transferred, closed, room, found "rooted"'],
    },
    {
      title: 'an unknown webhook',
      yaml: steps('webhooks: { release: [created, lost] }'),
      says: [
        '3 steps.0.webhooks.release.1: expected one of created, queued, routed, transferred, closed, found "lost"',
      ],
    },
    {
      title: 'an unknown call',
      yaml: steps('expect: { calls: { createTsk: 1 } }'),
      says: ['3 steps.0.expect.calls.createTsk: expected a known key such as createTask, found an unknown one'],
    },
    {
      title: 'one message together with none',
      yaml: steps('together: [{ customer: a }]'),
      says: ['3 steps.0.together: expected at least two messages, found a list of 1'],
    },
    {
      title: 'an expectation of nothing',
      yaml: steps('expect: {}'),
      says: ['3 steps.0.expect: expected at least one thing that must be true, found an object'],
    },
  ])('$title', ({ yaml, says }) => {
    let error: unknown
    try {
      parseScenario('x.yaml', yaml)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(ScenarioError)
    expect((error as ScenarioError).message.split('\n').map((line) => line.replace(/^x\.yaml:/, ''))).toEqual(says)
  })

  test('one chat asset with two machines is refused, naming both files', async () => {
    const chat = (file: string, machine: string) =>
      parseScenario(file, `asset: live-chat/SD1\nmachine: ${machine}\n${steps('customer: a')}`)
    const both = [chat('one.yaml', 'live-chat'), chat('other.yaml', 'live-chat-with-web-callback')]
    await expect(startStack({ scenarios: both })).rejects.toThrow(
      'other.yaml: expected the policy, machine and form that one.yaml gives live-chat/SD1, found another',
    )
  })

  test('one asset with two policies is refused, naming both files', async () => {
    const one = parseScenario('one.yaml', steps('customer: a'))
    const other = parseScenario('other.yaml', `policy: hardened\n${steps('customer: a')}`)
    await expect(startStack({ scenarios: [one, other] })).rejects.toThrow(
      'other.yaml: expected the policy that one.yaml gives sms/14155550100, found another',
    )
  })
})

test('two mailboxes with two policies are refused, and another mailbox is proposed', async () => {
  const mail = (file: string, preset: string) =>
    parseScenario(file, `scenario: x\nasset: email/a_1\npolicy: ${preset}\nsteps:\n  - customer: a`)
  await expect(
    startStack({ scenarios: [mail('one.yaml', 'hardened'), mail('other.yaml', 'representative')] }),
  ).rejects.toThrow(
    'other.yaml: expected the policy that one.yaml gives email/a_1, found another; name another asset, such as email/a_637512345678901239',
  )
})

test('a difference is shown with the lines around it, and nothing else', () => {
  const before = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
  expect(lineDiff(before, ['a', 'b', 'c', 'D', 'e', 'f', 'g', 'h'])).toEqual([
    '…',
    ' b',
    ' c',
    '-d',
    '+D',
    ' e',
    ' f',
    ' g',
    '+h',
  ])
  expect(lineDiff(before, ['a', 'B', 'c', 'd', 'e', 'f', 'g'])).toEqual([' a', '-b', '+B', ' c', ' d', '…'])
})
