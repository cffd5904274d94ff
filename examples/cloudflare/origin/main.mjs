// Starts the origin from its environment; README.md in tests/live lists the variables. One JSON line says that it is ready.
import { createOrigin } from './server.mjs';

const HOST = '127.0.0.1';
const MIN_SECRET_BYTES = 32;

function stop(text) {
  process.stderr.write(`origin: ${text}\n`);
  process.exit(1);
}

function required(name) {
  return process.env[name] || stop(`${name} is not set`);
}

function secret(name) {
  const value = required(name);
  if (Buffer.byteLength(value) < MIN_SECRET_BYTES) stop(`${name} needs ${MIN_SECRET_BYTES} bytes or more`);
  return value;
}

function url(name) {
  const value = required(name);
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol) ? value : stop(`${name} must be an http(s) URL`);
}

const port = Number(required('PORT'));
if (!Number.isInteger(port) || port < 0 || port > 65_535) stop('PORT must be a port number (0 to 65535; 0 = any free one)');

const server = createOrigin({
  lock: secret('EDGEWARD_ORIGIN_LOCK'),
  secret: secret('EDGEWARD_ASSERTION_SECRET'),
  audience: required('EDGEWARD_ASSERTION_AUDIENCE'),
  kratosUrl: url('KRATOS_PUBLIC_URL'),
  mailUrl: process.env.DEMO_MAIL_URL ? url('DEMO_MAIL_URL') : undefined,
  testEndpoints: process.env.EDGEWARD_TEST_ORIGIN === '1',
});
server.once('error', (error) =>
  stop(error.code === 'EADDRINUSE' ? `port ${port} on ${HOST} is taken; stop the program that holds it or choose another with PORT` : `cannot listen on ${HOST}:${port}: ${error.code ?? error.message}`),
);
server.listen(port, HOST, () => process.stdout.write(`${JSON.stringify({ ready: true, port: server.address().port })}\n`));
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => {
    server.close();
    server.closeAllConnections();
  });
}
