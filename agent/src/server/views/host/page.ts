import { html, type Markup } from '../../../core/report/page/markup.ts';
import type { Enrolled } from '../../store/store.ts';
import type { FleetHost, TimelineBundle } from '../../store/views.ts';
import { alarmsOf } from '../../watch/alarms.ts';
import { limitOf, showing } from '../fleet/page.ts';
import { ago, legend, stateTag, time } from '../parts.ts';
import { alarmList, chainHealth, keyTable } from './chains.ts';
import { type HostFilter, hostAddress, SPANS } from './filter.ts';
import { daysTable, heatMap, type Row } from './heat-map.ts';
import { timeline } from './timeline.ts';

/** One host: how it stands, how it was, and how whole its evidence is. */
export function hostPage({
  fleetHost,
  enrolled,
  filter,
  rows,
  bundles,
  checks,
  now,
  interval,
}: {
  fleetHost: Omit<FleetHost, 'worst'>;
  enrolled: Enrolled;
  filter: HostFilter;
  rows: readonly Row[];
  bundles: readonly TimelineBundle[];
  checks: readonly string[];
  now: Date;
  interval: number;
}): Markup {
  const { host, chains, standings } = fleetHost;
  const { hostId, siteId, resellerId, state, enrolledAt, changedAt } = host;
  const alarms = alarmsOf({ host, chains }, { now, interval });
  const heard = chains
    .map(({ lastReceivedAt }) => lastReceivedAt)
    .sort()
    .at(-1);
  const dayLink = (day: string) =>
    `${hostAddress(hostId, { ...filter, to: day, before: null })}#timeline`;
  return html`<p class="path"><a href="/fleet">Fleet</a> › ${hostId}</p>
<h1>${hostId}</h1>
<p class="lead">Site ${siteId}${resellerId && html`, reseller ${resellerId}`}. Enrolled ${time(enrolledAt)} UTC. ${heard === undefined ? 'No bundle has come yet.' : html`Last bundle ${ago(heard, now)}.`}${state !== 'active' && html` <span class="tag alarm">${state}</span> since ${time(changedAt)} UTC.`} <a href="/orders?host=${hostId}">Orders of this host</a></p>
${alarmList(alarms)}
<h2>Controls now</h2>
${controlsNow(hostId, standings, limitOf({ now, interval }))}
<h2>Days</h2>
<p class="spans">${SPANS.map(
    (days) =>
      html`<a href="${hostAddress(hostId, { ...filter, days })}"${days === filter.days && html` aria-current="true"`}>${days} days</a> `,
  )}<span>A day is as its worst hour. An hour of which nobody said anything is unattested, and no pass.</span></p>
${heatMap(rows, dayLink)}
${legend()}
${daysTable(rows, dayLink)}
${timeline({ hostId, bundles, filter, checks })}
<h2>Chains</h2>
${chainHealth(hostId, chains)}
<h2>Keys</h2>
${keyTable(enrolled.keys)}`;
}

function controlsNow(
  hostId: string,
  standings: FleetHost['standings'],
  heardSince: string,
): Markup {
  if (standings.length === 0) return html`<p class="none">Nothing was said of any control yet.</p>`;
  return html`<table><thead><tr><th scope="col">Control</th><th scope="col">Stands</th><th scope="col">Since (UTC)</th><th scope="col">Last said (UTC)</th><th scope="col">By</th></tr></thead>
<tbody>
${standings.map((standing) => {
  const [state, words] = showing(standing, heardSince);
  return html`<tr><th scope="row">${standing.check}</th><td>${stateTag(state, words)}</td><td>${time(standing.since)}</td><td>${time(standing.saidAt)}</td><td><a href="/hosts/${hostId}/bundles/${standing.sha256}">bundle</a></td></tr>\n`;
})}</tbody></table>`;
}
