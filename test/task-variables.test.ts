/**
 * The variables of a task: which ones it carries by channel, whose value counts, and what is cut so that they fit
 * (flows.md section 2.9; section 9, CX1-CX4, TR6; section 11, E92-E99).
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Variable } from '../machines/effects.ts'
import { mailVariables } from '../machines/mail-variables.ts'
import { latin1Bytes } from '../machines/task-context.ts'
import { cutVariable, learnedVariables, taskVariables, type VariableSources } from '../machines/task-variables.ts'
import {
  callbackLine,
  chatAddress,
  chatLine,
  payloadOf,
  toChatRecreating,
  toChatTask,
  toChatTransferring,
  toPlacing,
} from './chat.ts'
import { actor, address, conversationId, type Line, type Step, smsLine, thread, toTask } from './drive.ts'
import { sample } from './samples.ts'

const sources: VariableSources = {
  actor,
  conversationId,
  customerName: '+14155550123',
  configured: [{ key: 'cv_1', value: 'Gold' }],
  learned: {},
}
const byName = (variables: Variable[]) => Object.fromEntries(variables.map(({ key, value }) => [key, value]))
const of = (changes: Partial<VariableSources>) => byName(taskVariables({ ...sources, ...changes }))
const filler = (key: string, bytes: number): Variable => ({ key, value: 'x'.repeat(bytes) })
const eccBytes = (variables: Record<string, string>) =>
  Object.entries(variables).reduce((sum, [key, value]) => sum + (/^user/i.test(key) ? latin1Bytes(value) : 0), 0)

describe('What the Create Task node fills in by itself (CX4, seed l.38-55)', () => {
  const variablesOf = (line: Line, steps: Step[]) => payloadOf(line, 'createTask', steps).variables
  const mail = { messageId: '<m1@example.test>', subject: 'Claim 4471', cc: [], bcc: [] }
  const anas = { user_DR_MediaResourceID: conversationId, user_DR_CustomerName: 'Ana Ruiz', ParleyActor: actor }
  const table: [channel: string, filled: () => unknown, expected: object][] = [
    ['SMS (SM16)', () => variablesOf(smsLine, toTask), { ...anas, user_DR_CustomerName: address.customer }],
    ['live chat (LC13)', () => variablesOf(chatLine, toChatTask), { ...anas, ChatThreadID: thread }],
    [
      'email (EM8)',
      () => of({ configured: [], customerName: 'Ana Ruiz', own: mailVariables(mail) }),
      {
        ...anas,
        user_DR_EmailSubject: 'Claim 4471',
        EmailMessageID: '<m1@example.test>',
        EmailSubject: 'Claim 4471',
        EmailCCRecipients: '',
        EmailBCCRecipients: '',
      },
    ],
    [
      'web callback (CB8)',
      () => variablesOf(callbackLine, toPlacing),
      {
        ...anas,
        LiveChatUserID: chatAddress.customer,
        LiveChatThreadID: thread,
        LiveChatAppID: chatAddress.asset,
      },
    ],
  ]
  test.each(table)('CX4: %s', (_, filled, expected) => expect(filled()).toEqual(expected))

  test('EM8: a mail fills in every variable of the sample, and parts its addresses as Webex Connect does', () => {
    const { variables } = sample<{ variables: Variable[] }>('dr-api/create-task-request-email.json')
    const inbound = sample<{ ccRecipients: string; bccRecipients: string }>('inbound/email-mo-cc-bcc.json')
    const cc = ['bo@example.test', 'cy@example.test']
    const filled = of({ own: mailVariables({ ...mail, cc, bcc: ['di@example.test'] }) })
    expect(Object.keys(filled)).toEqual(expect.arrayContaining(variables.map(({ key }) => key)))
    expect(filled).toMatchObject({
      EmailCCRecipients: inbound.ccRecipients,
      EmailBCCRecipients: inbound.bccRecipients,
    })
  })
})

describe('Whose value counts', () => {
  test('SM16, CX4: conversation id and customer name are filled in, and the actor by which webhooks find their way', () => {
    expect(of({})).toEqual({
      cv_1: 'Gold',
      user_DR_MediaResourceID: conversationId,
      user_DR_CustomerName: '+14155550123',
      ParleyActor: actor,
    })
  })

  const wrong = { USER_dr_mediaresourceid: 'x', user_DR_CustomerName: 'x', parleyActor: 'x' }
  test('CX4: nothing configured or given back replaces what is filled in, in whatever case', () => {
    const configured = Object.entries(wrong).map(([key, value]) => ({ key, value }))
    expect(of({ configured })).toEqual(of({ configured: [] }))
    expect(of({ learned: wrong })).toEqual(of({}))
  })

  test('TR6: what the routing service gave back wins over the configuration, but for the pair it sets itself', () => {
    const learned = { cv_1: 'Platinum', cv_2: 'new', user_DR_Primary: 'site-a', user_dr_backup: 'site-b' }
    expect(of({ learned })).toEqual({ ...of({}), cv_1: 'Platinum', cv_2: 'new' })
  })

  test('CX2: a name that comes back in another case is the configured one, spelled as the contact centre knows it', () => {
    const configured = [{ key: 'user_Tier', value: 'A' }]
    expect(of({ configured, learned: { USER_TIER: 'B' } })).toEqual({ ...of({ configured: [] }), user_Tier: 'B' })
  })

  test('CX2, QU6: of a name told twice the last word counts, in whatever case, and what is not told again stays', () => {
    expect(learnedVariables({ ChatThreadID: 'T1', Note: 'a' }, { chatThreadId: 'T2' })).toEqual({
      chatThreadId: 'T2',
      Note: 'a',
    })
  })

  test('TR6, CX4: what webhooks told travels when the task goes back in, and the window only once', () => {
    const told: Step[] = [{ task: 'routed', variables: { chatThreadID: 'old', user_Mood: 'calm' } }]
    const steps = [...toChatTransferring.slice(0, -1), ...told, ...toChatRecreating.slice(-2)]
    const { variables } = payloadOf(chatLine, 'createTask', steps) as { variables: Record<string, string> }
    expect(variables).toMatchObject({ user_Mood: 'calm', ChatThreadID: thread })
    expect(Object.keys(variables)).not.toContain('chatThreadID')
  })
})

describe('What is cut (A33)', () => {
  test('E99: a long name in another script is transliterated and cut, not refused, and named as cut', () => {
    expect(of({ customerName: `Dvořák ${'王'.repeat(300)}` })).toMatchObject({
      user_DR_CustomerName: `Dvorák ${'?'.repeat(203)}`,
      [cutVariable]: 'user_DR_CustomerName',
    })
  })

  test('A33: where everything fits, nothing says that anything was cut', () => {
    expect(of({ customerName: 'x'.repeat(210) })).not.toHaveProperty(cutVariable)
  })

  const full = Array.from({ length: 9 }, (_, n) => filler(`user_${n}`, 210))

  test('E98: 2000 bytes of ECC values fit with the conversation id, and the next byte is cut where it came last', () => {
    const fits = of({ configured: full, customerName: 'x'.repeat(50), learned: { user_Last: 'x'.repeat(44) } })
    expect(eccBytes(fits)).toBe(2_000)
    expect(fits).not.toHaveProperty(cutVariable)
    const over = of({ configured: full, customerName: 'x'.repeat(50), learned: { user_Last: `${'x'.repeat(44)}y` } })
    expect(over).toEqual({ ...fits, [cutVariable]: 'user_Last' })
  })

  test('E98, A33: configured values stay whole; the name is cut before them, and what came back before the name', () => {
    const customerName = 'n'.repeat(210)
    const learned = { user_Note: 'late', user_Other: 'later', Extension: 'no limit' }
    const variables = of({ configured: full, customerName, learned })
    expect(full.every(({ key, value }) => variables[key] === value)).toBe(true)
    expect(variables).toMatchObject({ user_DR_CustomerName: 'n'.repeat(94), Extension: 'no limit' })
    expect(variables).not.toHaveProperty('user_Note')
    expect(variables[cutVariable]).toBe('user_DR_CustomerName,user_Note,user_Other')
  })

  test('A33, TR6: the mark of a task that was cut is not carried over to where everything fits', () => {
    expect(of({ learned: { [cutVariable]: 'user_DR_CustomerName', parleycut: 'x' } })).toEqual(of({}))
  })

  test('CX1: what came back is held to the limits too, however its prefix is written', () => {
    expect(of({ learned: { CV_2: 'x'.repeat(41), USER_b: 'x'.repeat(211) } })).toMatchObject({
      CV_2: 'x'.repeat(40),
      USER_b: 'x'.repeat(210),
      [cutVariable]: 'CV_2,USER_b',
    })
  })

  const lists = { user_List: '["a","b"]', Facts: ' {"a":1}', 'user_Item[0]': 'a' }
  const scalars = { user_Text: '[not a list]', Facts2: '1' }

  test('CX2, CB8: a web callback takes no lists and objects: they stay behind, named as cut', () => {
    expect(of({ scalarsOnly: true, learned: { ...lists, ...scalars } })).toEqual({
      ...of({ learned: scalars }),
      [cutVariable]: Object.keys(lists).join(','),
    })
    expect(of({ learned: lists })).toMatchObject(lists)
  })

  test('CX2, CB8: what the queue told of the chat as a list stays behind when the chat becomes a callback', () => {
    const told: Step = { task: 'queued', variables: { ...lists, ...scalars } }
    const steps = [...toPlacing.slice(0, -2), told, ...toPlacing.slice(-2)]
    const { variables } = payloadOf(callbackLine, 'createTask', steps)
    expect(variables).toMatchObject({ ...scalars, [cutVariable]: Object.keys(lists).join(',') })
  })

  test('E92-E98: whatever customers and webhooks bring, every limit holds, the id is whole, and the cut ones are named', () => {
    const name = fc.constantFrom('cv_1', 'cv_2', 'user_1', 'user_2', 'User_3', 'user_4', 'user_5', 'user_6', 'Note')
    const value = fc.string({ unit: 'binary', maxLength: 400 })
    const long = fc.integer({ min: 0, max: 210 }).map((bytes) => 'x'.repeat(bytes))
    fc.assert(
      fc.property(
        fc.dictionary(name, value),
        value,
        fc.array(long, { maxLength: 8 }),
        (learned, customerName, more) => {
          const own = more.map((value, n) => ({ key: `user_own${n}`, value }))
          const variables = of({ learned, customerName, own })
          expect(eccBytes(variables)).toBeLessThanOrEqual(2_000)
          expect(variables.user_DR_MediaResourceID).toBe(conversationId)
          const cut = new Set((variables[cutVariable] ?? '').split(','))
          for (const [key, value] of Object.entries({ ...learned, user_DR_CustomerName: customerName }))
            expect([key, cut.has(key)]).toEqual([key, latin1Bytes(value) !== latin1Bytes(variables[key] ?? '')])
        },
      ),
    )
  })
})
