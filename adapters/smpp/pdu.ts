/**
 * Protocol data units of SMPP 3.4, as far as a client speaks them: the header, binding, and the body that submit_sm and
 * deliver_sm have in common (specification, sections 3.2, 4.1, 4.4.1, 4.6.1 and 5). Pure.
 * Invariant: whatever bytes come, reading ends in a value or in `MalformedPdu`.
 */

export const command = {
  bind_receiver: 0x01,
  bind_transmitter: 0x02,
  submit_sm: 0x04,
  deliver_sm: 0x05,
  unbind: 0x06,
  bind_transceiver: 0x09,
  enquire_link: 0x15,
  generic_nack: 0x8000_0000,
} as const

/** Set in the command id of every response. */
const response_bit = 0x8000_0000
export const responseTo = (id: number): number => (id | response_bit) >>> 0
export const isResponse = (id: number): boolean => id >= response_bit

/** Command status, section 5.1.3. */
export const status = {
  ok: 0x00,
  invalidLength: 0x02,
  invalidCommand: 0x03,
  wrongBindState: 0x04,
  systemError: 0x08,
  queueFull: 0x14,
  throttled: 0x58,
  /** The receiver may be asked again, and not. */
  retryLater: 0x64,
  refused: 0x65,
} as const

export interface Pdu {
  id: number
  status: number
  sequence: number
  body: Buffer
}

/** What submit_sm and deliver_sm say; fields that are never anything but zero or empty here are left out. */
export interface ShortMessage {
  from: Party
  to: Party
  /** Section 5.2.12: what kind of message it is, and whether a header stands before the text. */
  esmClass: number
  registeredDelivery: number
  dataCoding: number
  /** `short_message`, or the parameter `message_payload` where that is empty. */
  octets: Buffer
  /** Optional parameters by tag. */
  optional: ReadonlyMap<number, Buffer>
}

/** Type of number and numbering plan, sections 5.2.5 and 5.2.6. */
export interface Party {
  ton: number
  npi: number
  address: string
}

export const tag = {
  receiptedMessageId: 0x001e,
  sarReference: 0x020c,
  sarTotal: 0x020e,
  sarPart: 0x020f,
  messagePayload: 0x0424,
  messageState: 0x0427,
} as const

export class MalformedPdu extends Error {
  override readonly name = 'MalformedPdu'
}

const header_bytes = 16
const pdu_bytes_max = 65_536 + 1_024
const short_message_bytes_max = 254

export function encoded({ id, status, sequence, body }: Pdu): Buffer {
  const header = Buffer.alloc(header_bytes)
  header.writeUInt32BE(header_bytes + body.length, 0)
  header.writeUInt32BE(id, 4)
  header.writeUInt32BE(status, 8)
  header.writeUInt32BE(sequence, 12)
  return Buffer.concat([header, body])
}

/** Takes bytes as they come, gives the units that are whole. Throws `MalformedPdu` where no unit can begin. */
export function pduReader(): (chunk: Buffer) => Pdu[] {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    const whole: Pdu[] = []
    while (rest.length >= 4) {
      const length = rest.readUInt32BE(0)
      if (length < header_bytes || length > pdu_bytes_max) throw new MalformedPdu(`a unit of ${length} bytes`)
      if (rest.length < length) break
      const unit = rest.subarray(0, length)
      const [id, status, sequence] = [4, 8, 12].map((at) => unit.readUInt32BE(at)) as [number, number, number]
      whole.push({ id, status, sequence, body: unit.subarray(header_bytes) })
      rest = rest.subarray(length)
    }
    return whole
  }
}

const interface_version = 0x34

export const bindBody = (systemId: string, password: string, systemType: string): Buffer =>
  Buffer.concat([text(systemId), text(password), text(systemType), Buffer.from([interface_version, 0, 0]), text('')])

export function messageBody({ from, to, esmClass, registeredDelivery, dataCoding, octets }: ShortMessage): Buffer {
  if (octets.length > short_message_bytes_max) throw new MalformedPdu(`a short message of ${octets.length} bytes`)
  return Buffer.concat([
    text(''),
    party(from),
    party(to),
    Buffer.from([esmClass, 0, 0]),
    text(''),
    text(''),
    Buffer.from([registeredDelivery, 0, dataCoding, 0, octets.length]),
    octets,
  ])
}

/** Throws `MalformedPdu` when the body ends before its fields do. */
export function messageIn(body: Buffer): ShortMessage {
  const read = fieldReader(body)
  read.text()
  const from = { ton: read.byte(), npi: read.byte(), address: read.text() }
  const to = { ton: read.byte(), npi: read.byte(), address: read.text() }
  const esmClass = read.byte()
  read.bytes(2)
  read.text()
  read.text()
  const registeredDelivery = read.byte()
  read.byte()
  const dataCoding = read.byte()
  read.byte()
  const short = read.bytes(read.byte())
  const optional = new Map<number, Buffer>()
  while (read.isMore()) optional.set(read.word(), read.bytes(read.word()))
  const octets = short.length > 0 ? short : (optional.get(tag.messagePayload) ?? short)
  return { from, to, esmClass, registeredDelivery, dataCoding, octets, optional }
}

/** The message id of submit_sm_resp, or the system id of a bind's response. */
export const firstText = (body: Buffer): string => (body.length === 0 ? '' : fieldReader(body).text())

/** C-octet strings: ended by a null, which therefore cannot stand inside. */
const text = (value: string): Buffer => Buffer.from(`${value.replaceAll('\0', '')}\0`, 'latin1')
const party = ({ ton, npi, address }: Party): Buffer => Buffer.concat([Buffer.from([ton, npi]), text(address)])

function fieldReader(body: Buffer) {
  let at = 0
  const bytes = (count: number): Buffer => {
    if (at + count > body.length) throw new MalformedPdu('a body that ends too soon')
    at += count
    return body.subarray(at - count, at)
  }
  return {
    bytes,
    byte: () => bytes(1)[0]!,
    word: () => bytes(2).readUInt16BE(0),
    text(): string {
      const end = body.indexOf(0, at)
      if (end === -1) throw new MalformedPdu('a text without its end')
      const length = end - at
      return bytes(length + 1).toString('latin1', 0, length)
    },
    isMore: () => at < body.length,
  }
}
