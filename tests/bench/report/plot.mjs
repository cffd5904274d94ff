// Horizontal bars as SVG, readable in light and dark, without a script.

const [LABEL, WIDTH, BAR, GAP, LEFT_OVER] = [300, 400, 12, 10, 90];
const LEGEND = 12;
const TONES = [['#0b6e4f', '#4cc38a'], ['#4f9d83', '#3a8f6b'], ['#a9d0c2', '#2b5f4b'], ['#b4532a', '#f0a37c']];

const escaped = (text) => text.replace(/[<&>]/g, (mark) => ({ '<': '&lt;', '&': '&amp;', '>': '&gt;' })[mark]);
const number = (value) => (value < 10 ? value.toFixed(1) : String(Math.round(value)));

/**
 * @param title what the numbers are, with their unit
 * @param groups `[label, { series: value }]`, every group with the same series
 */
export function bars(title, groups) {
  const series = Object.keys(groups[0][1]);
  const most = Math.max(...groups.flatMap(([, values]) => Object.values(values)));
  const high = series.length * BAR + GAP;
  const top = series.length > 1 ? 56 : 36;
  const drawn = groups.flatMap(([label, values], n) => {
    const y = top + n * high;
    const text = `<text x="${LABEL - 8}" y="${y + (series.length * BAR) / 2 + 4}" text-anchor="end">${escaped(label)}</text>`;
    return [text, ...series.map((name, at) => {
      const long = Math.max(1, (values[name] / most) * WIDTH);
      const middle = y + at * BAR;
      return `<rect class="s${at}" x="${LABEL}" y="${middle}" width="${long.toFixed(1)}" height="${BAR - 2}"/><text class="n" x="${LABEL + long + 5}" y="${middle + BAR - 3}">${number(values[name])}</text>`;
    })];
  });
  const legend = series.length > 1 ? series.map((name, at) => `<rect class="s${at}" x="${LEGEND + at * 190}" y="32" width="10" height="10"/><text x="${LEGEND + at * 190 + 15}" y="41">${escaped(name)}</text>`) : [];
  const [width, height] = [LABEL + WIDTH + LEFT_OVER, top + groups.length * high];
  const tones = (which) => TONES.map((pair, at) => `.s${at}{fill:${pair[which]}}`).join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">
<style>svg{font:12px system-ui,sans-serif}rect.b{fill:#fff}text{fill:#1b1f24}.n{font-size:10px}${tones(0)}@media(prefers-color-scheme:dark){rect.b{fill:#0f1318}text{fill:#e6e9ee}${tones(1)}}</style>
<rect class="b" width="${width}" height="${height}" rx="6"/>
<text x="12" y="22" font-weight="600">${escaped(title)}</text>
${[...legend, ...drawn].join('\n')}
</svg>
`;
}
