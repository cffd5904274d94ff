// An origin behind the gate: it says who you are.

import http from 'node:http';

import { verifier } from './verify.mjs';

const { PORT = '0', EDGEWARD_AUDIENCE: audience, EDGEWARD_JWKS, EDGEWARD_ASSERTION_SECRET: secret } = process.env;
const verify = verifier({ audience, jwks: EDGEWARD_JWKS && JSON.parse(EDGEWARD_JWKS), secret });

const server = http.createServer(async (request, response) => {
  try {
    const { sub, roles = [] } = await verify(request.headers['x-edgeward-assertion'] ?? '');
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ sub, roles }));
  } catch {
    response.writeHead(401).end();
  }
});
server.listen(Number(PORT), '127.0.0.1', () => console.log(JSON.stringify({ ready: true, port: server.address().port })));
