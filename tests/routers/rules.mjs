// Rules for the pages of an origin, under one host more than there are pages.
//
// On `localhost` each page asks for a role of its own, which bears its name. On the host of a page, that page alone asks for a session and
// everything else is public: nothing but the reading of the path stands between nobody and the page.

import { catchAll, pages } from './pages.mjs'

/** The pages of an origin, in the order of its rules. */
export const pagesOf = (name) => [...pages, ...(name.includes('-catch') ? [catchAll] : [])].map(({ page }) => page)

/** The host of a page. */
export const alone = (name, page) => `only-${pagesOf(name).indexOf(page)}.localhost`

export const hostsOf = (name) => ['localhost', ...pagesOf(name).map((page) => alone(name, page))]

export const routesOf = (name) => [
  ...pagesOf(name).map((page) => ({ host: alone(name, page), path: page, require: 'session' })),
  ...pagesOf(name).map((page) => ({ host: 'localhost', path: page, require: { any: [{ role: page }] }, overrides: true })),
]

/** What a document says beside its origins and secrets. */
export const session = { format: 'edgeward', secrets: [{ env: 'SESSION_SECRET' }], roles: '/roles' }
export const debug = { secret: { env: 'DEBUG_SECRET' } }
