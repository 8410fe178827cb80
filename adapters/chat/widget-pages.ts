/**
 * The widget as browsers load it: `/widget.js` (bundled once a process), its languages, and the demonstration page `/shop`.
 * Open to everybody: nothing in them is secret.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { FastifyInstance } from 'fastify'

const folder = join(import.meta.dirname, 'widget')

/** `shopApp` is the asset that `/shop` chats with; without one there is no such page. */
export function openWidgetPages(app: FastifyInstance, shopApp: string | undefined): void {
  let bundled: Promise<string> | undefined
  app.get('/widget.js', async (_request, reply) => {
    bundled ??= widgetScript()
    return reply
      .type('text/javascript; charset=utf-8')
      .headers(anybody)
      .send(await bundled)
  })
  app.get('/widget/:language', async (request, reply) => {
    const [, language] = /^([a-z]{2,3})\.json$/.exec((request.params as { language: string }).language) ?? []
    const texts = language && (await readFile(join(folder, 'texts', `${language}.json`), 'utf8').catch(() => undefined))
    if (!texts) return reply.callNotFound()
    return reply.type('application/json; charset=utf-8').headers(anybody).send(texts)
  })
  if (shopApp === undefined) return
  app.get('/shop', async (_request, reply) => {
    const page = await readFile(join(folder, 'shop.html'), 'utf8')
    return reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', shopPolicy)
      .send(page.replace('{app}', encodeURIComponent(shopApp)))
  })
}

/** What a shop has to allow for the widget: its script, its requests and its styles; pictures are the customer's own. */
const shopPolicy =
  "default-src 'none'; script-src 'self'; connect-src 'self' ws: wss:; style-src 'unsafe-inline'; img-src 'self' data: blob:; frame-ancestors 'none'"

const anybody = { 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=300' }

/** One file for every browser since 2022, without a word to spare. */
export async function widgetScript(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(folder, 'parley-chat.js')],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    logLevel: 'silent',
  })
  return outputFiles[0]!.text
}
