/**
 * The stream KEYS: data keys, wrapped. One subject a name, whose last message is the key that is sealed under now; there is
 * no bound and no age, since a key that went by itself would take everything under it along.
 */
import type { StreamConfig } from '@nats-io/jetstream'

export const keys_stream = 'KEYS'

export const keySubject = (name: string): string => `parley.keys.${name}`

/** Over core NATS, the names whose keys were renewed or forgotten: nobody may seal under what they hold of them. */
export const keyEvents = 'parley.renewed'

/** The key that stands for all: whoever can unwrap it has a right master key. */
export const check_name = 'check'

/** The key of the embedded desk's journal. */
export const desk_name = 'desk'

export const keysConfig = (replicas: number): Partial<StreamConfig> & { name: string } =>
  ({
    name: keys_stream,
    subjects: [keySubject('*')],
    storage: 'file',
    num_replicas: replicas,
    allow_direct: true,
  }) as unknown as Partial<StreamConfig> & { name: string }
