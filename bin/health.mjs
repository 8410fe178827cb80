#!/usr/bin/env node
/**
 * Whether the node of this container is ready: exit 0 when it is, else 1. Run every few seconds, so it is plain JavaScript on
 * Node alone. It asks without TLS, then with it, as the gateway may have either, and whatever the certificate's name.
 */
import http from 'node:http'
import https from 'node:https'

const port = process.env.PARLEY_PORT ?? 4000

process.exitCode = (await isReady(http)) || (await isReady(https)) ? 0 : 1

function isReady(protocol) {
  return new Promise((resolve) => {
    protocol
      .get({ host: '127.0.0.1', port, path: '/readyz', rejectUnauthorized: false }, (answer) => {
        answer.resume()
        resolve(answer.statusCode === 200)
      })
      .on('error', () => resolve(false))
  })
}
