/**
 * What the calls of a live chat carry, and those of the callback that takes its place: whole payloads, and every variable
 * of the samples (flows.md section 9, LC5-LC7, LC12-LC14, CB5, CB6, CB8; section 10, A27, A30, A43).
 */
import { describe, expect, test } from 'vitest'
import {
  answers,
  callbackLine,
  callbackTask,
  chatAddress,
  chatLine,
  chatTask,
  endsIt,
  leaves,
  no,
  payloadOf,
  toCallback,
  toCancelling,
  toChatClosed,
  toChatQueued,
  toChatRecreating,
  toChatTalking,
  toChatTask,
  toForm,
  toOffer,
  toPlacing,
  yes,
} from './chat.ts'
import { actor, at, conversationId, type Step, thread } from './drive.ts'
import { sample } from './samples.ts'

const searched: Step[] = [{ says: 'Hello' }, { answers: 'searchConversation' }]

/** What every task of this customer says. */
const everyTask = {
  user_DR_MediaResourceID: conversationId,
  user_DR_CustomerName: 'Ana Ruiz',
  ParleyActor: actor,
}

const sampleKeys = (path: string): string[] =>
  sample<{ variables: { key: string }[] }>(path).variables.map(({ key }) => key)

describe('To Engage', () => {
  test('LC1, LC2: the search names the customer, the asset and the window', () => {
    expect(payloadOf(chatLine, 'searchConversation', [{ says: 'Hello' }])).toEqual({ address: chatAddress, thread })
  })

  test('LC4, LC12: the creation names the window and the website, and no email yet', () => {
    expect(payloadOf(chatLine, 'createConversation', searched)).toEqual({
      address: chatAddress,
      text: 'Hello',
      at: at(1),
      customerName: chatAddress.customer,
      customerEmail: '',
      thread,
      websiteDomain: 'support.my-company.example',
    })
  })

  test('LC5: the answer of the form is appended as a form, under its title', () => {
    expect(payloadOf(chatLine, 'appendConversation', [...toForm, { form: answers }])).toEqual({
      address: chatAddress,
      conversationId,
      direction: 'Inbound',
      text: '',
      at: at(4),
      form: {
        title: '<preChatForm>',
        fields: [
          { name: 'Name', label: 'Name', type: 'text', value: 'Ana Ruiz', mandatory: true },
          { name: 'Email', label: 'Email', type: 'text', value: 'ana.ruiz@example.test', mandatory: true },
          { name: 'Query', label: 'Query', type: 'text', value: 'Insurance', mandatory: true },
        ],
      },
    })
  })
})

const toWindow = { actor, address: chatAddress, conversationId, appId: '', thread }

describe('To the window', () => {
  test('LC5: the form asks for name, email, phone and query', () => {
    expect(payloadOf(chatLine, 'sendMessage', toForm)).toEqual({
      ...toWindow,
      purpose: 'pre-chat-form',
      text: '<preChatForm>',
      form: {
        reference: 'prechat',
        fields: [
          { name: 'Name', label: expect.any(String), type: 'text', mandatory: true },
          { name: 'Email', label: expect.any(String), type: 'email', mandatory: true },
          { name: 'Phone', label: expect.any(String), type: 'text', mandatory: false },
          {
            name: 'Query',
            label: expect.any(String),
            type: 'dropdown',
            mandatory: true,
            options: ['Insurance', 'Billing', 'Other'],
          },
        ],
      },
    })
  })

  test('CB3, E78: the offer has two buttons, and names the task it is about', () => {
    expect(payloadOf(callbackLine, 'sendMessage', toOffer)).toEqual({
      ...toWindow,
      purpose: 'callback-offer',
      text: '<CallbackOffer>',
      quickReplies: {
        reference: `callback-offer:${chatTask}`,
        options: [
          { title: expect.any(String), identifier: 'callback-yes', payload: { taskId: chatTask } },
          { title: expect.any(String), identifier: 'callback-no', payload: { taskId: chatTask } },
        ],
      },
    })
  })

  test('CB3: the answers it waits for are the ones of the samples', () => {
    const pressed = (path: string) =>
      JSON.parse(sample<{ interactiveData: string }>(path).interactiveData).identifier as string
    expect(pressed('inbound/livechat-postback-callback-yes.json')).toBe((yes as { press: string }).press)
    expect(pressed('inbound/livechat-postback-callback-no.json')).toBe((no as { press: string }).press)
  })
})

