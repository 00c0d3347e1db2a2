import { html, type Markup } from '../../../core/report/page/markup.ts';
import type { OrderPayload } from '../../../wire/envelope.ts';
import type { OrderState } from '../../../wire/routes.ts';
import type { OrderEvent } from '../../store/order-events.ts';
import type { Order, Reader } from '../../store/store.ts';
import { outcomeTag, time } from '../parts.ts';
import { actorText, importForm } from './list-page.ts';

const WAITS: Record<OrderState, string> = {
  requested:
    'It waits for an operator: to be exported, signed outside of this server and brought in, or rejected.',
  approved:
    'It is signed and waits for its host, which checks the signature itself before it does anything.',
  rejected: 'An operator refused it. The host does nothing.',
  expired: 'Its time is over. The host does nothing; where the drift is still there it asks again.',
  done: 'The host carried it out, and its bundle says so.',
  failed: 'The host tried or refused, and its bundle says why.',
};

const STEPS: Partial<Record<OrderEvent['what'], string>> = {
  exported: 'exported for signing',
  approved: 'signed order brought in',
};

/** One order: what is asked and why, what became of it by whom, and what an operator may do now. */
export function orderPage({
  order,
  events,
  role,
}: {
  order: Order;
  events: readonly OrderEvent[];
  role: Reader['role'];
}): Markup {
  const { orderId, hostId, state, runbookId } = order;
  return html`<p class="path"><a href="/orders">Orders</a> › ${orderId}</p>
<h1>${runbookId} on ${hostId}</h1>
<p class="lead">${outcomeTag(state)} ${WAITS[state]}</p>
${fields(order)}
<h2>What became of it</h2>
<table><thead><tr><th scope="col">When (UTC)</th><th scope="col">What</th><th scope="col">Who</th></tr></thead>
<tbody>
${events.map(({ at, what, by }) => html`<tr><td class="when">${time(at)}</td><th scope="row">${STEPS[what] ?? what}</th><td>${actorText(by)}</td></tr>\n`)}</tbody></table>
${signedOrder(order)}
${role === 'operator' && state === 'requested' && actions(orderId)}`;
}

function fields({
  hostId,
  siteId,
  check,
  reason,
  bundleSha256,
  sequence,
  ...order
}: Order): Markup {
  const row = (name: string, value: Markup | string | number) =>
    html`<div><dt>${name}</dt><dd>${value}</dd></div>\n`;
  const why = html`<a href="/hosts/${hostId}/bundles/${bundleSha256}"><code>${bundleSha256}</code></a>`;
  return html`<dl class="fields">${row('host', html`<a href="/hosts/${hostId}">${hostId}</a>`)}${row('site', siteId)}${row('control', check)}${row('reason', reason)}${row('requested', time(order.requestedAt))}${row('number', sequence ?? 'none before it is exported')}${order.expiresAt && row('expires', time(order.expiresAt))}${bundleSha256 && row('shown by', why)}</dl>`;
}

/** What the operator’s key signed. Whoever imported it verified it, and the host verifies it again. */
function signedOrder({ envelope }: Order): Markup | null {
  if (envelope === null) return null;
  const text = Buffer.from(envelope.payload, 'base64').toString('utf8');
  const { params, issued_at, ttl, nonce } = JSON.parse(text) as OrderPayload;
  return html`<h2>Signed order</h2>
<p>Signed ${time(issued_at)} UTC for ${ttl} s by key <code>${envelope.key_id}</code>; parameters <code>${JSON.stringify(params)}</code>, nonce <code>${nonce}</code>.</p>
<pre class="raw" tabindex="0" aria-label="Signed bytes of the order">${text}</pre>`;
}

function actions(orderId: string): Markup {
  return html`<h2>Decide</h2>
<ol class="steps-to-do">
<li><form method="post" action="/orders/${orderId}/export"><button>Export for signing</button> gives a draft, and the order its number.</form></li>
<li>On your own machine, where your key is: <code>compliance-server orders sign --key operator.key draft.json &gt; order.json</code></li>
<li>Bring <code>order.json</code> in below.</li>
</ol>
<form method="post" action="/orders/${orderId}/reject"><p>Or <button>Reject</button> the request.</p></form>
${importForm()}`;
}
