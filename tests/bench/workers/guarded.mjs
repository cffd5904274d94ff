// The same decision as an app writes it with a library: the guide's optimistic check.

import opener from 'opener';

let library;

export default {
  async fetch(request, env) {
    library ??= await opener(env);
    const { pathname } = new URL(request.url);
    if (pathname.startsWith('/public/')) return new Response('ok');
    const cookie = request.headers.get('cookie');
    const session = cookie && (await library(cookie).catch(() => undefined));
    if (session) return new Response('ok');
    return Response.redirect(new URL(`/login?return_to=${encodeURIComponent(pathname)}`, request.url), 302);
  },
};
