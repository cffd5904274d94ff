// The same decision as an app writes it with a library: the guide's optimistic check.

import { OPENERS } from './openers.mjs';

let opener;

export default {
  async fetch(request, env) {
    opener ??= await OPENERS[env.FORMAT](env);
    const { pathname } = new URL(request.url);
    if (pathname.startsWith('/public/')) return new Response('ok');
    const cookie = request.headers.get('cookie');
    const session = cookie && (await opener(cookie).catch(() => undefined));
    if (session) return new Response('ok');
    return Response.redirect(new URL(`/login?return_to=${encodeURIComponent(pathname)}`, request.url), 302);
  },
};
