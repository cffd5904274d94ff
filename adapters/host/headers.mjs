// Header fields in the platform's form. An object costs a third of a list of pairs, but has each name once.

/** Fields for `new Response` or `fetch`, and those whose names came before. */
function split(pairs) {
  const [fields, again] = [Object.create(null), []];
  for (const pair of pairs) {
    if (pair[0] in fields) again.push(pair);
    else fields[pair[0]] = pair[1];
  }
  return [fields, again];
}

/** A response with these fields, repeated names kept apart. */
export function response(body, status, pairs) {
  const [headers, again] = split(pairs);
  const made = new Response(body, { status, headers });
  for (const [name, value] of again) made.headers.append(name, value);
  return made;
}

/** What `fetch` takes as `headers`. */
export function fields(pairs) {
  const [headers, again] = split(pairs);
  return again.length === 0 ? headers : new Headers(pairs);
}

/** A response in the place of `held`, with the gate's edits of its head. */
export function rewritten(held, status, removed, appended, body, upgrade = false) {
  const headers = new Headers(held?.headers);
  for (const name of removed) headers.delete(name);
  for (const [name, value] of appended) headers.append(name, value);
  const init = { status, headers };
  if (held && status === held.status) init.statusText = held.statusText;
  if (upgrade) init.webSocket = held.webSocket;
  return new Response(body, init);
}
