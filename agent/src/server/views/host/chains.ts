import { html, type Markup } from '../../../core/report/page/markup.ts';
import type { Chain, HostKey } from '../../store/store.ts';
import type { Alarm } from '../../watch/alarms.ts';
import { time } from '../parts.ts';

const WORDS: Record<Alarm['kind'], string> = {
  silent: 'The host is silent: nothing came',
  gap: 'A bundle is missing before a later one, and did not come',
  fork: 'Two bundles claim one place: the host was copied or restored, and has begun no new chain since',
};

export const alarmList = (alarms: readonly Alarm[]): Markup | null =>
  alarms.length === 0
    ? null
    : html`<ul class="alarms" aria-label="Alarms">${alarms.map(
        ({ kind, chainId, since }) =>
          html`<li><span class="tag alarm">${kind}</span> ${WORDS[kind]}, since ${time(since)} UTC${chainId && html`, chain <code>${chainId}</code>`}.</li>`,
      )}</ul>`;

/** How far each chain is held, and what is missing of it. */
export function chainHealth(hostId: string, chains: readonly Chain[]): Markup {
  if (chains.length === 0) return html`<p class="none">No bundle has come yet.</p>`;
  return html`<table><thead><tr><th scope="col">Chain</th><th scope="col">Began</th><th scope="col">Whole up to</th><th scope="col">Highest</th><th scope="col">Bundles</th><th scope="col">Missing</th><th scope="col">Forks</th><th scope="col">Last came</th></tr></thead>
<tbody>
${chains.map(
  ({ chainId, openedAt, head, highest, bundles, forks, lastReceivedAt, gapSince }) =>
    html`<tr><th scope="row"><a href="/hosts/${hostId}/chains/${chainId}"><code>${chainId}</code></a></th><td>${time(openedAt)}</td><td>${head.sequence}</td><td>${highest}</td><td>${bundles}</td><td>${none(highest - bundles)}${gapSince && html` <small>since ${time(gapSince)}</small>`}</td><td>${none(forks)}</td><td>${time(lastReceivedAt)}</td></tr>\n`,
)}</tbody></table>`;
}

const none = (count: number): Markup =>
  count === 0
    ? html`<span class="state compliant"><span class="sign" aria-hidden="true">✓</span> none</span>`
    : html`<span class="state drifted"><span class="sign" aria-hidden="true">✕</span> ${count}</span>`;

/** The host’s keys, and from where to where each counts. */
export function keyTable(keys: readonly HostKey[]): Markup {
  return html`<table><thead><tr><th scope="col">Key id</th><th scope="col">Known since</th><th scope="col">Counts</th></tr></thead>
<tbody>
${keys.map(({ keyId, addedAt, from, until, revoked }) => {
  const begins = from === null ? 'by enrolment' : `after number ${from.sequence}`;
  const ends = until === null ? 'in force' : `up to number ${until.sequence}`;
  return html`<tr><th scope="row"><code>${keyId}</code></th><td>${time(addedAt)}</td><td>${revoked ? 'revoked: nothing new is taken from it' : `${begins}, ${ends}`}</td></tr>\n`;
})}</tbody></table>`;
}
