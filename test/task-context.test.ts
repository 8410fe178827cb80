/**
 * Task context variables and task ids: byte limits, what is cut and what is refused, and that a task id finds its actor.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  actorVariable,
  fitVariable,
  kindOfVariable,
  latin1Bytes,
  problemsOf,
  toLatin1,
} from '../machines/task-context.ts'
import { actorOfTaskId, taskIdOf } from '../machines/task-id.ts'

describe('names', () => {
  const kinds: [key: string, kind: string][] = [
    ['cv_1', 'call'],
    ['cv_10', 'call'],
    ['user_DR_CustomerName', 'ecc'],
    [`user_${'x'.repeat(27)}`, 'ecc'],
    ['ChatThreadID', 'extension'],
    ['EmailSubject', 'extension'],
    ['my_user', 'extension'],
    [actorVariable, 'extension'],
  ]
  test.each(kinds)('CX1-CX3: %s is of its kind', (key, kind) => expect(kindOfVariable(key)).toEqual({ kind }))

  const refused: [checks: string, key: string, expected: string][] = [
    ['A35, E95', 'cv_0', 'a call variable, cv_1 to cv_10'],
    ['A35, E95', 'cv_11', 'a call variable, cv_1 to cv_10'],
    ['A35', 'cv_01', 'a call variable, cv_1 to cv_10'],
    ['A35', 'cv_tier', 'a call variable, cv_1 to cv_10'],
    ['A32', 'userTier', 'an ECC name that begins with user_'],
    ['CX2', `user_${'x'.repeat(28)}`, 'an ECC name of at most 32 characters'],
  ]
  test.each(refused)('%s: %s is refused', (_, key, expected) => {
    expect(kindOfVariable(key)).toMatchObject({ refused: { expected } })
    expect(problemsOf([{ key, value: '' }])).toMatchObject([{ index: 0, field: 'key', expected }])
  })
})

describe('bytes', () => {
  const converted: [checks: string, text: string, latin1: string][] = [
    ['A34: Latin-1 stays', 'Åsa Müller ÿ', 'Åsa Müller ÿ'],
    ['A34: a decomposed accent is one byte', 'Jose\u0301', 'José'],
    ['E99: an accent that Latin-1 lacks is dropped', 'Łukasz Dvořák Nguyễn', '?ukasz Dvorák Nguyen'],
    ['E99: an accent that stands alone is dropped', 'm\u0303', 'm'],
    ['E99: another script is question marks', 'Иван 王', '???? ?'],
    ['A34: signs become what they stand for', 'ﬁ … ™ ①', 'fi ... TM 1'],
    ['A34: what has no likeness is one question mark', '€ 👋 ❤\ufe0f', '? ? ?'],
    ['A34: half a surrogate pair is one question mark', '\ud83d!', '?!'],
    ['nothing stays nothing', '', ''],
  ]
  test.each(converted)('%s', (_, text, latin1) => {
    expect(toLatin1(text)).toBe(latin1)
    expect(latin1Bytes(text)).toBe(Buffer.from(latin1, 'latin1').length)
  })

  const boundaries: [checks: string, key: string, value: string, bytes: number, cut: boolean][] = [
    ['E92: 40 bytes fit a call variable', 'cv_1', 'x'.repeat(40), 40, false],
    ['E92: the 41st byte is cut', 'cv_1', 'x'.repeat(41), 40, true],
    ['E93: 210 bytes fit an ECC variable', 'user_a', 'x'.repeat(210), 210, false],
    ['E93: the 211th byte is cut', 'user_a', 'x'.repeat(211), 210, true],
    ['E94: 40 accents are 40 bytes, however UTF-8 counts', 'cv_1', 'é'.repeat(40), 40, false],
    ['E94: a sign that becomes two bytes counts as two', 'cv_1', `${'x'.repeat(39)}ﬁ`, 40, true],
    ['E94: no half character is left at the cut', 'cv_1', `${'x'.repeat(39)}👋👋`, 40, true],
    ['CX3: an extension variable has no limit', 'EmailSubject', 'x'.repeat(5000), 5000, false],
  ]
  test.each(boundaries)('%s', (_, key, value, bytes, cut) => {
    const fitted = fitVariable({ key, value })
    expect([fitted.cut, Buffer.from(fitted.variable.value, 'latin1').length]).toEqual([cut, bytes])
    expect(problemsOf([{ key, value }]).length).toBe(cut ? 1 : 0)
  })

  test('E98: the sum of ECC values is told once, where it leaves no room for the conversation id in 2000 bytes', () => {
    const full = Array.from({ length: 10 }, (_, n) => ({ key: `user_${n}`, value: 'x'.repeat(n === 0 ? 184 : 200) }))
    expect(problemsOf(full)).toEqual([])
    const over = [...full, { key: 'user_10', value: 'x' }, { key: 'user_11', value: 'x' }]
    const expected = 'at most 1984 bytes of ECC values beside user_DR_MediaResourceID'
    expect(problemsOf(over)).toEqual([{ index: 10, field: 'value', expected, found: '1985 bytes' }])
  })

  test('whatever a customer is called, a variable travels as Latin-1 within its limit, and fitting twice changes nothing', () => {
    const variable = fc.record({
      key: fc.constantFrom('cv_1', 'user_a', 'Subject'),
      value: fc.string({ unit: 'binary', maxLength: 300 }),
    })
    fc.assert(
      fc.property(variable, (any) => {
        const { variable: fitted } = fitVariable(any)
        expect(fitted.value).toBe(Buffer.from(fitted.value, 'latin1').toString('latin1'))
        expect(fitVariable(fitted)).toEqual({ variable: fitted, cut: false })
        expect(problemsOf([fitted])).toEqual([])
      }),
    )
  })
})

describe('task ids', () => {
  const uuid8 = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/
  const hex = (length: number) =>
    fc
      .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
      .map((digits) => digits.join(''))
  const ordinal = fc.integer({ min: 1, max: 0xffffff })

  test('a task id is a version 8 UUID that names its actor', () => {
    fc.assert(
      fc.property(hex(16), ordinal, (actor, n) => {
        expect(taskIdOf(actor, n)).toMatch(uuid8)
        expect(actorOfTaskId(taskIdOf(actor, n))).toBe(actor)
        expect(actorOfTaskId(taskIdOf(actor, n).toUpperCase())).toBe(actor)
      }),
    )
  })

  test('two tasks have two ids, and the same task has one', () => {
    fc.assert(
      fc.property(hex(16), ordinal, hex(16), ordinal, (a, m, b, n) => {
        expect(taskIdOf(a, m) === taskIdOf(b, n)).toBe(a === b && m === n)
      }),
    )
    expect(taskIdOf('0123456789abcdef', 1)).toBe(taskIdOf('0123456789abcdef', 1))
  })

  test('an id with one character changed is nobody’s', () => {
    fc.assert(
      fc.property(hex(16), ordinal, fc.nat({ max: 35 }), hex(1), (actor, n, at, digit) => {
        const id = taskIdOf(actor, n)
        fc.pre(id[at] !== '-' && id[at] !== digit)
        expect(actorOfTaskId(`${id.slice(0, at)}${digit}${id.slice(at + 1)}`)).toBeUndefined()
      }),
    )
  })

  const foreign: [whose: string, id: string][] = [
    ['version 4', '3f2b8c1e-6d4a-4b7f-9e21-0c5d8a7b6e90'],
    ['version 8 of RFC 9562', '2489e9ad-2ee2-8e00-8ec9-32d5f69181c0'],
    ['version 8, name-based', '5c146b14-3c52-8afd-938a-375d0df1fbf6'],
    ['nil', '00000000-0000-0000-0000-000000000000'],
    ['longer', `${taskIdOf('0123456789abcdef', 1)}0`],
    ['callback suffix', `${taskIdOf('0123456789abcdef', 1)}_Callback`],
    ['no UUID', 'task-1'],
    ['empty', ''],
  ]
  test.each(foreign)('a task id made elsewhere is nobody’s: %s', (_, id) => expect(actorOfTaskId(id)).toBeUndefined())

  test('another maker’s version 8 UUIDs are not ours', () => {
    fc.assert(
      fc.property(hex(32), (h) => {
        const id = `${h.slice(0, 8)}-${h.slice(8, 12)}-8${h.slice(13, 16)}-8${h.slice(17, 20)}-${h.slice(20)}`
        expect(actorOfTaskId(id)).toBeUndefined()
      }),
    )
  })
})
