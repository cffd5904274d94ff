// An SMTP server that delivers nothing: it keeps mails in memory and shows them over HTTP, so that a test or a person at the
// demo can read the code that the identity server sent. Loopback only, no TLS, no authentication, plain Node >= 20.
//
//   node sink.mjs [smtp-port] [http-port]          or SMTP_PORT and SMTP_HTTP_PORT
//
//   GET    /health            {"status":"ok","mails":n}
//   GET    /mails[?to=…]      [{id, from, to: [...], subject, text, received}], oldest first; `to` is compared without case
//   DELETE /mails[?to=…]      forgets all, or the mails to one address
import http from 'node:http';
import net from 'node:net';
import { pathToFileURL } from 'node:url';
import { parseMail } from './mail.mjs';

const HOST = '127.0.0.1';
// A mail with a code is 2 KB; more than this is a mistake of the sender.
const MAX_MAIL_BYTES = 1024 * 1024;
// RFC 5321, 4.5.3.1.4 allows 512; long addresses in tests need a little more.
const MAX_LINE_BYTES = 4096;
// A whole test run sends a few hundred.
const MAX_MAILS = 1000;
// A sender that hangs must not keep the sink alive.
const IDLE_MS = 60_000;

/** Makes both servers; nothing listens yet. */
export function createSink() {
  const mails = [];
  let nextId = 1;
  const keep = (envelope, raw) => {
    mails.push({ id: nextId++, ...envelope, ...parseMail(raw), received: new Date().toISOString() });
    if (mails.length > MAX_MAILS) mails.shift();
  };
  return { smtp: net.createServer((socket) => converse(socket, keep)), api: http.createServer(api(mails)), mails };
}

function api(mails) {
  return (request, response) => {
    const answer = (status, body) => {
      response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
      response.end(body === undefined ? '' : JSON.stringify(body));
    };
    request.resume();
    const url = new URL(request.url, `http://${HOST}`);
    const to = url.searchParams.get('to')?.toLowerCase();
    const wanted = (mail) => to === undefined || mail.to.some((address) => address.toLowerCase() === to);
    if (url.pathname === '/health' && request.method === 'GET') return answer(200, { status: 'ok', mails: mails.length });
    if (url.pathname !== '/mails') return answer(404, { error: 'not found' });
    if (request.method === 'GET') return answer(200, mails.filter(wanted));
    if (request.method !== 'DELETE') return answer(405, { error: 'method not allowed' });
    mails.splice(0, mails.length, ...mails.filter((mail) => !wanted(mail)));
    return answer(204);
  };
}

/** One SMTP conversation (RFC 5321): the commands that a client without extensions needs, several mails a connection. */
function converse(socket, keep) {
  // Bytes stay bytes (latin1) until the mail's own charset is known.
  socket.setEncoding('latin1');
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  const say = (line) => socket.writable && socket.write(`${line}\r\n`);
  let pending = '';
  let from = '';
  let to = [];
  let data; // lines of the mail while DATA runs
  let size = 0;
  const reset = () => {
    from = '';
    to = [];
    data = undefined;
    size = 0;
  };

  const command = (line) => {
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === 'EHLO') return say('250-sink'), say('250-8BITMIME'), say(`250 SIZE ${MAX_MAIL_BYTES}`);
    if (verb === 'HELO') return say('250 sink');
    if (verb === 'NOOP') return say('250 ok');
    if (verb === 'RSET') return reset(), say('250 ok');
    if (verb === 'QUIT') return say('221 bye'), socket.end();
    const address = /^(?:MAIL FROM|RCPT TO):\s*<([^>]*)>/i.exec(line)?.[1];
    if (verb === 'MAIL' && address !== undefined) return reset(), (from = address), say('250 ok');
    if (verb === 'RCPT' && address) return to.push(address), say('250 ok');
    if (verb === 'DATA') return to.length ? ((data = []), say('354 end with a dot')) : say('503 no recipient');
    return say(verb === 'MAIL' || verb === 'RCPT' ? '501 syntax' : '502 not known here');
  };

  const content = (line) => {
    if (line === '.') {
      if (size > MAX_MAIL_BYTES) say('552 too large');
      else keep({ from, to }, data.join('\r\n')), say('250 kept');
      return reset();
    }
    size += line.length + 2;
    // A leading dot was doubled by the sender (RFC 5321, 4.5.2).
    if (size <= MAX_MAIL_BYTES) data.push(line.startsWith('.') ? line.slice(1) : line);
  };

  socket.on('data', (chunk) => {
    // After a goodbye the rest is read and dropped: closing over unread bytes resets the connection and loses the answer.
    if (!socket.writable) return;
    pending += chunk;
    let end;
    while ((end = pending.indexOf('\n')) >= 0) {
      const line = pending.slice(0, end).replace(/\r$/, '');
      pending = pending.slice(end + 1);
      if (data) content(line);
      else command(line);
    }
    if (pending.length > MAX_LINE_BYTES) say('500 line too long'), socket.end();
  });
  say('220 sink ready');
}

function listen(server, port, option) {
  return new Promise((resolve) => {
    server.once('error', (error) => {
      const text =
        error.code === 'EADDRINUSE'
          ? `port ${port} on ${HOST} is taken; stop the program that holds it or choose another with ${option}`
          : `cannot listen on ${HOST}:${port}: ${error.code ?? error.message}`;
      process.stderr.write(`smtp sink: ${text}\n`);
      process.exit(1);
    });
    server.listen(port, HOST, () => resolve(server.address().port));
  });
}

function portOf(text, name) {
  const port = Number(text);
  if (text !== '' && Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  process.stderr.write(`smtp sink: ${name} must be a port number (0 to 65535; 0 = any free one), found \`${text}\`\n`);
  process.exit(1);
}

async function main() {
  const smtpPort = portOf(process.argv[2] ?? process.env.SMTP_PORT ?? '0', 'SMTP_PORT');
  const httpPort = portOf(process.argv[3] ?? process.env.SMTP_HTTP_PORT ?? '0', 'SMTP_HTTP_PORT');
  const { smtp, api } = createSink();
  const sockets = new Set();
  smtp.on('connection', (socket) => sockets.add(socket.once('close', () => sockets.delete(socket))));
  const stop = () => {
    smtp.close();
    api.close();
    api.closeAllConnections();
    for (const socket of sockets) socket.destroy();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  const ready = {
    ready: true,
    smtp: await listen(smtp, smtpPort, 'SMTP_PORT'),
    http: await listen(api, httpPort, 'SMTP_HTTP_PORT'),
  };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
