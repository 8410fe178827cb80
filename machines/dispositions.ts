/**
 * The disposition codes that CLOSED carries, by what a conversation concludes from them (CL4, flows.md 2.8), and the text
 * that says so (A22). A code nobody has told of yet closes like any other (E70). Pure data.
 */
import type { TextKey } from './texts.ts'

/** `normal`: completed · `timeout`: nobody in time · `customer`: the customer gave up · `failure`: the system's fault. */
export type DispositionGroup = 'normal' | 'timeout' | 'customer' | 'failure' | 'unknown'

export const groupOf = (disposition: string): DispositionGroup => groups.get(disposition) ?? 'unknown'

/** The text for a conversation that ended so; those but `ClosedMessage` are used where they are configured (A22). */
export const closedTextOf = (disposition: string): TextKey => closedTexts[groupOf(disposition)]

const closedTexts: Record<DispositionGroup, TextKey> = {
  normal: 'ClosedMessage',
  timeout: 'ClosedMessageTimeout',
  customer: 'ClosedMessageAbandon',
  failure: 'ClosedMessageFailure',
  unknown: 'ClosedMessage',
}

export const dispositions: Record<Exclude<DispositionGroup, 'unknown'>, readonly string[]> = {
  normal: ['CD_NORMAL_END_TASK'],
  timeout: ['CD_MAX_DIALOG_LIFETIME_EXCEEDED'],
  customer: ['CD_TASK_CUSTOMER_ABANDON', 'CD_TASK_ABANDONED_WHILE_OFFERED'],
  failure: [
    'CD_TASK_TRANSFER_TIMEOUT',
    'CD_TASK_INVALID_MEDIA_RESOURCE_ID',
    'CD_TASK_FAILED_SENDING_MR_REQUEST',
    'CD_TASK_ENDED_DURING_APP_INIT',
    'CD_FAILED_CREATING_NEW_TASK_EXECUTOR',
    'CD_FAILED_INVALID_NEW_TASK_MESSAGE',
    'CD_FAILED_MEDIA_ROUTING_DISABLED',
    'CD_FAILED_NO_SCRIPT',
    'CD_FAILED_INVALID_MRD_ID',
    'CD_FAILED_ICM_TIMEOUT',
    'CD_FAILED_INVALID_SCRIPT_SELECTOR',
    'CD_FAILED_NO_TARGET',
    'CD_FAILED_ROUTER_RELEASED_TASK',
    'CD_FAILED_UNKNOWN_ROUTING_PROBLEM',
    'CD_FAILED_DUPLICATE_NEW_TASK_REQUEST',
    'CD_FAILED_UNSUPPORTED_SERVICE_REQUESTED',
    'CD_FAILED_AGENT_NOT_MEMBER_OF_QUEUE',
    'CD_FAILED_INVALID_QUEUE_TYPE_OR_ID',
    'CD_FAILED_INVALID_DIALOG_ID',
    'CD_FAILED_INVALID_AGENT_ID',
    'CD_FAILED_AGENT_OVER_TASK_LIMIT',
    'CD_FAILED_UNSUPPORTED_AGENT_PERIPHERAL_GATEWAY',
    'CD_FAILED_INVALID_AGENT_STATE',
    'CD_FAILED_INVALID_QUEUE_FOR_MRD',
    'CD_FAILED_NO_PICK_PULL_NODE',
    'CD_FAILED_AGENT_NOT_READY',
    'CD_FAILED_UNKNOWN',
    'CD_FAILED_SESSION_ABANDON',
    'CD_FAILED_COMM_FAILURE_ROUTER_AND_PG',
  ],
}

const groups = new Map<string, DispositionGroup>(
  Object.entries(dispositions).flatMap(([group, codes]) =>
    codes.map((code) => [code, group as DispositionGroup] as const),
  ),
)
