import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initPath, toPath } from './paths.mjs';

const PATHS = [
  ['http://localhost:8787/self-service/login?flow=1', '/self-service/login?flow=1'],
  ['https://app.example.com/settings#totp', '/settings#totp'],
  ['/login', '/login'],
  ['http://localhost:8787', '/'],
  ['http://h//evil.example/x', undefined],
  ['http://h/\\evil.example', undefined],
  ['http://h/.//evil.example', undefined],
  ['//evil.example/x', '/x'],
  ['javascript:alert(1)', undefined],
  ['data:text/html,x', undefined],
  ['mailto:a@b', undefined],
  ['http://u:p@h/x', undefined],
  ['http://[', undefined],
  [undefined, undefined],
  [{}, undefined],
];
for (const [url, path] of PATHS) test(`toPath ${url}`, () => assert.equal(toPath(url), path));

const INITS = [
  ['', '/self-service/login/browser'],
  ['return_to=/a?b%26c', '/self-service/login/browser?return_to=%2Fa%3Fb%26c'],
  ['aal=aal2&refresh=true&other=1', '/self-service/login/browser?aal=aal2&refresh=true'],
  ['return_to=a&return_to=b', '/self-service/login/browser?return_to=a'],
  ['return_to=%0d%0aSet-Cookie:x', '/self-service/login/browser?return_to=%0D%0ASet-Cookie%3Ax'],
];
for (const [query, path] of INITS) test(`init ?${query}`, () => assert.equal(initPath('login', new URLSearchParams(query)), path));
