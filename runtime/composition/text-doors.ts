/** The doors of texts, whatever line they came over. */
import { receiptsDoor } from '../../adapters/connect/receipts-door.ts'
import { smsDoor } from '../../adapters/connect/sms-door.ts'

export const textDoors = { sms: smsDoor, receipts: receiptsDoor }
