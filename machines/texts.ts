/**
 * The words customers and agents read, by key, as ICU messages: the defaults that configuration replaces per language.
 * Pure data; formatting happens where the turn is composed (`runtime/texts.ts`) and is lent to machines as `say`.
 * Keys: seed l.124-250 (custom variables of the flows), flows.md 6.1; wordings that are public: flows.md 6.2.
 */
export const textKeys = [
  'welcome',
  'menu',
  'menuInvalid',
  'preChatForm',
  'CreatedMessage',
  'QueuedMessage',
  'RoutedMessage',
  'ClosedMessage',
  'ClosedMessageTimeout',
  'ClosedMessageFailure',
  'ClosedMessageAbandon',
  'TransferredMessage',
  'FailedTransferMessage',
  'CallbackOffer',
  'WebCallbackMessage',
  'WebCallbackAgentFound',
  'CallbackPending',
  'errorTechnicalIssue',
  'errorSendingMessage',
  'errorServiceNotAvailable',
  'errorCallbackFailed',
  'errorEndTaskFailed',
  'err_msg_toomanyrequests',
  'sensitiveDataNotice',
  'attachmentDropped',
  'customerLeft',
] as const
export type TextKey = (typeof textKeys)[number]
export type TextValues = Record<string, string | number>

/** Formats one text in the asset's language. Unknown values leave their place empty; never throws. */
export type Say = (key: TextKey, values?: TextValues) => string

/** Texts for a special case, and the one that is said where a language does not have them (A22). */
export const standIns = {
  ClosedMessageTimeout: 'ClosedMessage',
  ClosedMessageFailure: 'ClosedMessage',
  ClosedMessageAbandon: 'ClosedMessage',
} as const satisfies Partial<Record<TextKey, TextKey>>
type SpecialKey = keyof typeof standIns
export type DefaultKey = Exclude<TextKey, SpecialKey>

/** The key itself, or the one that stands in for it. */
export const standInOf = (key: TextKey): DefaultKey =>
  key in standIns ? standIns[key as SpecialKey] : (key as DefaultKey)

/**
 * Texts that only tell how things stand. An empty one is not sent, neither to the customer nor to the transcript: so a
 * channel's branch of a webhook flow is taken out for an asset (G6, G7). Questions, errors and warnings are never empty.
 */
export const noticeKeys: readonly TextKey[] = [
  'CreatedMessage',
  'QueuedMessage',
  'RoutedMessage',
  'ClosedMessage',
  'ClosedMessageTimeout',
  'ClosedMessageFailure',
  'ClosedMessageAbandon',
  'TransferredMessage',
  'WebCallbackMessage',
  'WebCallbackAgentFound',
  'CallbackPending',
  'customerLeft',
]

export const englishTexts: Record<DefaultKey, string> = {
  welcome: 'Welcome! How can we help you today?',
  menu: "{options} Reply ''End Conversation'' to stop.",
  menuInvalid: 'Sorry, that is not one of the choices.',
  preChatForm: 'Before we start',
  CreatedMessage: 'Your request for a live agent has been received.',
  QueuedMessage:
    '{minutes, plural, =0 {An agent will be with you in less than a minute.} one {Your estimated wait is about # minute.} other {Your estimated wait is about # minutes.}}',
  RoutedMessage: 'An agent is about to join the conversation.',
  ClosedMessage: 'This conversation is now closed. Write to us any time to start a new one.',
  TransferredMessage: 'You are being transferred. Another agent will be with you soon.',
  FailedTransferMessage:
    'Sorry, we could not transfer you. This conversation will be closed; please write to us again to start a new one.',
  CallbackOffer: 'You have been waiting for a while. Would you like us to call you back instead?',
  WebCallbackMessage: 'We closed this chat and placed your callback request. We will call you as soon as we can.',
  WebCallbackAgentFound: 'An agent is ready for you. Your phone will ring in a moment.',
  CallbackPending: 'Your callback is still on its way. We will call you as soon as an agent is free.',
  errorTechnicalIssue: 'Sorry, something went wrong on our side. Please try again later.',
  errorSendingMessage: 'Sorry, your last message could not be delivered. Please send it again.',
  errorServiceNotAvailable: 'Sorry, this service is not available right now. Please try again later.',
  errorCallbackFailed:
    'Sorry, we could not place your callback. {next, select, chat {You are in line for a chat again.} other {Please start a new chat.}}',
  errorEndTaskFailed: 'Sorry, we could not switch to a callback. You are still in line for this chat.',
  err_msg_toomanyrequests: 'We are receiving many requests right now. Please try again in a few minutes.',
  sensitiveDataNotice:
    'Your message contained card details. We have hidden them to protect you. Please do not send card details here.',
  attachmentDropped:
    '{reason, select, sensitive {The attachment you sent was dropped as it contains sensitive data.} malicious {The attachment you sent was dropped as it contains malicious data} other {The attachment(s) you sent could not be processed at the moment.}}{named, select, yes { ({names})} other {}}',
  customerLeft: 'The customer has left the chat session.',
}
