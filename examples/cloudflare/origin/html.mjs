// HTML as tagged templates: every value is escaped unless it was made by `html` itself.

class Html {
  constructor(text) {
    this.text = text;
  }
  toString() {
    return this.text;
  }
}

const ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Escapes text for element content and for quoted attribute values. */
export const escape = (value) => String(value).replace(/[&<>"']/g, (character) => ESCAPES[character]);

/** ``html`<p>${user}</p>` ``: lists are joined; `false`, `null` and `undefined` give nothing. */
export function html(strings, ...values) {
  return new Html(strings.reduce((text, string, index) => text + render(values[index - 1]) + string));
}

function render(value) {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(render).join('');
  return value === false || value === null || value === undefined ? '' : escape(value);
}

/** Attributes of one element: `true` gives the bare name, `false`, `null` and `undefined` leave it out. */
export function attributes(list) {
  const present = Object.entries(list).filter(([, value]) => value !== false && value !== null && value !== undefined);
  return new Html(present.map(([name, value]) => (value === true ? ` ${name}` : ` ${name}="${escape(value)}"`)).join(''));
}
