/** The desk's `/desk/openapi.json` is true: a valid document, every door there is and no other. */
import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, test } from 'vitest'
import { deskStand } from './desk-stand.ts'

const stand = deskStand()
const served = async () => (await stand.ask('GET', '/desk/openapi.json')).body

test('it is OpenAPI 3.1 by the schema of that standard', async () => {
  const { valid, errors } = await new Validator().validate(await served())
  expect({ valid, errors }).toEqual({ valid: true, errors: undefined })
})

test('it names every door that the desk opens, and no other', async () => {
  const { paths } = await served()
  const told = Object.entries(paths as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  const open = stand.desk.doors.map((door) => door.replace(/:(\w+)/g, '{$1}'))
  expect(told.sort()).toEqual([...open].sort())
})

test('a body that the document does not allow is refused with the field that is wrong', async () => {
  const answer = await stand.ask('PUT', '/desk/queues/Billing', { ringMs: 'long' })
  expect([answer.status, answer.body.error]).toEqual([400, expect.stringContaining('ringMs')])
})

test('the doors of agents, and only they, ask for a token', async () => {
  const { paths } = await served()
  for (const [path, methods] of Object.entries(paths as Record<string, Record<string, { security?: object }>>)) {
    for (const { security } of Object.values(methods)) {
      expect([path, security !== undefined]).toEqual([path, path.startsWith('/desk/agent/')])
    }
  }
  expect((await stand.ask('GET', '/desk/agent/me')).status).toBe(401)
})
