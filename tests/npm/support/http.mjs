// A client that sends what it is told: `fetch` has fields and a reading of paths of its own.
import { request } from 'node:http';

/** `{ status, headers, text(), json() }`; redirects are not followed. */
export function send(url, { method = 'GET', headers = {}, body } = {}) {
  const [, host, port, path] = /^http:\/\/([^/:]+):(\d+)(.*)$/.exec(url);
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path: path || '/', method, headers: { host: `${host}:${port}`, ...headers } }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const fields = new Headers();
        for (let at = 0; at < response.rawHeaders.length; at += 2) fields.append(response.rawHeaders[at], response.rawHeaders[at + 1]);
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode, headers: fields, text: () => text, json: () => JSON.parse(text) });
      });
    });
    sent.on('error', reject);
    sent.setTimeout(30_000, () => sent.destroy(new Error(`no answer: ${url}`)));
    sent.end(body);
  });
}
