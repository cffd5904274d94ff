import { getSession, seal, clear } from '../../session';

export async function GET(request: Request) {
  return Response.json(await getSession(request, { any: [{ role: 'admin' }] }));
}

export async function POST(request: Request) {
  const response = Response.json({});
  for (const cookie of await seal({ sub: 'made', roles: ['admin'] }, request)) response.headers.append('set-cookie', String(cookie));
  return response;
}

export async function DELETE(request: Request) {
  const response = Response.json({});
  for (const cookie of await clear(request)) response.headers.append('set-cookie', String(cookie));
  return response;
}
