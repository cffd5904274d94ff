// `Set-Cookie` lines of our own as data, for frameworks that want name and attributes apart.

/** What `cookies().set` of Next.js takes; as text it is the line. */
export function parse(line) {
  const [pair, ...attributes] = line.split('; ');
  const at = pair.indexOf('=');
  const cookie = { name: pair.slice(0, at), value: pair.slice(at + 1) };
  for (const attribute of attributes) {
    const [name, value] = attribute.split('=');
    const lower = name.toLowerCase();
    if (lower === 'max-age') cookie.maxAge = Number(value);
    else if (lower === 'expires') cookie.expires = new Date(value);
    else if (lower === 'samesite') cookie.sameSite = value.toLowerCase();
    else if (lower === 'path' || lower === 'domain') cookie[lower] = value;
    else if (lower === 'secure') cookie.secure = true;
    else if (lower === 'httponly') cookie.httpOnly = true;
  }
  return Object.defineProperty(cookie, 'toString', { value: () => line });
}
