import { html, type Markup } from '../../../core/report/page/markup.ts';
import { FirewallFacts, type ShortDifference } from '../../../core/ruleset/facts.ts';
import { describeDifference } from '../../../core/ruleset/findings.ts';
import type { Json } from '../../../wire/primitives.ts';
import { below, signed } from './signed.ts';

/** Where in a state the differences of a firewall are. */
export const DIFFERENCES = '/facts/differences';

/** The firewall’s differences rule by rule, as a state has them; null where it has none. */
export function firewallTable(state: Json, root: '/pre_state' | '/post_state'): Markup | null {
  const facts = FirewallFacts.safeParse((state as { facts?: Json } | null)?.facts ?? null).data;
  if (facts === undefined || facts.backend === 'none' || facts.differences.length === 0)
    return null;
  const rest = facts.difference_count - facts.differences.length;
  return html`<table class="rules"><caption>${facts.difference_count} differences between the declared ruleset and the kernel’s (${facts.backend}). − is declared and not there, + is there and not declared.</caption>
<thead><tr><th scope="col">Place</th><th scope="col">Declared</th><th scope="col">In the kernel</th></tr></thead>
<tbody>
${facts.differences.map((difference, at) => row(difference, below(root + DIFFERENCES, at)))}</tbody></table>
${rest > 0 && html`<p>${rest} more are counted and not listed.</p>`}`;
}

function row(difference: ShortDifference, pointer: string): Markup {
  const { expected, actual } = difference;
  return html`<tr><th scope="row">${describeDifference(difference)}</th>
<td>${expected !== null && html`<del><span aria-hidden="true">− </span><code>${signed(`${pointer}/expected`, expected)}</code></del>`}</td>
<td>${actual !== null && html`<ins><span aria-hidden="true">+ </span><code>${signed(`${pointer}/actual`, actual)}</code></ins>`}</td></tr>
`;
}
