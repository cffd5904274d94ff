// Writes a Next.js app with the pages: `node next.mjs app|pages <folder> [catch]`.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { catchAll, pages } from './pages.mjs'

const [kind, folder, withCatchAll] = process.argv.slice(2)
const all = withCatchAll ? [...pages, catchAll] : pages
const write = (path, text) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

rmSync(folder, { recursive: true, force: true })
write('package.json', '{ "private": true }')
write('next.config.mjs', `export default ${kind === 'app' ? '{}' : "{ i18n: { locales: ['en', 'de'], defaultLocale: 'en' } }"}\n`)
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
