import { html, type Markup } from '../../../core/report/page/markup.ts';
import type { ReceiptPayload } from '../../../wire/envelope.ts';
import type { Bundle } from '../../../wire/evidence.ts';
import { describeFailure } from '../../../wire/failure.ts';
import type { StoredBundle } from '../../store/store.ts';
import { outcomeTag, time } from '../parts.ts';
import { citations } from './citations.ts';
import { factsTable } from './facts.ts';
import { stateInWords, TOLD } from './findings.ts';
import { DIFFERENCES, firewallTable } from './firewall.ts';
import { verificationPanel } from './panel.ts';
import { below, signed, signedTime } from './signed.ts';

/** The text of longer bundles is not shown in the page. */
const MOST_TEXT = 128 * 1024;

/** One bundle: what was found, done and found again, and what proves it. */
export function bundlePage({
  stored,
  bundle,
  next,
  hostKeys,
}: {
  stored: StoredBundle;
  bundle: Bundle;
  /** Digest of the bundle after it; null of the last. */
  next: string | null;
  hostKeys: readonly string[];
}): Markup {
  const { host_id: hostId, pre_state: before, post_state: after } = bundle;
  const { sha256 } = stored;
  const { key_id: receiptKey } = stored.receipt;
  const files = `/hosts/${hostId}/bundles/${sha256}`;
  return html`<p class="path"><a href="/fleet">Fleet</a> › <a href="/hosts/${hostId}">${hostId}</a> › number ${bundle.sequence}</p>
<h1>${signed('/check', bundle.check)}: ${signed('/outcome', bundle.outcome)}</h1>
<p class="lead">${signed('/host_id', hostId)}, site ${signed('/site_id', bundle.site_id)}, ${signedTime('/timestamp_end', bundle.timestamp_end)} UTC ${outcomeTag(bundle.outcome)}${stored.fork && html` <span class="tag alarm">fork</span>`}</p>
${verificationPanel({ hostId, sha256, hostKeys, receiptKey })}
${change(before, after)}
${actions(bundle)}
<h2>Facts</h2>
${factsTable({ before, after, skip: [...TOLD, '/verdicts', DIFFERENCES] })}
<h2>Citations</h2>
${citations(bundle)}
<h2>Identity and place</h2>
${identity(bundle)}
${receipt(stored)}
<h2>Raw bytes</h2>
<p>SHA-256 <code>${sha256}</code>, ${stored.bytes.length} bytes.</p>
<p class="files">${['bundle.json', 'bundle.sig', 'receipt.json', 'receipt.sig', 'proof.json'].map((name) => html`<a href="${files}/${name}" download>${name}</a> `)}</p>
${stored.bytes.length <= MOST_TEXT && html`<pre class="raw" tabindex="0" aria-label="Text of bundle.json">${Buffer.from(stored.bytes).toString('utf8')}</pre>`}
<p class="pages">${bundle.sequence > 1 && html`<a href="/hosts/${hostId}/bundles/${bundle.previous_digest}" rel="prev">Number ${bundle.sequence - 1}</a> `}${next !== null && html`<a href="/hosts/${hostId}/bundles/${next}" rel="next">Number ${bundle.sequence + 1}</a>`}</p>`;
}

/** Before and after in words, and the firewall’s rules. */
function change(before: Bundle['pre_state'], after: Bundle['post_state']): Markup {
  const was = stateInWords(before, '/pre_state');
  const is = stateInWords(after, '/post_state');
  const rulesBefore = firewallTable(before, '/pre_state');
  const rulesAfter = firewallTable(after, '/post_state');
  return html`${was && html`<h2>Before</h2>\n${was}`}${rulesBefore}
${is && html`<h2>${was === null ? 'Found' : 'After'}</h2>\n${is}`}${rulesAfter}`;
}

function actions({ action_taken, error, runbook_id, order_id, ...rest }: Bundle): Markup | null {
  const { rollback_available, rollback_generation } = rest;
  if (action_taken.length === 0 && error === null && runbook_id === null) return null;
  const rows = action_taken.map(
    ({ step, action, command, exit_code, duration_sec, result }, at) => {
      const root = below('/action_taken', at);
      return html`<tr><td>${step}</td><th scope="row">${signed(`${root}/action`, action)}</th><td><code>${signed(`${root}/command`, command)}</code></td><td>${exit_code ?? '–'}</td><td>${duration_sec} s</td><td>${signed(`${root}/result`, result)}</td></tr>\n`;
    },
  );
  return html`<h2>Action taken</h2>
<p>${runbook_id === null ? 'No runbook' : html`Runbook ${signed('/runbook_id', runbook_id)}`}${order_id && html`, by <a href="/orders/${order_id}">order ${signed('/order_id', order_id)}</a>`}. ${rollback_available ? `A way back is there${rollback_generation === null ? '' : `: ${rollback_generation}`}.` : 'There is no way back.'}${error && html` Error: ${describeFailure(error)}.`}</p>
${
  rows.length > 0 &&
  html`<table><thead><tr><th scope="col">Step</th><th scope="col">Action</th><th scope="col">Command</th><th scope="col">Exit</th><th scope="col">Time</th><th scope="col">Result</th></tr></thead>
<tbody>
${rows}</tbody></table>`
}`;
}

const IDENTITY = [
  'bundle_id',
  'timestamp_start',
  'timestamp_end',
  'deployment_mode',
  'reseller_id',
  'policy_version',
  'ruleset_hash',
  'nixos_revision',
  'derivation_digest',
  'ntp_offset_ms',
  'agent_version',
  'boot_id',
  'chain_id',
  'sequence',
  'previous_digest',
  'key_id',
] as const;

const identity = (bundle: Bundle): Markup =>
  html`<dl class="fields">${IDENTITY.map(
    (field) =>
      html`<div><dt>${field}</dt><dd><code>${signed(`/${field}`, bundle[field])}</code></dd></div>\n`,
  )}</dl>`;

function receipt({ receipt: { payload, key_id } }: StoredBundle): Markup {
  const said = JSON.parse(Buffer.from(payload, 'base64').toString('utf8')) as ReceiptPayload;
  return html`<h2>Receipt</h2>
<p>The server had these bytes at ${time(said.received_at)} UTC, as number ${said.sequence} of chain <code>${said.chain_id}</code>${said.fork ? ', as a fork' : ''}; signed by key <code>${key_id}</code>.</p>`;
}
