// HTTP clients that send what they are told to: nothing is normalised, nothing is followed.

import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';

const PATIENCE_MS = 40_000;

/**
 * One request to a port of loopback on a connection of its own.
 *
 * @param {{ port: number, method?: string, target?: string, headers?: [string, string][], body?: string | Buffer }} request
 * @returns {Promise<Answer>} status, headers (lower case, the first of a name), cookies (every `Set-Cookie`), body, text, json, ms
 */
export async function ask({ port, method = 'GET', target = '/', headers = [], body }) {
  const begun = Date.now();
  const response = await open({ port, method, target, headers, body });
  const chunks = [];
  for await (const chunk of response) chunks.push(chunk);
  return new Answer(response, Buffer.concat(chunks), Date.now() - begun);
}

/** The same, with the response as a stream: for what is too large to hold, or is given up half-way. */
export async function open({ port, method = 'GET', target = '/', headers = [], body }) {
  const named = headers.some(([name]) => name.toLowerCase() === 'host') ? headers : [['Host', `127.0.0.1:${port}`], ...headers];
  const request = http.request({ host: '127.0.0.1', port, method, path: target, headers: named.flat(), agent: false, timeout: PATIENCE_MS });
  request.on('timeout', () => request.destroy(new Error(`no answer within ${PATIENCE_MS} ms`)));
  if (body?.pipe) body.pipe(request);
  else request.end(body);
  const answered = once(request, 'response');
  // What goes wrong after the head is the response's to tell.
  request.on('error', () => {});
  const [response] = await answered;
  response.request = request;
  return response;
}

/** Bytes on a socket, and the one response to them; `undefined` when the connection ends without any. */
export async function wire(port, bytes) {
  const socket = net.connect(port, '127.0.0.1');
  const chunks = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', () => {});
  socket.setTimeout(PATIENCE_MS, () => socket.destroy());
  socket.write(Buffer.from(bytes, 'latin1'));
  await once(socket, 'close');
  return parse(Buffer.concat(chunks));
}

function parse(bytes) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [line, ...fields] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const rawHeaders = fields.flatMap((field) => [field.slice(0, field.indexOf(':')), field.slice(field.indexOf(':') + 1).trim()]);
  return new Answer({ statusCode: Number(line.split(' ')[1]), rawHeaders }, bytes.subarray(end + 4));
}

/** A response as it came. */
export class Answer {
  constructor({ statusCode, rawHeaders }, body, ms) {
    Object.assign(this, { status: statusCode, headers: {}, cookies: [], body, ms });
    for (let index = 0; index < rawHeaders.length; index += 2) {
      const name = rawHeaders[index].toLowerCase();
      if (name === 'set-cookie') this.cookies.push(rawHeaders[index + 1]);
      else this.headers[name] ??= rawHeaders[index + 1];
    }
  }

  get text() {
    return this.body.toString('utf8');
  }

  get json() {
    return JSON.parse(this.text);
  }
}

export { freePort } from '../../support/port.mjs';
