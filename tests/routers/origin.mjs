// One origin: `node origin.mjs express|hono <port> [catch]`. Every page answers `PAGE <its name>`.
import { catchAll, pages } from './pages.mjs'

const [kind, port, withCatchAll] = process.argv.slice(2)
const all = withCatchAll ? [...pages, catchAll] : pages

if (kind === 'express') {
  const { default: express } = await import('express')
  const app = express()
  for (const { page, express: path } of all) app.get(path, (_, res) => res.type('text').send(`PAGE ${page} `))
  app.listen(Number(port), '127.0.0.1')
} else {
  const { Hono } = await import('hono')
  const { serve } = await import('@hono/node-server')
  const app = new Hono()
  for (const { page, hono: path } of all) app.get(path, (c) => c.text(`PAGE ${page} `))
  serve({ fetch: app.fetch, port: Number(port), hostname: '127.0.0.1' })
}
