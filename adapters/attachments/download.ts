/**
 * Fetches a file from the address that a message gives for it: one GET, no redirects, at most 25 MB.
 * Keeps: the address that was checked is the one that is asked, whatever the name server says the next time.
 */
import { lookup } from 'node:dns'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { type Download, file_bytes_max } from '../inbound-file.ts'
import { mayAsk, type NetworkRules } from './network.ts'

/** `unreachable`: no such host or one out of bounds, no whole answer before `signal` aborts, or any status but 200. */
export function downloader(rules: NetworkRules): Download {
  return async (address, signal) => {
    try {
      const url = new URL(address)
      const host = url.hostname.replace(/^\[|\]$/g, '')
      if (isIP(host) !== 0 && !mayAsk(rules, host, host)) return 'unreachable'
      const answer = await abortable(asked(url, checkedLookup(rules), signal), signal)
      return await wholeOf(answer)
    } catch {
      return 'unreachable'
    }
  }
}

function asked(url: URL, lookup: LookupFunction, signal: AbortSignal): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const headers = { accept: '*/*', 'accept-encoding': 'identity' }
    // A connection of its own: a kept one would skip the look at the address.
    const outgoing = request(url, { headers, agent: false, lookup, signal }, resolve)
    outgoing.on('error', reject)
    outgoing.end()
  })
}

function checkedLookup(rules: NetworkRules): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      const refused = error ?? (found.every(({ address }) => mayAsk(rules, host, address)) ? undefined : outOfBounds)
      if (refused) callback(refused, '', 0)
      else if (options.all) callback(null, found)
      else callback(null, found[0]!.address, found[0]!.family)
    })
  }
}

const outOfBounds: NodeJS.ErrnoException = new Error('the host has an address that may not be asked')

async function wholeOf(answer: IncomingMessage): Promise<Uint8Array | 'unreachable' | 'too-large'> {
  const encoding = answer.headers['content-encoding'] ?? 'identity'
  const isFile = answer.statusCode === 200 && encoding === 'identity'
  const tooLarge = Number(answer.headers['content-length'] ?? 0) > file_bytes_max
  if (!isFile || tooLarge) {
    answer.destroy()
    return isFile ? 'too-large' : 'unreachable'
  }
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of answer as AsyncIterable<Uint8Array>) {
    bytes += chunk.length
    if (bytes > file_bytes_max) return 'too-large'
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** A name server that does not answer cannot be told to stop: its answer is no longer waited for. */
function abortable<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return Promise.race([
    work,
    new Promise<never>((_, reject) => {
      if (signal.aborted) reject(signal.reason)
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    }),
  ])
}
