/**
 * GET / and /assets/*: the console, as it was built at set-up; /desk, /try and so on lead to its pages; /favicon.ico: what
 * browsers ask for beside any page. Its files are read once and kept, compressed; they hold no data, so they need no token:
 * what they show is asked for with one.
 * Invariant: the page may load scripts from here only, and may be shown in no other page's frame.
 */
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { FastifyInstance } from 'fastify'

interface Page {
  type: string
  bytes: Buffer
  gzipped: Buffer
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** `dir` has `index.html` and `assets/`; without it `/` says what to do. */
export async function openConsoleDoor(app: FastifyInstance, dir: string | undefined): Promise<void> {
  const index = dir === undefined ? undefined : await pageAt(join(dir, 'index.html'))
  const names = index ? await readdir(join(dir!, 'assets')) : []
  const assets = new Map<string, Page>()
  for (const name of names) assets.set(name, (await pageAt(join(dir!, 'assets', name)))!)

  app.get('/', async (request, reply) => {
    reply.headers({ ...safety, 'cache-control': 'no-cache' })
    if (!index) return reply.code(404).type('text/plain; charset=utf-8').send(notBuilt)
    return send(index, request.headers['accept-encoding'], reply)
  })
  for (const page of pages) app.get(`/${page}`, (_request, reply) => reply.redirect(`/#/${page}`))
  app.get('/favicon.ico', async (_request, reply) =>
    reply.header('cache-control', 'public, max-age=86400').type('image/svg+xml').send(icon),
  )
  app.get('/assets/:name', async (request, reply) => {
    const asset = assets.get((request.params as { name: string }).name)
    if (!asset) return reply.callNotFound()
    reply.headers({ ...safety, 'cache-control': 'public, max-age=31536000, immutable' })
    return send(asset, request.headers['accept-encoding'], reply)
  })
}

/** What people type who do not know that a page's name stands behind `#`. */
const pages = ['conversations', 'try', 'desk', 'machines', 'fleet']

const notBuilt =
  'The console is not built on this machine: run npm run setup in the checkout, then start this node again.\n'

const icon =
  "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><rect width='32' height='32' rx='8' fill='#0f766e'/><path d='M9 10h14v9H15l-4 4v-4H9z' fill='white'/></svg>"

const safety = {
  'content-security-policy':
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'self'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
}

async function pageAt(path: string): Promise<Page | undefined> {
  const bytes = await readFile(path).catch(() => undefined)
  return bytes && { type: types[extname(path)] ?? 'application/octet-stream', bytes, gzipped: gzipSync(bytes) }
}

interface Reply {
  type(type: string): Reply
  header(name: string, value: string): Reply
  send(bytes: Buffer): unknown
}

function send({ type, bytes, gzipped }: Page, accepted: string | undefined, reply: Reply) {
  reply.type(type).header('vary', 'accept-encoding')
  return /\bgzip\b/.test(accepted ?? '') ? reply.header('content-encoding', 'gzip').send(gzipped) : reply.send(bytes)
}
