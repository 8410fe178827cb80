/**
 * What the flows are asked for, line by line: an id and its demand, by flow. Tests and stories quote the ids in their
 * titles; `checklist.test.ts` finds the lines that nobody proves. Owns the wording, decides nothing.
 */

/** A group of lines under one heading: demand by id. */
export interface Section {
  heading: string
  demands: Record<string, string>
}

export const flowDemands: Section[] = [
  {
    heading: 'All flows',
    demands: {
      G1: 'the eleven flows are there, under their names',
      G2: 'Engage hears of conversations, Digital Routing of tasks: two adapters',
      G3: 'calls carry their authorization; one that is refused is not tried again',
      G4: 'an incoming text starts SMS',
      G5: 'a task carries call, ECC and extension variables',
      G6: 'each channel can be left out by itself',
      G7: 'the webhook flows serve every channel',
      G8: 'texts and settings are configuration with defaults',
      G9: 'definitions and a configuration to start from are shipped',
    },
  },
  {
    heading: 'Email_Inbound',
    demands: {
      EM1: 'a mail to a configured mailbox starts it',
      EM2: 'is configured by mailbox',
      EM3: 'card data in the text is found',
      EM4: 'card data in attachments and subject is found',
      EM5: 'the sender is told',
      EM6: 'a task brings it to an agent',
      EM7: 'search, then append or create',
      EM8: 'the task knows conversation, sender, message id, subject, cc and bcc',
      EM9: 'the destination is the app id of the mailbox',
      EM10: 'ends once Engage knows the task',
    },
  },
  {
    heading: 'Live_Chat_Inbound',
    demands: {
      LC1: 'what is written in a window is heard, by asset',
      LC2: 'a customer is searched for in Engage',
      LC3: 'what is found is appended to',
      LC4: 'what is not found is created',
      LC5: 'a form asks for name, email and query before anything else',
      LC6: 'the query chooses the script selector of the task',
      LC7: 'more call and ECC variables may be configured',
      LC8: 'text and attachments are checked for card data',
      LC9: 'the customer is warned',
      LC10: 'text is masked',
      LC11: 'attachments are dropped',
      LC12: 'the website is named without protocol',
      LC13: 'the task knows conversation, name and window',
      LC14: 'the destination is the app id',
      LC15: 'ends once Engage knows the task',
      LC16: 'too many requests have a text of their own',
      LC17: 'so have technical errors and messages that cannot be appended',
    },
  },
  {
    heading: 'Live_Chat_Customer_Abandon_Close',
    demands: {
      LX1: 'closing the window starts it',
      LX2: 'an agent who is there is told, and ends the task',
      LX3: 'with nobody there the task is abandoned',
      LX4: 'is configured by asset',
      LX5: 'with no conversation, or a closed one, nothing happens',
      LX6: 'during the form the conversation closes and the form is forgotten',
      LX7: 'where the conversation stands and who is assigned decide',
    },
  },
  {
    heading: 'SMS_Inbound',
    demands: {
      SM1: 'a text leads to a search in Engage',
      SM2: 'all five outcomes of the search are gone on from',
      SM3: 'what is found is appended to',
      SM4: 'what is closed or not found is created anew, or by choice reopened',
      SM5: 'a welcome and a choice follow',
      SM6: 'the answer chooses the script selector of the task',
      SM7: 'more variables may be configured',
      SM8: 'keywords lead to an agent or out of it',
      SM9: '"End Conversation" anywhere in a text ends it',
      SM10: 'the next text begins from the welcome',
      SM11: 'a task is then ended: normally with an agent, abandoned without',
      SM12: 'texts are checked for card data and the customer is told',
      SM13: 'masked before it is appended',
      SM14: 'masked before it is kept as an answer',
      SM15: 'ends once Engage knows the task',
      SM16: 'the task knows conversation and name, and goes to the number written to',
      SM17: 'is configured by number',
      SM18: 'while the menu is open a text is an answer to it',
    },
  },
  {
    heading: 'Live_Chat_Inbound_With_Web_Callback',
    demands: {
      CB1: 'does all that live chat does',
      CB2: 'a task that waits for a minute, or as configured, is noticed',
      CB3: 'the customer is asked whether to be called instead',
      CB4: 'yes: the chat is cancelled, then the callback placed',
      CB5: 'the number is that of the form',
      CB6: 'the callback has a selector and a media type of its own',
      CB7: 'an agent who is found calls',
      CB8: 'the callback knows conversation, name, chat user, window and app',
      CB9: 'a failed cancellation and a failed callback are told in texts of their own',
      CB10: 'no, or no answer: waits on',
      CB11: 'goes together with its own CLOSED flow',
    },
  },
  {
    heading: 'CREATED',
    demands: {
      CR1: 'the customer is told on SMS, chat and email',
      CR2: 'and only then, with no word of a queue',
      CR3: 'window and mail thread come out of the extension variables',
    },
  },
  {
    heading: 'QUEUED',
    demands: {
      QU1: 'an estimate is told on SMS and chat, not by email',
      QU2: 'the first one, with no estimate or -1, is silent',
      QU3: 'nothing is told without an estimate',
      QU4: 'a usable estimate is told on the channel of the task',
      QU5: 'every one of them, unless policy says otherwise',
      QU6: 'changed variables are kept, silently',
    },
  },
  {
    heading: 'ROUTED',
    demands: {
      RO1: 'the agent is added to the conversation',
      RO2: 'which is the one that the media resource id names',
      RO3: 'the customer is told on SMS and chat, not by email',
      RO4: 'by email the agent is added as well',
    },
  },
  {
    heading: 'CLOSED',
    demands: {
      CL1: 'the conversation is closed in Engage',
      CL2: 'the customer is told on SMS and chat',
      CL3: 'whoever closed it: agent, system or time',
      CL4: 'the disposition is there to tell why',
      CL5: 'by email it closes silently',
    },
  },
  {
    heading: 'CLOSED_Webhook_for_Web_Callback',
    demands: {
      CC1: 'a chat that ended as a chat closes as ever',
      CC2: 'a chat cancelled for a callback closes, and the callback stands',
      CC3: 'a callback that closed because an agent calls is told',
      CC4: 'in the window that the customer began in',
      CC5: 'the other webhook flows are those of every channel',
    },
  },
  {
    heading: 'TRANSFERRED',
    demands: {
      TR1: 'by an agent, by no answer, by logging out',
      TR2: 'the agent is removed before the task goes back in',
      TR3: 'under the same id',
      TR4: 'then the customer is told on SMS or chat',
      TR5: 'any failure ends the task and is told on SMS, chat or email',
      TR6: 'within 15 s, with the selector and the variables of the event',
    },
  },
  {
    heading: 'Task context variables',
    demands: {
      CX1: 'cv_1 to cv_10, 40 bytes each',
      CX2: 'ECC variables begin with user, 210 bytes each, and come back only where set up',
      CX3: 'everything else is kept by Digital Routing alone',
      CX4: 'what every channel fills in by itself',
    },
  },
  {
    heading: 'Which flow an event is for',
    demands: {
      DE1: 'a flow has one asset a channel',
      DE2: 'the asset of the event chooses the flow',
      DE3: 'with a single asset nothing needs choosing',
      DE4: 'with several no event starts two flows',
      DE5: 'the destination is number, chat app or mail app',
    },
  },
  {
    heading: 'Card data',
    demands: {
      PC1: 'masked before Engage hears it and before it is kept as an answer',
      PC2: 'chat attachments are dropped',
      PC3: 'mail text and attachments are covered',
      PC4: 'the sender is told on all three channels',
      PC5: 'no card number rests anywhere',
    },
  },
]
