// Reads one mail as far as a test needs it: subject and readable text (RFC 5322, 2045-2047). Input is a latin1 string, one
// character per byte. Broken input gives what can be read of it, never an exception.

// A sender cannot make this recurse without bound.
const MAX_DEPTH = 4;

/** `{ subject, text }` of a raw mail; text/plain is preferred to text/html, which is shown without its tags. */
export function parseMail(raw) {
  const mail = split(raw);
  const parts = flatten(mail, 0);
  const plain = parts.find((part) => part.type === 'text/plain') ?? parts.find((part) => part.type.startsWith('text/'));
  const text = plain === undefined ? '' : plain.type === 'text/html' ? untag(plain.text) : plain.text;
  return { subject: decodeWords(mail.fields.get('subject') ?? ''), text: text.replaceAll('\r\n', '\n').trim() };
}

function split(raw) {
  const [, head, body] = /^([\s\S]*?)\r?\n\r?\n([\s\S]*)$/.exec(raw) ?? [raw, raw, ''];
  const fields = new Map();
  for (const line of head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return { fields, body };
}

function flatten({ fields, body }, depth) {
  const field = fields.get('content-type') ?? 'text/plain';
  const type = field.split(';', 1)[0].trim().toLowerCase();
  const boundary = parameter(field, 'boundary');
  if (type.startsWith('multipart/') && boundary && depth < MAX_DEPTH) {
    const pieces = `\r\n${body}`.split(`\r\n--${boundary}`).slice(1);
    return pieces.filter((piece) => !piece.startsWith('--')).flatMap((piece) => flatten(split(piece.replace(/^\s*?\r?\n/, '')), depth + 1));
  }
  const bytes = decodeTransfer(body, (fields.get('content-transfer-encoding') ?? '').toLowerCase());
  return [{ type, text: decodeCharset(bytes, parameter(field, 'charset')) }];
}

function parameter(field, name) {
  const match = new RegExp(`;\\s*${name}\\s*=\\s*(?:"([^"]*)"|([^\\s;]+))`, 'i').exec(field);
  return match?.[1] ?? match?.[2];
}

function decodeTransfer(body, encoding) {
  if (encoding === 'base64') return Buffer.from(body, 'base64');
  if (encoding === 'quoted-printable') return Buffer.from(unquote(body.replace(/=[ \t]*\r?\n/g, '')), 'latin1');
  return Buffer.from(body, 'latin1');
}

const unquote = (text) => text.replace(/=([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));

function decodeCharset(bytes, charset = 'utf-8') {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}

/** Encoded words of a header field (RFC 2047); the space between two of them is not part of the text. */
function decodeWords(text) {
  return text.replace(/\?=\s+=\?/g, '?==?').replace(/=\?([^?]+)\?([bq])\?([^?]*)\?=/gi, (_, charset, encoding, word) =>
    decodeCharset(
      encoding.toLowerCase() === 'b' ? Buffer.from(word, 'base64') : Buffer.from(unquote(word.replaceAll('_', ' ')), 'latin1'),
      charset,
    ),
  );
}

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", nbsp: ' ' };

function untag(html) {
  return html
    .replace(/<(style|script)[\s\S]*?<\/\1>/gi, '')
    .replace(/<(br|\/p|\/div|\/tr)\b[^>]*>/gi, '\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (_, name) => ENTITIES[name]);
}
