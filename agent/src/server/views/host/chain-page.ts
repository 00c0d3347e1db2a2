import { html, type Markup } from '../../../core/report/page/markup.ts';
import type { Bundle } from '../../../wire/evidence.ts';
import type { StoredBundle } from '../../store/store.ts';
import { outcomeTag, time } from '../parts.ts';

export const CHAIN_ROWS = 100;

/** Every bundle of a chain by its number, attestations too, and where one is missing. */
export function chainPage({
  hostId,
  chainId,
  bundles,
  after,
}: {
  hostId: string;
  chainId: string;
  bundles: readonly StoredBundle[];
  /** The number after which the page begins. */
  after: number;
}): Markup {
  const last = bundles.at(-1);
  const path = `/hosts/${hostId}/chains/${chainId}`;
  let expected = after + 1;
  const rows = bundles.map((stored) => {
    const { sequence, sha256, fork, bytes } = stored;
    const { check, outcome, timestamp_end } = JSON.parse(
      Buffer.from(bytes).toString('utf8'),
    ) as Bundle;
    const missing = sequence > expected && !fork ? [expected, sequence - 1] : null;
    expected = Math.max(expected, sequence + 1);
    return html`${missing && html`<tr class="changed"><td>${missing[0]} to ${missing[1]}</td><td colspan="4">missing</td></tr>\n`}<tr><td>${sequence}</td><td>${time(timestamp_end)}</td><th scope="row">${check}</th><td>${outcomeTag(outcome)}${fork && html` <span class="tag alarm">fork</span>`}</td><td><a href="/hosts/${hostId}/bundles/${sha256}"><code>${sha256}</code></a></td></tr>\n`;
  });
  return html`<p class="path"><a href="/fleet">Fleet</a> › <a href="/hosts/${hostId}">${hostId}</a> › chain</p>
<h1>Chain <code>${chainId}</code></h1>
<form class="filter" method="get" action="${path}"><label>After number <input type="number" name="after" min="0" value="${after}"></label> <button>Show</button></form>
<table><thead><tr><th scope="col">Number</th><th scope="col">Ended (UTC)</th><th scope="col">About</th><th scope="col">Outcome</th><th scope="col">SHA-256</th></tr></thead>
<tbody>
${rows}</tbody></table>
<p class="pages">${after > 0 && html`<a href="${path}?after=${Math.max(0, after - CHAIN_ROWS)}" rel="prev">Before</a> `}${last !== undefined && bundles.length >= CHAIN_ROWS && html`<a href="${path}?after=${last.sequence}" rel="next">After number ${last.sequence}</a>`}</p>`;
}
