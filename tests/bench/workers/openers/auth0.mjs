import { RequestCookies } from 'auth0-cookies';
import { StatelessSessionStore } from 'auth0-store';

export default async ({ SECRET }) => {
  const store = new StatelessSessionStore({ secret: SECRET, rolling: true, cookieOptions: { secure: true } });
  return (cookie) => store.get(new RequestCookies(new Headers({ cookie })));
};
