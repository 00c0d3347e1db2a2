import { FRAMEWORKS } from '../../frameworks/index.ts';
import type { HostFacts } from '../facts.ts';
import type { Incident } from '../incidents.ts';
import type { Parameters } from '../parameters.ts';
import { asText, durationText, raw, shareText, table, timeText } from './markup.ts';
import { timelineChart } from './timeline-chart.ts';

/** Everything about one host. */
export function hostSection(host: HostFacts, parameters: Parameters): string {
  const { host_id, site_id, bundles, receipted } = host;
  return `<section>
<h2>Host ${asText(host_id)}</h2>
<p>Site ${asText(site_id)}. ${bundles} signed bundles in this period; a server receipted ${receipted} of them.</p>
${timelineChart(host, parameters)}
<h3>Time in each state</h3>
${times(host)}
<h3>Incidents</h3>
${table(
  ['Detected (UTC)', 'Control', 'What', 'Remedies', 'End'],
  host.incidents.map(incidentRow),
  'No incident in this period.',
)}
<h3>Missing cycles</h3>
${table(
  ['From (UTC)', 'To (UTC)', 'How long', 'Why'],
  host.silences.map(({ from, to, reason }) => [
    ...[timeText(from), timeText(to), durationText((Date.parse(to) - Date.parse(from)) / 1000)],
    reason === 'stopped' ? 'The agent was stopped, and said so.' : 'No word from the host.',
  ]),
  'None: the host attested all the time.',
)}
<h3>Clock</h3>
${table(
  ['From (UTC)', 'To (UTC)', 'Bundles', 'What'],
  host.clock.map(({ kind, from, to, bundles: count, offset_ms }) => [
    ...[timeText(from), timeText(to), String(count)],
    CLOCK[kind] + (offset_ms === null ? '' : ` (${offset_ms} ms)`),
  ]),
  'No trouble: the offset was known and small, and time never went back.',
)}
<h3>Exceptions</h3>
${table(
  ['Id', 'Control', 'Why', 'Documented alternative', 'Approved by', 'Expires'],
  host.exceptions.map(({ id, documented }) =>
    documented === null
      ? [id, '', 'Not documented in this packet: ask for the host’s baseline.', '', '', '']
      : [
          ...[
            id,
            [documented.check, documented.rule, documented.subject].filter(Boolean).join(' '),
          ],
          ...[documented.reason, documented.alternative, documented.approved_by],
          documented.expires.slice(0, 10),
        ],
  ),
  'No verdict of this period rests on an exception.',
)}
<h3>Chains, keys and pruned ranges</h3>
${table(
  ['Chain', 'Numbers', 'Bundles', 'SHA-256 of the last'],
  host.chains.map(({ chain_id, first, last, bundles: count, head }) => [
    ...[code(chain_id), `${first} to ${last}`, String(count), code(head)],
  ]),
  'No bundle.',
)}
<p>Keys: ${host.keys.map((key) => code(key).html).join(', ') || 'none'}</p>
${table(
  ['Chain', 'Numbers', 'SHA-256 of the last'],
  host.pruned.map(({ chain_id, first_sequence, last_sequence, last_digest }) => [
    ...[code(chain_id), `${first_sequence} to ${last_sequence}`, code(last_digest)],
  ]),
  'Nothing was pruned, as far as these bundles say.',
)}
</section>
`;
}

const code = (text: string) => raw(`<code>${asText(text)}</code>`);

const CLOCK: Record<HostFacts['clock'][number]['kind'], string> = {
  unknown_offset: 'No time service said how far off the clock was',
  off: 'The clock was off by more than allowed',
  backwards: 'A bundle ends before the one that it follows',
  before_receipt: 'A server had the bundle before it says that it ended',
};

function times({ controls }: HostFacts): string {
  const head = ['Control', 'Compliant', 'Drifted', 'Unknown', 'Unattested', 'Citations'];
  const rows = controls.map(({ check, title, seconds, citations }) => {
    const counted = seconds.compliant + seconds.drifted + seconds.unknown + seconds.unattested;
    const share = (part: number) =>
      raw(
        part === 0
          ? '–'
          : `${shareText(part, counted)}<br><small>${durationText(part).replaceAll(' ', '\u00a0')}</small>`,
      );
    const name = raw(`<b>${asText(check)}</b><br><small>${asText(title)}</small>`);
    const states = [seconds.compliant, seconds.drifted, seconds.unknown, seconds.unattested];
    if (counted === 0) return [name, 'not applicable', '', '', '', raw(cited(citations))];
    return [name, ...states.map(share), raw(cited(citations))];
  });
  return table(head, rows, 'No control.');
}

function cited(citations: HostFacts['controls'][number]['citations']): string {
  return FRAMEWORKS.flatMap(({ id, title, status }) => {
    const own = citations.filter(({ framework }) => framework === id);
    if (own.length === 0) return [];
    const name = status === 'proposal' ? `${title}, not law` : title;
    const lines = own.map(({ id: line, specification }) => {
      const how = specification === undefined ? '' : ` (${asText(specification)})`;
      return `<span class="id">${asText(line)}</span>${how}`;
    });
    return [`<small><b>${asText(name)}</b>: ${lines.join('; ')}</small>`];
  }).join('<br>');
}

function incidentRow(incident: Incident) {
  const { check, kind, severity, found, detected_at, seen_from_start } = incident;
  const sentences = found.map((sentence) => `<br>${asText(sentence)}`).join('');
  const since = seen_from_start ? '<br><small>or earlier</small>' : '';
  return [
    raw(`${timeText(detected_at)}${since}`),
    raw(`<b>${asText(check)}</b><br><span class="tag ${kind}">${kind}</span>`),
    raw(`${asText(severity ?? '')}${sentences}`),
    raw(incident.attempts.map(attemptText).join('<br>') || 'none'),
    raw(ending(incident)),
  ];
}

function attemptText({ runbook_id, outcome, at, order_id, error }: Incident['attempts'][number]) {
  const order = order_id === null ? '' : `, order ${order_id}`;
  const why = error === null ? '' : `, ${error.code}`;
  return asText(`${timeText(at)} ${runbook_id}: ${outcome}${order}${why}`);
}

function ending({ end, ended_at, detected_at }: Incident): string {
  const tag = `<span class="tag ${end}">${end}</span>`;
  if (ended_at === null) return tag;
  const seconds = (Date.parse(ended_at) - Date.parse(detected_at)) / 1000;
  return `${tag}<br>${timeText(ended_at)}<br><small>after ${durationText(seconds)}</small>`;
}
