// Numbers and tables as the documents show them.

export const one = (number) => (Math.abs(number) < 10 ? number.toFixed(1) : Math.round(number).toLocaleString('en'));
export const two = (number) => (Math.abs(number) < 10 ? number.toFixed(2) : one(number));
export const whole = (number) => Math.round(number).toLocaleString('en');
/** The median, with the least and the most. */
export const range = ({ min, median, max }) => `${one(median)} (${one(min)} to ${one(max)})`;
export const times = (ratio) => `${two(ratio)} ×`;

/** A table; numbers stand on the right, words on the left. */
export function table(head, rows, words = 1) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, at) => (at < words ? '---' : '---:'))), ...rows.map(line)].join('\n');
}
