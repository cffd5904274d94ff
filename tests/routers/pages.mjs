// The pages of every measured origin, most specific first. `next` is the folder of Next.js.
export const pages = [
  { page: '/', express: '/', hono: '/', next: '' },
  { page: '/about', express: '/about', hono: '/about', next: 'about' },
  { page: '/admin', express: '/admin', hono: '/admin', next: 'admin' },
  { page: '/admin/users', express: '/admin/users', hono: '/admin/users', next: 'admin/users' },
  { page: '/admin/:path+', express: '/admin/*path', hono: '/admin/:path{.+}', next: 'admin/[...path]' },
  { page: '/projects/:id/settings', express: '/projects/:id/settings', hono: '/projects/:id/settings', next: 'projects/[id]/settings' },
  { page: '/projects/:id', express: '/projects/:id', hono: '/projects/:id', next: 'projects/[id]' },
  { page: '/files/:path+', express: '/files/*path', hono: '/files/*', next: 'files/[...path]' },
  { page: '/docs', express: '/docs', hono: '/docs', next: 'docs' },
  { page: '/docs/:path+', express: '/docs/*path', hono: '/docs/*', next: 'docs/[...path]' },
  { page: '/Mixed', express: '/Mixed', hono: '/Mixed', next: 'Mixed' },
]
export const catchAll = { page: '/:rest+', express: '/*rest', hono: '*', next: '[...rest]' }
/** A path of each page. */
export const plain = {
  '/': '/',
  '/about': '/about',
  '/admin': '/admin',
  '/admin/users': '/admin/users',
  '/admin/:path+': '/admin/x/y',
  '/projects/:id/settings': '/projects/12/settings',
  '/projects/:id': '/projects/12',
  '/files/:path+': '/files/a/b',
  '/docs': '/docs',
  '/docs/:path+': '/docs/a',
  '/Mixed': '/Mixed',
  '/:rest+': '/elsewhere/z',
}
