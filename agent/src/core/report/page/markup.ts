/** Text for HTML, where whatever a host said must stay text (quotes too: it may stand in an attribute). */
export function asText(text: string): string {
  if (!/[&<>"']/.test(text)) return text; // nearly all of a page
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** A cell that is markup already. */
export type Markup = { readonly html: string };
export const raw = (html: string): Markup => ({ html });

/** What may stand in `html`: text is escaped, markup is not, nothing is left out. */
export type Content = string | number | Markup | null | undefined | false | readonly Content[];

/** Markup of a template in which every value is escaped unless it is markup itself. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  let text = parts[0] ?? '';
  for (const [at, value] of values.entries()) text += contentText(value) + (parts[at + 1] ?? '');
  return { html: text };
}

function contentText(content: Content): string {
  if (typeof content === 'string') return asText(content);
  if (content === null || content === undefined || content === false) return '';
  if (typeof content === 'number') return String(content);
  return 'html' in content ? content.html : content.map(contentText).join('');
}

const cell = (content: string | Markup) =>
  typeof content === 'string' ? asText(content) : content.html;

/** A table with a head; a sentence where it has no rows. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | Markup)[])[],
  none: string,
): string {
  if (rows.length === 0) return `<p class="none">${asText(none)}</p>\n`;
  const line = (cells: readonly (string | Markup)[]) =>
    `<tr>${cells.map((content) => `<td>${cell(content)}</td>`).join('')}</tr>`;
  return `<table>
<thead><tr>${head.map((title) => `<th scope="col">${asText(title)}</th>`).join('')}</tr></thead>
<tbody>
${rows.map(line).join('\n')}
</tbody>
</table>
`;
}

/** `2026-11-22 09:30:00` in UTC, as every time of the page. */
export function timeText(time: string | number): string {
  return new Date(time).toISOString().slice(0, 19).replace('T', ' ');
}

/** Seconds in the two largest units: `3 d 4 h`, `12 min 5 s`. */
export function durationText(seconds: number): string {
  const units: [name: string, size: number][] = [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
    ['s', 1],
  ];
  let rest = Math.round(seconds);
  const parts = units.flatMap(([name, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count > 0 ? [`${count} ${name}`] : [];
  });
  return parts.slice(0, 2).join(' ') || '0 s';
}

/** A share as a percentage that says 100 % only of all, and 0 % only of none. */
export function shareText(part: number, whole: number): string {
  if (whole <= 0) return '–';
  const percent = (part / whole) * 100;
  if (part === whole || part === 0) return `${percent} %`;
  return `${Math.min(99.99, Math.max(0.01, percent)).toFixed(2)} %`;
}
