import { html, type Markup } from '../../../core/report/page/markup.ts';
import type { State } from '../../../core/report/timeline.ts';
import { RANK } from '../../standing/rank.ts';
import type { FleetHost, FleetPage } from '../../store/views.ts';
import { alarmsOf } from '../../watch/alarms.ts';
import { ago, legend, SIGNS, select, stateSign } from '../parts.ts';
import { type FleetFilter, fleetAddress } from './filter.ts';

type Options = {
  readonly page: FleetPage;
  readonly filter: FleetFilter;
  /** Ids of the controls that there are, as columns. */
  readonly controls: readonly string[];
  readonly now: Date;
  /** Seconds between attestations. */
  readonly interval: number;
};

/** Hosts by controls, worst first. */
export function fleetPage(options: Options): Markup {
  const { page, filter, controls } = options;
  const { hosts } = page;
  const heardSince = limitOf(options);
  const last = hosts.at(-1);
  const total = [...page.ranks.values()].reduce((sum, count) => sum + count, 0);
  const more = last !== undefined && hosts.length === filter.rows;
  const next = more && fleetAddress({ ...filter, after: last && place(last) });
  return html`<h1>Fleet</h1>
${cards(page)}
${form(filter, controls)}
<div class="scroll" role="region" aria-label="Hosts and their controls" tabindex="0">
<table class="fleet">
<caption>${hosts.length} of ${total} hosts, worst first: alarms, then drift by severity, unknown, unattested.</caption>
<thead><tr><th scope="col">Host</th><th scope="col">Site</th><th scope="col">Reseller</th>
${controls.map((control) => html`<th scope="col" class="control">${control}</th>`)}
<th scope="col">Alarms</th><th scope="col">Last bundle</th></tr></thead>
<tbody>
${hosts.map((host) => row(host, { ...options, heardSince }))}</tbody>
</table>
</div>
${total === 0 && html`<p class="none">No host that you may see fits.</p>`}
<p class="pages">${filter.after && html`<a href="${fleetAddress({ ...filter, after: null })}" rel="first">First page</a> `}${next && html`<a href="${next}" rel="next">Next page</a>`}</p>
${legend()}`;
}

const place = ({ worst, host }: FleetHost) => ({ worst, hostId: host.hostId });

function cards({ ranks }: FleetPage): Markup {
  const between = (low: number, high: number) =>
    [...ranks].reduce((sum, [rank, count]) => sum + (rank >= low && rank <= high ? count : 0), 0);
  const all: [words: string, count: number][] = [
    ['with an alarm', between(RANK.alarm, RANK.alarm)],
    ['drifted', between(RANK.unknown + 1, RANK.alarm - 1)],
    ['unknown', between(RANK.unknown, RANK.unknown)],
    ['unattested', between(RANK.untold, RANK.unattested)],
    ['all compliant', between(RANK.fine, RANK.fine)],
  ];
  return html`<ul class="cards" aria-label="Hosts by what is worst">${all.map(
    ([words, count]) => html`<li class="card"><b>${count}</b> <span>${words}</span></li>`,
  )}</ul>`;
}

function form({ q, standing, control, alarm, state }: FleetFilter, controls: readonly string[]) {
  return html`<form class="filter" method="get" action="/fleet" role="search" aria-label="Hosts">
<label>Search <input type="search" name="q" value="${q ?? ''}" maxlength="64" placeholder="host, site or reseller"></label>
${select({
  name: 'standing',
  label: 'Standing',
  value: standing ?? '',
  options: [
    ['', 'any'],
    ['drifted', 'drifted'],
    ['unknown', 'unknown'],
    ['unattested', 'unattested'],
    ['compliant', 'compliant'],
    ['notApplicable', 'not applicable'],
  ],
})}
${select({
  name: 'control',
  label: 'Control',
  value: control ?? '',
  options: [['', 'any'], ...controls.map((id) => [id, id] as const)],
})}
${select({
  name: 'state',
  label: 'Hosts',
  value: state,
  options: [
    ['active', 'active'],
    ['retired', 'retired'],
    ['revoked', 'revoked'],
    ['any', 'all'],
  ],
})}
<label><input type="checkbox" name="alarm" value="yes"${alarm && html` checked`}> with an alarm</label>
<button>Show</button> <a href="/fleet">Clear</a>
</form>`;
}

function row(
  { host, chains, standings }: FleetHost,
  { controls, now, interval, heardSince }: Options & { heardSince: string },
): Markup {
  const { hostId, siteId, resellerId, state } = host;
  const alarms = alarmsOf({ host, chains }, { now, interval });
  const heard = chains
    .map(({ lastReceivedAt }) => lastReceivedAt)
    .sort()
    .at(-1);
  const kinds = [...new Set(alarms.map(({ kind }) => kind))];
  return html`<tr><th scope="row"><a href="/hosts/${hostId}">${hostId}</a>${state !== 'active' && html` <span class="tag">${state}</span>`}</th><td>${siteId}</td><td>${resellerId ?? '–'}</td>
${controls.map((control) => {
  const standing = standings.find(({ check }) => check === control);
  if (standing === undefined)
    return html`<td class="control">${stateSign('unattested', 'nothing said yet')}</td>`;
  return cell(hostId, standing, showing(standing, heardSince));
})}
<td>${kinds.map((kind) => html`<span class="tag alarm">${kind}</span> `)}</td><td class="when">${heard === undefined ? 'never' : ago(heard, now)}</td></tr>
`;
}

/** One of the many cells of a page: as little markup as says it. Its title is its name, also to who does not see the sign. */
function cell(
  hostId: string,
  { check, severity, sha256 }: FleetHost['standings'][number],
  [state, words]: [state: State, words: string],
): Markup {
  const title = `${check} ${words}`;
  return html`<td class="control"><a class="state ${state}" href="/hosts/${hostId}/bundles/${sha256}" title="${title}">${SIGNS[state]}${state === 'drifted' && html` <small>${severity}</small>`}</a></td>`;
}

/** What was said before this counts no more. */
export const limitOf = ({ now, interval }: { now: Date; interval: number }): string =>
  new Date(now.getTime() - 2 * interval * 1000).toISOString();

/** How a control stands now, in words too. */
export function showing(
  { verdict, severity, saidAt }: FleetHost['standings'][number],
  heardSince: string,
): [state: State, words: string] {
  if (saidAt < heardSince) return ['unattested', `unattested; was ${verdict}`];
  if (verdict === 'drifted') return ['drifted', `drifted, ${severity ?? 'no'} severity`];
  return [verdict, verdict === 'notApplicable' ? 'not applicable' : verdict];
}