describe('The task of a chat', () => {
  test('LC6, LC13, LC14, A2, A43, CX4: goes to the asset, from the customer, with window, name and email', () => {
    expect(payloadOf(chatLine, 'createTask', toChatTask)).toEqual({
      taskId: chatTask,
      address: chatAddress,
      origin: chatAddress.customer,
      customerId: 'ana.ruiz@example.test',
      mediaType: 'Chat',
      mediaChannel: 'Live Chat/In App Messaging',
      scriptSelector: 'Insurance',
      variables: { ...everyTask, ChatThreadID: thread },
    })
  })

  test('LC13: carries every variable of the sample', () => {
    const { variables } = payloadOf(chatLine, 'createTask', toChatTask)
    const keys = sampleKeys('dr-api/create-task-request-livechat.json')
    expect(Object.keys(variables as object)).toEqual(expect.arrayContaining(keys))
  })

  test('A43: without an email the customer id is the chat user, and without a name so is the name', () => {
    expect(payloadOf(chatLine, 'createTask', [...toForm, { form: { Query: 'Billing' } }])).toMatchObject({
      customerId: chatAddress.customer,
      variables: { user_DR_CustomerName: chatAddress.customer },
    })
  })

  test('A43: an email is one customer however it is written', () => {
    const steps: Step[] = [...toForm, { form: { Email: ' Ana.Ruiz@Example.TEST ' } }]
    expect(payloadOf(chatLine, 'createTask', steps)).toMatchObject({ customerId: 'ana.ruiz@example.test' })
  })

  test('LC7, G5: carries the configured context variables', () => {
    const configured = { cv_1: 'Gold', user_Tier: 'A', Region: 'North' }
    const context = Object.entries(configured).map(([key, value]) => ({ key, value }))
    expect(payloadOf(chatLine, 'createTask', toChatTask, context)).toMatchObject({ variables: configured })
  })

  test('TR3, LC13: put back in after a transfer it is the same task, with the window still', () => {
    expect(payloadOf(chatLine, 'createTask', toChatRecreating)).toMatchObject({
      taskId: chatTask,
      mediaType: 'Chat',
      scriptSelector: 'Support',
      variables: { ChatThreadID: thread },
    })
  })

  test('TR3, LC13: and also where the customer has closed the window meanwhile', () => {
    const steps: Step[] = [...toChatTalking, leaves, { task: 'transferred' }, { answers: 'removeParticipant' }]
    expect(payloadOf(chatLine, 'createTask', steps)).toMatchObject({ variables: { ChatThreadID: thread } })
  })

  test('a new conversation of the same customer has a task id of its own and nothing of the last form', () => {
    const again: Step[] = [{ says: 'Again' }, { answers: 'createConversation' }, { form: { Query: 'Billing' } }]
    expect(payloadOf(chatLine, 'createTask', [...toChatClosed, ...again])).toMatchObject({
      taskId: callbackTask,
      customerId: chatAddress.customer,
      scriptSelector: 'Billing',
    })
  })
})

const liveChat = {
  LiveChatUserID: chatAddress.customer,
  LiveChatThreadID: thread,
  LiveChatAppID: chatAddress.asset,
}

