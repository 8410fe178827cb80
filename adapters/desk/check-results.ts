/**
 * What Connect's checks say of a message nobody found anything in, and how results stand in a body: as JSON inside a string
 * (samples/inbound/livechat-*.json, email-mo-*.json). Pure.
 */

/** JSON inside a string; a string stays as it is. */
export const nested = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** Nobody has looked for card data yet (flows.md A48). */
export const unscanned = {
  droppedAttachmentCount: 0,
  isPCICompliance: true,
  isPCIValidationDone: false,
  isAttachmentEnabled: true,
  nonPCIComplianceReason: {},
}

export const secure = {
  droppedAttachmentCount: 0,
  isSecurityCompliance: true,
  securityFailedReason: {},
  isSecurityValidationDone: true,
}
