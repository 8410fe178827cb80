/**
 * What is kept of a body that is nobody's: never the files inside it, since nobody has looked into them (T7, PC5).
 */
import { expect, test } from 'vitest'
import { withoutFiles } from '../adapters/without-files.ts'

const card = Buffer.from('my card is 4111 1111 1111 1111').toString('base64')
const file = { name: 'a.txt', contentType: 'text/plain', content: card }

test.each<[what: string, body: unknown, kept: unknown]>([
  [
    'a mail with a file in it',
    { subject: 'Hi', attachments: [file] },
    { subject: 'Hi', attachments: [{ name: 'a.txt', contentType: 'text/plain' }] },
  ],
  [
    'one whose list is JSON inside a string',
    { attachments: JSON.stringify([file]) },
    { attachments: [{ name: 'a.txt', contentType: 'text/plain' }] },
  ],
  ['a list that cannot be read', { attachments: `[{"content":"${card}"` }, { attachments: [] }],
  ['a data address, wherever it stands', { a: { b: [`data:text/plain;base64,${card}`] } }, { a: { b: ['data:,'] } }],
  ['what is no object', ['x', 7, null], ['x', 7, null]],
  ['other content', { content: 'words', attachments: '' }, { content: 'words', attachments: [] }],
])('PC5: %s', (_, body, kept) => {
  expect(JSON.parse(JSON.stringify(withoutFiles(body)))).toEqual(kept)
})
