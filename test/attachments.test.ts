/**
 * What is in a file decides, not what it is called (flows.md 7.1, 7.2): files of every kind that is read, with and without
 * card data, and everything that nobody could look into.
 */
import { strToU8, zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { inspectBytes } from '../adapters/attachments/inspect-bytes.ts'
import { type FileVerdict, file_bytes_max } from '../adapters/inbound-file.ts'
import {
  attachedFile,
  card,
  cfb,
  docx,
  eml,
  numberCell,
  paragraph,
  pdf,
  pictureObject,
  png,
  run,
  utf8,
  wordPart,
  xlsx,
} from './corpus/files.ts'

const sensitive: FileVerdict = { dropped: 'sensitive' }
const unprocessable: FileVerdict = { dropped: 'unprocessable' }
const office = 'application/vnd.openxmlformats-officedocument'
const word: FileVerdict = { kept: `${office}.wordprocessingml.document` }
const excel: FileVerdict = { kept: `${office}.spreadsheetml.sheet` }
const kept = (contentType: string): FileVerdict => ({ kept: contentType })

interface Case {
  title: string
  bytes: Uint8Array
  name?: string
}

const judged = (cases: Case[], verdict: FileVerdict, guarantee: string) =>
  test.each(cases)(`${guarantee}: $title`, async ({ bytes, name = 'file' }) => {
    expect(await inspectBytes(bytes, name)).toEqual(verdict)
  })

const utf16 = (text: string, ...mark: number[]) => Buffer.concat([Buffer.from(mark), Buffer.from(text, 'utf16le')])
const swapped = (bytes: Buffer) => Buffer.from(bytes).swap16()
const inFours = '4111 1111 1111 1111'

describe('text', () => {
  judged(
    [
      { title: 'as it is', bytes: utf8(`card ${inFours}`), name: 'a.txt' },
      { title: 'under the name of a PDF', bytes: utf8(`card ${inFours}`), name: 'a.pdf' },
      { title: 'without a name', bytes: utf8(card), name: '' },
      { title: 'UTF-8 with its mark', bytes: utf8(`\ufeff${card}`) },
      { title: 'UTF-16', bytes: utf16(card, 0xff, 0xfe) },
      { title: 'UTF-16, the other way round', bytes: swapped(utf16(card, 0xff, 0xfe)) },
      { title: 'UTF-16 without its mark', bytes: utf16(`my card ${card}`) },
      { title: 'Latin 1', bytes: Buffer.from(`Gr\u00fc\u00dfe, ${card}`, 'latin1') },
      {
        title: 'full-width digits',
        bytes: utf8([...card].map((d) => String.fromCharCode(0xff10 + Number(d))).join('')),
      },
      { title: 'a code beside its word', bytes: utf8('the cvv is 123') },
      { title: 'XML', bytes: utf8(`<?xml version="1.0"?><order card="${card}"/>`), name: 'a.xml' },
      { title: 'at the end of much', bytes: utf8(`${'lorem ipsum '.repeat(40_000)}${card}`) },
      { title: 'where windows meet', bytes: utf8(`${'x'.repeat(65_528)} ${inFours} ${'y'.repeat(70_000)}`) },
    ],
    sensitive,
    'EM4, PC3: a card number is found in text',
  )

  judged(
    [
      { title: 'words', bytes: utf8('Hello, my order 4111111111111112 is late'), name: 'a.txt' },
      { title: 'words that begin like a picture', bytes: utf8('BM is short for benchmark'), name: 'a.txt' },
      { title: 'already masked', bytes: utf8('card ************1111') },
      { title: 'nothing', bytes: new Uint8Array() },
      { title: 'words under the name of a picture', bytes: utf8('hello'), name: 'a.png' },
      { title: 'Latin 1', bytes: Buffer.from('Gr\u00fc\u00dfe', 'latin1') },
    ],
    kept('text/plain'),
    'E107: clean text is kept',
  )

  judged(
    [
      { title: 'RTF', bytes: utf8(`{\\rtf1\\ansi ${card}}`), name: 'a.rtf' },
      { title: 'PostScript', bytes: utf8('%!PS-Adobe-3.0\n(hello) show'), name: 'a.txt' },
      {
        title: 'a drawing',
        bytes: utf8('<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>'),
        name: 'a.xml',
      },
      { title: 'an encrypted message', bytes: utf8('-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----') },
      { title: 'a mailbox of many mails', bytes: utf8('From a@b Mon Mar  2 14:05:11 2026\nSubject: a\n\nhi') },
      { title: 'letters with control characters between', bytes: utf8('hello \u0001\u0002 there') },
    ],
    unprocessable,
    'E107, E109: what only looks like text is dropped',
  )
})

describe('web pages', () => {
  judged(
    [
      {
        title: 'a number in several styles',
        bytes: utf8('<html><p>41<b>11</b>1111<span class="a">1111</span>1111</html>'),
      },
      { title: 'a number in an attribute', bytes: utf8(`<html><input value="${card}"></html>`) },
      { title: 'a number in a comment', bytes: utf8(`<html><!-- ${card} --></html>`) },
      { title: 'a number in a script', bytes: utf8(`<html><script>x="${card}"</script></html>`) },
      {
        title: 'a number in references',
        bytes: utf8(`<p>${[...card].map((d) => `&#${d.charCodeAt(0)};`).join('')}`),
        name: 'a.html',
      },
    ],
    sensitive,
    'E106: a card number is found in a web page',
  )
  judged(
    [
      { title: 'a page', bytes: utf8('<!DOCTYPE html><p>Hello</p>'), name: 'a.txt' },
      { title: 'a page by its name', bytes: utf8('Hello &amp; bye'), name: 'a.HTML' },
      { title: 'a page that links to a picture', bytes: utf8('<html><img src="https://x.test/a.png"></html>') },
    ],
    kept('text/html'),
    'E107: a clean web page is kept',
  )
  judged(
    [
      {
        title: 'inside the page',
        bytes: utf8(`<html><img src="data:image/png;base64,${png.toString('base64')}"></html>`),
      },
      { title: 'in a style', bytes: utf8('<html><p style="background:url(data:image/gif;base64,R0)">a</p></html>') },
      { title: 'drawn', bytes: utf8('<html><svg><path/></svg></html>') },
    ],
    unprocessable,
    'E107, LC11: a page with a picture in it is dropped',
  )
})

describe('PDF', () => {
  const note = (entries: string) => ({ page: '/Annots[6 0 R]', objects: [`<</Type/Annot/Rect[0 0 9 9] ${entries}>>`] })
  judged(
    [
      { title: 'on the page', bytes: pdf({ draws: `(Card ${card}) Tj` }), name: 'a.pdf' },
      { title: 'under the name of a text', bytes: pdf({ draws: `(${card}) Tj` }), name: 'a.txt' },
      { title: 'drawn in pieces', bytes: pdf({ draws: '(Card 41) Tj (11 1111) Tj ( 1111 1) Tj (111) Tj' }) },
      { title: 'drawn digit by digit', bytes: pdf({ draws: `[${[...card].map((d) => `(${d}) -40`).join(' ')}] TJ` }) },
      {
        title: 'in groups that stand apart',
        bytes: pdf({ draws: '(4111) Tj 60 0 Td (1111) Tj 60 0 Td (1111) Tj 60 0 Td (1111) Tj' }),
      },
      { title: 'in a note', bytes: pdf(note(`/Subtype/Text/Contents(pay with ${inFours})`)) },
      {
        title: 'in a form field',
        bytes: pdf({ ...note(`/Subtype/Widget/FT/Tx/T(n)/V(${card})`), catalog: '/AcroForm<</Fields[6 0 R]>>' }),
      },
      { title: 'in its properties', bytes: pdf({ objects: [`<</Title(Card ${card})>>`], trailer: '/Info 6 0 R' }) },
      { title: 'behind a link', bytes: pdf(note(`/Subtype/Link/A<</S/URI/URI(https://x.test/?card=${card})>>`)) },
    ],
    sensitive,
    'EM4, PC3: a card number is found in a PDF',
  )

  judged([{ title: 'a letter', bytes: pdf({}), name: 'a.exe' }], kept('application/pdf'), 'E107: a clean PDF is kept')

  const encrypted = pdf({
    trailer: `/ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<${'00'.repeat(32)}>/U<${'11'.repeat(32)}>>>`,
  })
  const file = { objects: ['<</Type/Filespec/F(a.txt)/EF<</F 7 0 R>>>>', '<</Length 1>>\nstream\n0\nendstream'] }
  judged(
    [
      { title: 'with a picture', bytes: pdf({ objects: [pictureObject] }) },
      {
        title: 'with a picture written into the page',
        bytes: pdf({ draws: '(a) Tj ET BI /W 1 /H 1 /CS /G /BPC 8 ID 0 EI BT' }),
      },
      { title: 'with a password', bytes: encrypted },
      {
        title: 'with a file in it',
        bytes: pdf({ ...file, catalog: '/Names<</EmbeddedFiles<</Names[(a.txt) 6 0 R]>>>>' }),
      },
      { title: 'without a word', bytes: pdf({ draws: '' }) },
      { title: 'broken off', bytes: pdf({}).slice(0, 200) },
      { title: 'of nothing but its first line', bytes: utf8('%PDF-1.7\n%%EOF') },
      { title: 'with an archive behind it', bytes: Buffer.concat([pdf({}), zipSync({ 'a.txt': strToU8(card) })]) },
      { title: 'behind some text', bytes: Buffer.concat([utf8('hello\n'), pdf({})]) },
    ],
    unprocessable,
    'E107, E109, LC11: a PDF is dropped',
  )
})

describe('Word', () => {
  const hidden = '<w:p><w:r><w:delText>4111 1111 1111 1111</w:delText></w:r></w:p>'
  const box = `<w:p>${run('Card 4111 ')}<w:r><w:pict><w:txbxContent>${paragraph('a box')}</w:txbxContent></w:pict></w:r>${run('1111 1111 1111')}</w:p>`
  judged(
    [
      { title: 'in a paragraph', bytes: docx(paragraph(`Card ${card}`)), name: 'a.docx' },
      { title: 'over several runs', bytes: docx(paragraph('Card 41', '11 11', '11 1111 1', '111')) },
      { title: 'around a text box', bytes: docx(box) },
      { title: 'over lines', bytes: docx(['4111', '1111', '1111', '1111'].map((part) => paragraph(part)).join('')) },
      {
        title: 'with tabs',
        bytes: docx(`<w:p>${['4111', '1111', '1111', '1111'].map(run).join('<w:r><w:tab/></w:r>')}</w:p>`),
      },
      { title: 'deleted, and kept as a change', bytes: docx(hidden) },
      { title: 'in the text of a picture', bytes: docx(`<w:p><w:r descr="card ${inFours}"/></w:p>`) },
      ...['header1', 'footer1', 'footnotes', 'endnotes', 'comments'].map((part) => ({
        title: `in ${part}`,
        bytes: docx(paragraph('Hi'), { [`word/${part}.xml`]: wordPart(paragraph('4111 1111 ', '1111 1111')) }),
      })),
      {
        title: 'in its properties',
        bytes: docx('', { 'docProps/core.xml': strToU8(`<a><title>${card}</title></a>`) }),
      },
      { title: 'in UTF-16', bytes: docx(paragraph('Hi'), { 'word/header1.xml': utf16(`<a>${card}</a>`, 0xff, 0xfe) }) },
    ],
    sensitive,
    'EM4, PC3: a card number is found in a Word file',
  )
  judged(
    [
      { title: 'a letter', bytes: docx(paragraph('Hello')), name: 'a.zip' },
      {
        title: 'a number beside a foreign one',
        bytes: docx(paragraph('41111111') + paragraph('Hello') + paragraph('11111111')),
      },
      { title: 'with what its printer likes', bytes: docx(paragraph('Hello'), { 'word/': new Uint8Array() }) },
    ],
    word,
    'E107: a clean Word file is kept',
  )
  judged(
    [
      { title: 'with a picture', bytes: docx(paragraph('Hi'), { 'word/media/image1.png': png }) },
      { title: 'with a picture under another name', bytes: docx(paragraph('Hi'), { 'word/embeddings/a.bin': png }) },
      { title: 'with macros', bytes: docx(paragraph('Hi'), { 'word/vbaProject.bin': cfb }) },
      { title: 'that is an Excel file too', bytes: docx(paragraph('Hi'), { 'xl/workbook.xml': strToU8('<a/>') }) },
      { title: 'of broken XML', bytes: docx('<w:p>') },
      { title: 'with a password', bytes: cfb, name: 'a.docx' },
    ],
    unprocessable,
    'E107, E109, LC11: a Word file is dropped',
  )
})

describe('Excel', () => {
  const text = (value: string) => `<t>${value}</t>`
  judged(
    [
      { title: 'as a shared text', bytes: xlsx('<c t="s"><v>0</v></c>', [text(`card ${inFours}`)]), name: 'a.xlsx' },
      { title: 'in runs of one text', bytes: xlsx('', [`<r>${text('4111 1111 ')}</r><r>${text('1111 1111')}</r>`]) },
      { title: 'as a text of its own', bytes: xlsx(`<c t="inlineStr"><is>${text(card)}</is></c>`) },
      { title: 'as what a formula says', bytes: xlsx(`<c t="str"><f>A1</f><v>${card}</v></c>`) },
      { title: 'in a formula', bytes: xlsx(`<c><f>"${card}"&amp;A1</f><v>0</v></c>`) },
      { title: 'as a number', bytes: xlsx(numberCell(card)) },
      { title: 'as a number with an exponent', bytes: xlsx(numberCell('4.111111111111111E15')) },
      { title: 'as a number that Excel cut to fifteen digits', bytes: xlsx(numberCell('5555555555554440')) },
      { title: 'as a number of nineteen digits', bytes: xlsx(numberCell('4.9176100000000003E18')) },
      {
        title: 'a code beside its word',
        bytes: xlsx(`<c t="inlineStr"><is>${text('CVV')}</is></c>${numberCell('123')}`),
      },
      {
        title: 'in a note',
        bytes: xlsx('', [], {
          'xl/comments1.xml': strToU8(`<a><text><r>${text('4111 1111 ')}</r><r>${text('1111 1111')}</r></text></a>`),
        }),
      },
      {
        title: 'in the name of a sheet',
        bytes: xlsx('', [], { 'xl/a.xml': strToU8(`<a><sheet name="${card}"/></a>`) }),
      },
    ],
    sensitive,
    'EM4, PC3: a card number is found in a spreadsheet',
  )
  judged(
    [
      {
        title: 'numbers side by side',
        bytes: xlsx(['4111', '1111', '1111', '1111'].map(numberCell).join('')),
        name: 'a.xlsx',
      },
      { title: 'a long number that is none', bytes: xlsx(numberCell('4111111111111112')) },
      {
        title: 'many decimals',
        bytes: xlsx(['4.1111111111111107', '0.5555555555555444', '12.5'].map(numberCell).join('')),
      },
      { title: 'what its printer likes', bytes: xlsx('', [], { 'xl/printerSettings/printerSettings1.bin': cfb }) },
    ],
    excel,
    'E107: a clean spreadsheet is kept',
  )
  judged(
    [
      { title: 'with a picture', bytes: xlsx('', [], { 'xl/media/image1.png': png }) },
      { title: 'of broken XML', bytes: xlsx('<c>') },
    ],
    unprocessable,
    'E107, LC11: a spreadsheet is dropped',
  )
})

describe('mail as a file', () => {
  const words = (text: string): [string, string] => ['Content-Type: text/plain; charset=utf-8', text]
  const mailIn = (bytes: Uint8Array) => attachedFile('inner.eml', 'message/rfc822', bytes)
  const nested = (depth: number): Uint8Array => (depth === 0 ? eml([words('Hi')]) : eml([mailIn(nested(depth - 1))]))
  const encoded: [string, string] = [
    'Content-Type: text/plain; charset=utf-16le\r\nContent-Transfer-Encoding: base64',
    Buffer.from(`card ${card}`, 'utf16le').toString('base64'),
  ]
  judged(
    [
      { title: 'in its text', bytes: eml([words(`card ${inFours}`)]), name: 'a.eml' },
      { title: 'in its text, under the name of a text', bytes: eml([encoded]), name: 'a.txt' },
      {
        title: 'in its subject',
        bytes: eml([words('Hi')], `=?utf-8?B?${Buffer.from(`card ${card}`).toString('base64')}?=`),
      },
      { title: 'in its HTML', bytes: eml([['Content-Type: text/html', `<p>41<b>11</b>1111<i>1111</i>1111`]]) },
      {
        title: 'in an attached PDF',
        bytes: eml([words('Hi'), attachedFile('a.txt', 'text/plain', pdf({ draws: `(${card}) Tj` }))]),
      },
      {
        title: 'in the name of a file',
        bytes: eml([words('Hi'), attachedFile(`${card}.txt`, 'text/plain', utf8('Hi'))]),
      },
      { title: 'in a mail in a mail', bytes: eml([words('Hi'), mailIn(eml([words('Hi'), mailIn(eml([encoded]))]))]) },
    ],
    sensitive,
    'EM4, PC3: a card number is found in a mail',
  )
  judged(
    [
      { title: 'words', bytes: eml([words('Hello')]), name: 'a.txt' },
      {
        title: 'with a clean file',
        bytes: eml([words('Hello'), attachedFile('a.docx', 'x/y', docx(paragraph('Hi')))]),
      },
      { title: 'as deep as is read', bytes: nested(3) },
    ],
    kept('message/rfc822'),
    'E107: a clean mail is kept',
  )
  judged(
    [
      { title: 'with a picture', bytes: eml([words('Hi'), attachedFile('a.png', 'image/png', png)]) },
      {
        title: 'with a picture in its HTML',
        bytes: eml([['Content-Type: text/html', '<img src="data:image/png;base64,aa">']]),
      },
      {
        title: 'with an archive',
        bytes: eml([attachedFile('a.zip', 'application/zip', zipSync({ 'a.txt': strToU8('Hi') }))]),
      },
      { title: 'deeper than is read', bytes: nested(4) },
    ],
    unprocessable,
    'E107, LC11: a mail is dropped',
  )
})

describe('archives and others', () => {
  const plain = docx(paragraph('Hello'))
  const packed = (bytes: number) => docx(paragraph('Hello'), { 'word/a.xml': new Uint8Array(bytes) })
  const patched = (bytes: Uint8Array, mark: string, at: number, value: number) => {
    const file = Buffer.from(bytes)
    file.writeUInt32LE(value, file.lastIndexOf(Buffer.from(mark, 'latin1')) + at)
    return file
  }
  judged(
    [
      { title: 'a zip bomb', bytes: packed(50_000_000) },
      { title: 'a zip bomb that lies about its size', bytes: patched(packed(50_000_000), 'PK\x01\x02', 24, 1_000) },
      { title: 'a part that is longer than it says', bytes: patched(plain, 'PK\x01\x02', 24, 1) },
      { title: 'a part with another check sum', bytes: patched(plain, 'PK\x01\x02', 16, 1) },
      { title: 'an encrypted part', bytes: patched(plain, 'PK\x01\x02', 8, 0x0008_0001) },
      { title: 'an archive with something before it', bytes: Buffer.concat([utf8('PK\x03\x04 hello'), plain]) },
      { title: 'an archive with something behind it', bytes: Buffer.concat([plain, utf8('hello')]) },
      { title: 'an archive broken off', bytes: plain.slice(0, plain.length - 30) },
      { title: 'an archive of texts', bytes: zipSync({ 'a.txt': strToU8('Hi') }), name: 'a.docx' },
      { title: 'a picture', bytes: png, name: 'a.txt' },
      { title: 'an old Office file', bytes: cfb, name: 'a.doc' },
      { title: 'a program', bytes: Buffer.concat([utf8('MZ'), Buffer.alloc(200, 7)]), name: 'a.txt' },
    ],
    unprocessable,
    'E107, E109: dropped, whatever it is called',
  )

  test('E107: exactly 25 MB are read to the last byte, one more is not', async () => {
    const full = Buffer.alloc(file_bytes_max, 'lorem ipsum ')
    expect(await inspectBytes(full, 'a.txt')).toEqual(kept('text/plain'))
    full.write(` ${card}`, file_bytes_max - card.length - 1)
    expect(await inspectBytes(full, 'a.txt')).toEqual(sensitive)
    expect(await inspectBytes(Buffer.alloc(file_bytes_max + 1, 'lorem ipsum '), 'a.txt')).toEqual(unprocessable)
  })
})
