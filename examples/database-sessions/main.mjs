// Starts the app: PORT, SESSION_SECRET and ORIGIN_LOCK as the gate has them, DATABASE for the file.
import { createApp, openStore } from './app.mjs';

const { PORT = '3000', SESSION_SECRET, ORIGIN_LOCK, DATABASE = 'sessions.sqlite', FIRST_USER } = process.env;
for (const [name, value] of Object.entries({ SESSION_SECRET, ORIGIN_LOCK })) {
  if (!value || Buffer.byteLength(value) < 32) {
    process.stderr.write(`${name} needs 32 bytes or more\n`);
    process.exit(1);
  }
}
const store = openStore(DATABASE);
if (FIRST_USER) store.addUser(...FIRST_USER.split(':', 2));
createApp({ store, secret: SESSION_SECRET, lock: ORIGIN_LOCK }).listen(Number(PORT), '127.0.0.1');
