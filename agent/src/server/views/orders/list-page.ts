import { html, type Markup } from '../../../core/report/page/markup.ts';
import { OrderState } from '../../../wire/routes.ts';
import type { Actor } from '../../store/order-events.ts';
import type { Reader } from '../../store/store.ts';
import type { OrderPage } from '../../store/views.ts';
import { outcomeTag, select, time } from '../parts.ts';
import { type OrderFilter, ordersAddress, ROWS } from './filter.ts';

/** Orders, newest first, with who did what last; and where an operator brings a signed one in. */
export function ordersPage({
  page: { orders, states },
  filter,
  role,
}: {
  page: OrderPage;
  filter: OrderFilter;
  role: Reader['role'];
}): Markup {
  const last = orders.at(-1);
  const more = last !== undefined && orders.length === ROWS;
  const next = more ? ordersAddress({ ...filter, before: last }) : null;
  return html`<h1>Orders</h1>
<p class="lead">A host asks; an operator exports the request, signs it with a key of its own outside of this server, and brings it back. This server holds no key that can command a host.</p>
<ul class="cards" aria-label="Orders by state">${OrderState.options.map(
    (state) =>
      html`<li class="card"><b>${states.get(state) ?? 0}</b> <span><a href="${ordersAddress({ ...filter, state, before: null })}">${state}</a></span></li>`,
  )}</ul>
${form(filter)}
${
  orders.length === 0
    ? html`<p class="none">No order fits.</p>`
    : html`<div class="scroll" role="region" aria-label="Orders" tabindex="0"><table><thead><tr><th scope="col">Requested (UTC)</th><th scope="col">Host</th><th scope="col">Runbook</th><th scope="col">Reason</th><th scope="col">State</th><th scope="col">Last step</th><th scope="col">Order</th></tr></thead>
<tbody>
${orders.map(
  ({ orderId, hostId, runbookId, reason, state, requestedAt, changedAt, last: step }) =>
    html`<tr><td class="when">${time(requestedAt)}</td><td><a href="/hosts/${hostId}">${hostId}</a></td><td>${runbookId}</td><td>${reason}</td><td>${outcomeTag(state)}</td><td>${step === null ? time(changedAt) : html`${step.what} by ${actorText(step.by)}, ${time(step.at)}`}</td><th scope="row"><a href="/orders/${orderId}"><code>${orderId}</code></a></th></tr>\n`,
)}</tbody></table></div>`
}
<p class="pages">${filter.before && html`<a href="${ordersAddress({ ...filter, before: null })}" rel="first">Newest</a> `}${next && html`<a href="${next}" rel="next">Earlier</a>`}</p>
${role === 'operator' && importForm()}`;
}

function form({ state, host }: OrderFilter): Markup {
  return html`<form class="filter" method="get" action="/orders" role="search" aria-label="Orders">
${select({ name: 'state', label: 'State', value: state ?? '', options: [['', 'any'], ...OrderState.options.map((one) => [one, one] as const)] })}
<label>Host <input name="host" value="${host ?? ''}" maxlength="63"></label>
<button>Show</button> <a href="/orders">Clear</a>
</form>`;
}

export const importForm = (): Markup => html`<h2>Bring a signed order in</h2>
<form class="filter" method="post" action="/orders/import" enctype="multipart/form-data">
<label>What <code>compliance-server orders sign</code> printed <input type="file" name="order" accept="application/json,.json" required></label>
<button>Bring in</button>
</form>`;

const ACTORS: Record<Actor['kind'], string> = {
  reader: '',
  host: 'host ',
  command: 'an administrator’s command',
  time: 'time',
};

export const actorText = ({ kind, name }: Actor): string => `${ACTORS[kind]}${name ?? ''}`;
