/**
 * Hears what is stored in a stream from now on, without a gap and nothing twice, for as long as it is listened to: also when the
 * server that delivers it is lost, which is noticed within seconds. Each follower has a consumer of its own that nobody acks.
 */
import { DeliverPolicy, type JetStreamClient, type JsMsg } from '@nats-io/jetstream'

/** The server says so often that it still delivers; what is not heard of twice is asked for again. */
export const heartbeat = { idle_heartbeat: 2_000 }

interface Follow {
  stream: string
  /** All of the stream without. */
  subject?: string
}

export interface Follower {
  /** How much of what is stored has not been delivered yet. */
  behind(): Promise<number>
  /** From then on nothing is heard any more. */
  end(): Promise<void>
}

/** Resolves once nothing that is stored from now on is missed. Throws when the broker does not answer. */
export async function followFromNow(
  js: JetStreamClient,
  { stream, subject }: Follow,
  hear: (message: JsMsg) => void,
): Promise<Follower> {
  // By number: asked for what is new, a consumer that is made anew before it has delivered anything delivers all there is.
  const { state } = await (await js.jetstreamManager()).streams.info(stream)
  const consumer = await js.consumers.get(stream, {
    ...(subject === undefined ? {} : { filter_subjects: subject }),
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: state.last_seq + 1,
  })
  const messages = await consumer.consume({ callback: hear, ...heartbeat })
  return {
    behind: async () => (await consumer.info()).num_pending,
    async end() {
      await messages.close()
      await consumer.delete().catch(() => false) // gone already, or gone soon: nobody asks it for anything
    },
  }
}