describe('The end of a chat', () => {
  test('CB4, A27: for a callback it says so, and where the customer can be written to', () => {
    const ended = payloadOf(callbackLine, 'endTask', toCancelling)
    expect(ended).toEqual({
      taskId: chatTask,
      disposition: 'CD_TASK_CUSTOMER_ABANDON',
      variables: { IsWebCallbackRequested: 'true', ...liveChat },
    })
    const keys = sampleKeys('dr-api/task-action-close-cancel-for-callback.json')
    expect(Object.keys(ended.variables as object).sort()).toEqual(keys.sort())
  })

  test('LX3: for a customer who left it says nothing of a callback', () => {
    expect(payloadOf(callbackLine, 'endTask', [...toOffer, leaves])).toEqual({
      taskId: chatTask,
      disposition: 'CD_TASK_CUSTOMER_ABANDON',
      variables: {},
    })
  })

  test('E81, A27: nor does one that follows a callback that failed', () => {
    const steps: Step[] = [...toCancelling, { fails: 'cancelChat' }, leaves]
    expect(payloadOf(callbackLine, 'endTask', steps)).toEqual({
      taskId: chatTask,
      disposition: 'CD_TASK_CUSTOMER_ABANDON',
      variables: {},
    })
  })
})

describe('The task of a callback', () => {
  const callback = {
    taskId: callbackTask,
    address: chatAddress,
    origin: '+14155550123',
    customerId: 'ana.ruiz@example.test',
    mediaType: 'Web Callback',
    mediaChannel: 'Web Callback',
    scriptSelector: 'Insurance_Callback',
    variables: { ...everyTask, ...liveChat },
  }

  test('CB5, CB6, CB8: has a new id, the same conversation and asset, its own selector and media, the phone number', () => {
    expect(payloadOf(callbackLine, 'createTask', toPlacing)).toEqual(callback)
    const keys = sampleKeys('dr-api/create-task-request-web-callback.json')
    expect(Object.keys(callback.variables)).toEqual(expect.arrayContaining(keys))
  })

  test('CB8, CC4, A29: names the window also where the customer has closed it to answer the phone', () => {
    const steps: Step[] = [...toCancelling, leaves, { answers: 'cancelChat' }]
    expect(payloadOf(callbackLine, 'createTask', steps)).toEqual(callback)
  })

  test('QU6: carries on what the queue added to the chat', () => {
    const steps: Step[] = [
      ...toOffer,
      { task: 'queued', variables: { cv_3: 'Silver' } },
      yes,
      { answers: 'cancelChat' },
    ]
    expect(payloadOf(callbackLine, 'createTask', steps)).toMatchObject({ variables: { cv_3: 'Silver' } })
  })

  test('CB8, A25: but not what belongs to the chat alone, or its own end would read as that of the chat', () => {
    const variables = { ChatThreadID: thread, IsWebCallbackRequested: 'true', cv_3: 'Silver' }
    const steps: Step[] = [...toCancelling, { task: 'queued', variables }, { answers: 'cancelChat' }]
    expect(payloadOf(callbackLine, 'createTask', steps)).toEqual({
      ...callback,
      variables: { ...callback.variables, cv_3: 'Silver' },
    })
  })

  test('E88: cancelled, it is ended as abandoned, and no callback is asked for', () => {
    expect(payloadOf(callbackLine, 'endTask', [...toCallback, endsIt])).toEqual({
      taskId: callbackTask,
      disposition: 'CD_TASK_CUSTOMER_ABANDON',
      variables: {},
    })
  })

  const phones: [written: string, called: string][] = [
    ['+14155550123', '+14155550123'],
    ['+1 (415) 555-0123', '+14155550123'],
    ['+44 20 7946 0958', '+442079460958'],
    ['+49.30.901820', '+4930901820'],
  ]
  test.each(phones)('A30: the number %s is called as %s', (Phone, origin) => {
    const steps: Step[] = [...toForm, { form: { ...answers, Phone } }, ...toPlacing.slice(4)]
    expect(payloadOf(callbackLine, 'createTask', steps)).toMatchObject({ origin })
  })

  test('A43: without an email in the form the customer id is the chat user', () => {
    const steps: Step[] = [...toForm, { form: { Phone: '+14155550123' } }, ...toPlacing.slice(4)]
    expect(payloadOf(callbackLine, 'createTask', steps)).toMatchObject({
      customerId: chatAddress.customer,
      scriptSelector: 'Other_Callback',
    })
  })
})

test('CC1: the conversation that is closed is the one that was open', () => {
  expect(payloadOf(chatLine, 'closeConversation', [...toChatQueued, { task: 'closed' }])).toEqual({ conversationId })
})
