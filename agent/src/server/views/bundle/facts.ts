import { html, type Markup } from '../../../core/report/page/markup.ts';
import type { Json } from '../../../wire/primitives.ts';
import { below, signed } from './signed.ts';

/** No page lists more facts; the raw bytes have all. */
const MOST = 400;

type Leaf = { readonly pointer: string; readonly value: Json };

/** Every value of two states side by side, and which of them changed. `skip` names fields shown elsewhere. */
export function factsTable({
  before,
  after,
  skip,
}: {
  before: Json;
  after: Json;
  skip: readonly string[];
}): Markup {
  const [first, second] = [leaves(before, skip), leaves(after, skip)];
  const names = [...new Set([...first.keys(), ...second.keys()])];
  if (names.length === 0) return html`<p class="none">It says nothing beyond what is above.</p>`;
  const [old, now] = [first.size > 0, second.size > 0];
  const rows = names.slice(0, MOST).map((name) => {
    const [was, is] = [first.get(name), second.get(name)];
    const changed = old && now && JSON.stringify(was?.value) !== JSON.stringify(is?.value);
    return html`<tr${changed && html` class="changed"`}><th scope="row"><code>${name}</code></th>
${old && html`<td>${cell('/pre_state', was)}</td>`}${now && html`<td>${cell('/post_state', is)}</td>`}${old && now && html`<td>${changed ? 'changed' : ''}</td>`}</tr>
`;
  });
  return html`<table class="facts"><thead><tr><th scope="col">Fact</th>${old && html`<th scope="col">Before</th>`}${now && html`<th scope="col">${old ? 'After' : 'Found'}</th>`}${old && now && html`<th scope="col"><span class="hidden">Changed</span></th>`}</tr></thead>
<tbody>
${rows}</tbody></table>
${names.length > MOST && html`<p>${names.length - MOST} more are in the raw bytes.</p>`}`;
}

const cell = (state: string, leaf: Leaf | undefined): Markup =>
  leaf === undefined
    ? html`<span class="none">–</span>`
    : html`<code>${signed(state + leaf.pointer, leaf.value)}</code>`;

/** Values by where they stand, as `facts.units.0.state`; an empty list or object is a value. */
function leaves(state: Json, skip: readonly string[]): Map<string, Leaf> {
  const found = new Map<string, Leaf>();
  const walk = (value: Json, pointer: string, name: string): void => {
    if (skip.includes(pointer)) return;
    const inside = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    for (const [part, each] of inside)
      walk(each, below(pointer, part), name === '' ? part : `${name}.${part}`);
    if (inside.length === 0 && pointer !== '') found.set(name, { pointer, value });
  };
  walk(state, '', '');
  return found;
}
