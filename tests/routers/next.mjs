// Writes a Next.js app with the pages: `node next.mjs <folder> app|pages [catch [proxy|middleware]]`, the last with the gate inside.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { catchAll, pages } from './pages.mjs'
import { debug, hostsOf, routesOf, session } from './rules.mjs'

const [folder, kind, withCatchAll, shell] = process.argv.slice(2)
const all = withCatchAll ? [...pages, catchAll] : pages
const write = (path, text) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

rmSync(folder, { recursive: true, force: true })
write('package.json', '{ "private": true }')
// Of the four with the gate inside, two ask Next.js for targets as they came, and two leave that as it is out of the box.
const asItCame = shell && (kind === 'app') === (shell === 'proxy')
const settings = {
  ...(kind === 'app' ? {} : { i18n: { locales: ['en', 'de'], defaultLocale: 'en' } }),
  ...(asItCame ? { [shell === 'proxy' ? 'skipProxyUrlNormalize' : 'skipMiddlewareUrlNormalize']: true } : {}),
}
write('next.config.mjs', `export default ${JSON.stringify(settings)}\n`)
if (kind === 'app') {
  write('app/layout.jsx', 'export default ({ children }) => <html><body>{children}</body></html>\n')
  for (const { page, next } of all) {
    write(join('app', next, 'page.jsx'), `export const dynamic = 'force-dynamic'\nexport default () => <p>{'PAGE ${page} '}</p>\n`)
  }
} else {
  for (const { page, next } of all) {
    write(join('pages', next, 'index.jsx'), `export default ({ name }) => <p>{name}</p>
export const getServerSideProps = () => ({ props: { name: 'PAGE ${page} ' } })\n`)
  }
}
if (shell) {
  const name = basename(folder)
  const document = {
    public_origins: hostsOf(name).map((host) => `http://${host}`),
    default: 'public',
    ...(kind === 'pages' ? { locales: ['en', 'de'] } : {}),
    session,
    debug,
    routes: routesOf(name),
  }
  write(`${shell}.js`, `import { edgeward } from 'edgeward/next'
export default edgeward(${JSON.stringify(document)})
export const config = { matcher: '/:path*' }
`)
}
