import { type Cited, FRAMEWORKS } from '../../frameworks/index.ts';
import { commandsFor } from '../commands.ts';
import type { ReportFacts } from '../facts.ts';
import { heatMap, legend } from './heat-map.ts';
import { hostSection } from './host.ts';
import { asText, raw, shareText, table, timeText } from './markup.ts';
import { STYLE } from './style.ts';

/** The whole report as one HTML page that needs nothing else: no script, no font, no picture of elsewhere. */
export function reportPage(facts: ReportFacts): string {
  const { parameters, hosts } = facts;
  const title = `Compliance report, ${timeText(parameters.from).slice(0, 10)} to ${timeText(parameters.to).slice(0, 10)}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${asText(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${asText(title)}</h1>
<p class="lead">${asText(hosts.map(({ host_id }) => host_id).join(', ') || 'No host')} · ${timeText(parameters.from)} to ${timeText(parameters.to)} UTC</p>
${cards(facts)}
</header>
<h2>At a glance</h2>
${legend()}${heatMap(facts)}
<p>A cell shows the worst that was in it. Unattested time is time of which no signed bundle says how the host was; like unknown, it is never counted as compliant.</p>
${hosts.map((host) => hostSection(host, parameters)).join('')}
<h2>Requirements</h2>
${requirements(facts)}
<h2>How to read this</h2>
<p>A verdict holds until the next signed one, if that comes within ${(2 * parameters.attestation_interval_sec) / 60} minutes (two attestation intervals); otherwise for ${parameters.attestation_interval_sec / 60} minutes, and the time after that is unattested. Shares leave out time in which a control does not apply. A clock counts as off beyond ${parameters.ntp_max_skew_ms} ms. The times are those of the hosts’ own clocks; where a server receipted a bundle, its receipt says when it was there at the latest.</p>
<p>A host’s root can lie from the moment of a break-in on, but cannot change what a server has receipted. A canary read back from the local journal does not prove that logs left the host. The text of exceptions comes from the baseline of whoever made this report; bundles sign only their ids.</p>
<h2>Check it yourself</h2>
<p>The ZIP that belongs to this page holds the exact signed bytes, the public keys and the server’s receipts. In the folder into which it was unpacked, with nothing but <code>openssl</code>, <code>sha256sum</code> and a shell:</p>
<pre>${asText(commandsFor(facts))}</pre>
<p>The keys are those that the maker of this packet names. Compare their ids with what the control server enrolled, or with what the host’s administrator gave you by another way.</p>
<footer>Made by compliance-agent ${asText(parameters.made_by)} from ${hosts.reduce((sum, { bundles }) => sum + bundles, 0)} signed bundles. The same bundles give the same bytes.</footer>
</body>
</html>
`;
}

function cards({ hosts }: ReportFacts): string {
  const controls = hosts.flatMap((host) => host.controls);
  const total = (state: 'compliant' | 'drifted' | 'unknown' | 'unattested') =>
    controls.reduce((sum, { seconds }) => sum + seconds[state], 0);
  const states = ['compliant', 'drifted', 'unknown', 'unattested'] as const;
  const counted = states.reduce((sum, state) => sum + total(state), 0);
  const incidents = hosts.flatMap((host) => host.incidents);
  const open = incidents.filter(({ end }) => end === 'open').length;
  const all: [figure: string, words: string][] = [
    ...states.map((state): [string, string] => [shareText(total(state), counted), `${state} time`]),
    [String(incidents.length), `incidents, ${open} open`],
    [String(hosts.reduce((sum, { bundles }) => sum + bundles, 0)), 'signed bundles'],
  ];
  const card = ([figure, words]: [string, string]) =>
    `<div class="card"><b>${asText(figure)}</b><span>${asText(words)}</span></div>`;
  return `<div class="cards">${all.map(card).join('')}</div>`;
}

/** Every requirement that a control of the report serves, with the place where it is to be read. */
function requirements({ hosts }: ReportFacts): string {
  const controls = hosts[0]?.controls ?? [];
  return FRAMEWORKS.map(({ id, title, status, source }) => {
    const served = new Map<string, { line: Cited; checks: string[] }>();
    for (const { check, citations } of controls)
      for (const line of citations.filter(({ framework }) => framework === id)) {
        const known = served.get(line.id) ?? { line, checks: [] };
        known.checks.push(check);
        served.set(line.id, known);
      }
    const lines = [...served.values()];
    if (lines.length === 0) return '';
    const specified = lines.some(({ line }) => line.specification !== undefined);
    const head = [
      'Id',
      'Requirement',
      ...(specified ? ['Specification'] : []),
      'Source',
      'Served by',
    ];
    const rows = lines.map(({ line, checks }) => [
      raw(`<span class="id">${asText(line.id)}</span>`),
      line.title,
      ...(specified ? [line.specification ?? ''] : []),
      line.unconfirmed ? `${line.source} †` : line.source,
      checks.join(', '),
    ]);
    const note = status === 'proposal' ? ' (a proposal, not law)' : '';
    const unconfirmed = lines.some(({ line }) => line.unconfirmed) ? UNCONFIRMED : '';
    return `<h3>${asText(title)}${note}</h3>\n<p>${asText(source)}</p>\n${table(head, rows, '')}${unconfirmed}`;
  }).join('');
}

const UNCONFIRMED =
  '<p><small>† The number or title was not checked against the source’s own text: look it up before you rely on it.</small></p>\n';
