// What goes out when there is no gate to ask. The gate itself writes these answers, once, when it is built; this keeps
// them as bytes and fills in the request id.

import { response } from './headers.mjs';
import { requestId } from './random.mjs';

const REQUEST_ID = '{request-id}';

/** For a gate that never stood, which could not write any. */
const BARE = {
  status: 503,
  event: `{"request_id":"${REQUEST_ID}","code":"gate.trapped","action":"respond","status":503}`,
  headers: [
    ['cache-control', 'private, no-store'],
    ['vary', 'Cookie'],
    ['content-type', 'application/problem+json'],
  ],
  body: `{"type":"about:blank","title":"The gate has a fault","status":503,"code":"gate.trapped","request_id":"${REQUEST_ID}"}`,
};

const answers = new Map();

/** Keeps the answers that a new gate wrote. */
export function keep(frame) {
  for (let left = frame.number(); left > 0; left -= 1) {
    const key = frame.text() + frame.text();
    const [status, event] = [frame.number(), frame.text()];
    answers.set(key, { status, event, headers: frame.pairs(), body: frame.text() });
  }
}

/** The answer for a code, as a page for people and a problem document for programs; logged. */
export function fail(request, code, log) {
  const html = request.headers.get('accept')?.includes('text/html') ? '1' : '0';
  const { status, event, headers, body } = answers.get(code + html) ?? BARE;
  const id = requestId();
  log(event.replaceAll(REQUEST_ID, id));
  return response(request.method === 'HEAD' ? null : body.replaceAll(REQUEST_ID, id), status, headers);
}
