// What Next.js is told of a decision, through the response of whichever middleware speaks last. It needs no gate.

const OVERRIDES = 'x-middleware-override-headers';
const FIELD = 'x-middleware-request-';

/** Any other middleware's response with the gate's edits, of the request that the app sees and of the response. */
export function apply(decision, response = new Response(null, { headers: { 'x-middleware-next': '1' } })) {
  if (decision.action === 'respond') return decision.response;
  const { onward, request } = decision;
  const { append } = onward.finish(response.status, response.headers);
  const headers = new Headers(response.headers);
  for (const [name, value] of append) headers.append(name, value);
  if (goesOn(headers)) override(headers, onward, request);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

const goesOn = (headers) => headers.has('x-middleware-next') || headers.has('x-middleware-rewrite');

/** The request's fields as another middleware left them, with ours: Next.js drops every field that is not listed. */
function override(headers, onward, request) {
  const listed = headers.get(OVERRIDES);
  const before = new Headers(listed === null ? request.headers : undefined);
  for (const name of listed?.split(',') ?? []) {
    const value = headers.get(FIELD + name.trim());
    if (value !== null) before.set(name.trim(), value);
  }
  const names = [...headers.keys()].filter((name) => name.startsWith(FIELD));
  for (const name of names) headers.delete(name);
  const after = onward.edited(before);
  headers.set(OVERRIDES, [...after.keys()].join(','));
  after.forEach((value, name) => headers.set(FIELD + name, value));
}
