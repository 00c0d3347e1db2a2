import { type Entry, entryOf } from '../../../core/report/entry.ts';
import { html, type Markup } from '../../../core/report/page/markup.ts';
import { type Bundle, Outcome } from '../../../wire/evidence.ts';
import type { TimelineBundle } from '../../store/views.ts';
import { outcomeTag, select, stateTag, time } from '../parts.ts';
import { type HostFilter, hostAddress } from './filter.ts';

export const ROWS = 50;
const MOST_TEXT = 160;

/** What happened, newest first: drift, remedy and outcome, and the records of the agent itself. */
export function timeline({
  hostId,
  bundles,
  filter,
  checks,
}: {
  hostId: string;
  bundles: readonly TimelineBundle[];
  filter: HostFilter;
  /** Ids of the controls that there are. */
  checks: readonly string[];
}): Markup {
  const last = bundles.at(-1);
  const next =
    last !== undefined && bundles.length === ROWS
      ? hostAddress(hostId, { ...filter, before: last })
      : null;
  return html`<h2 id="timeline">Timeline</h2>
${form(hostId, filter, checks)}
${
  bundles.length === 0
    ? html`<p class="none">Nothing but attestations.</p>`
    : html`<table><thead><tr><th scope="col">Ended (UTC)</th><th scope="col">About</th><th scope="col">What was found</th><th scope="col">Remedy</th><th scope="col">Outcome</th><th scope="col">Bundle</th></tr></thead>
<tbody>
${bundles.map((bundle) => row(hostId, bundle))}</tbody></table>`
}
<p class="pages">${filter.before && html`<a href="${hostAddress(hostId, { ...filter, before: null })}#timeline" rel="first">Newest</a> `}${next && html`<a href="${next}#timeline" rel="next">Earlier</a>`}</p>`;
}

function form(hostId: string, { days, to, check, outcome }: HostFilter, checks: readonly string[]) {
  const any = ['', 'any'] as const;
  return html`<form class="filter" method="get" action="/hosts/${hostId}" role="search" aria-label="Timeline">
<input type="hidden" name="days" value="${days}">
${select({ name: 'check', label: 'About', value: check ?? '', options: [any, ...[...checks, 'agent', 'chain', 'key', 'freeze', 'acceptance', 'order', 'retention'].map((id) => [id, id] as const)] })}
${select({ name: 'outcome', label: 'Outcome', value: outcome ?? '', options: [any, ...Outcome.options.map((one) => [one, one] as const)] })}
<label>Up to <input type="date" name="to" value="${to ?? ''}"></label>
<button>Show</button> <a href="/hosts/${hostId}#timeline">Clear</a>
</form>`;
}

function row(
  hostId: string,
  { sha256, bytes, sequence, fork, timestampEnd }: TimelineBundle,
): Markup {
  const bundle = JSON.parse(Buffer.from(bytes).toString('utf8')) as Bundle;
  const entry = entryOf(bundle, { sha256, received_at: null });
  return html`<tr><td class="when">${time(timestampEnd)}</td><th scope="row">${bundle.check}</th><td>${found(entry, bundle)}</td><td>${bundle.runbook_id ?? ''}${bundle.order_id && html` <small>by order</small>`}</td><td>${outcomeTag(bundle.outcome)}${fork && html` <span class="tag alarm">fork</span>`}</td><td><a href="/hosts/${hostId}/bundles/${sha256}">number ${sequence}</a></td></tr>
`;
}

/** Verdicts and sentences of a control; of a record what it records. */
function found({ statements, attempt }: Entry, { check, post_state }: Bundle): Markup {
  const [now] = statements.filter((statement) => statement.check === check);
  const before = attempt?.before ?? null;
  if (now === undefined) {
    const text = post_state === null ? '' : JSON.stringify(post_state);
    return html`<code>${text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text}</code>`;
  }
  const sentences = now.found.length > 0 ? now.found : (before?.found ?? []);
  return html`${before && html`${stateTag(before.verdict)} → `}${stateTag(now.verdict)}${sentences.slice(0, 3).map((sentence) => html`<br>${sentence}`)}${sentences.length > 3 && html`<br>and ${sentences.length - 3} more`}`;
}
