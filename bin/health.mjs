#!/usr/bin/env node
/**
 * Whether the node of this container is ready: exit 0 when it is, else 1. Run every few seconds, so it is plain JavaScript on
 * Node alone. It asks without TLS, then with it, as the gateway may have either, and whatever the certificate's name;
 * and where a node without a gateway is watched.
 */
import http from 'node:http'
import https from 'node:https'

const { PARLEY_PORT = 4000, PARLEY_WATCH_PORT } = process.env

const isSomewhere =
  (await isReady(http, PARLEY_PORT)) ||
  (await isReady(https, PARLEY_PORT)) ||
  (PARLEY_WATCH_PORT !== undefined && (await isReady(http, PARLEY_WATCH_PORT)))
process.exitCode = isSomewhere ? 0 : 1

function isReady(protocol, port) {
  return new Promise((resolve) => {
    protocol
      .get({ host: '127.0.0.1', port, path: '/readyz', rejectUnauthorized: false }, (answer) => {
        answer.resume()
        resolve(answer.statusCode === 200)
      })
      .on('error', () => resolve(false))
  })
}
