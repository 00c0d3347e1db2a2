import { html, type Markup } from '../../../core/report/page/markup.ts';

const STEPS = [
  ['bytes', 'Bytes', 'SHA-256 of the exact bytes'],
  ['signature', 'Signature', 'Ed25519, by a key of this host'],
  ['chain', 'Chain link', 'previous_digest is the SHA-256 of the bundle before'],
  ['receipt', 'Receipt', 'signed by the server’s receipt key, of these bytes'],
  ['inclusion', 'Inclusion', 'Merkle path to the signed checkpoint (RFC 6962)'],
  ['page', 'This page', 'shows what the signed bytes say'],
] as const;

/** Where the reader’s own browser says what holds; it stands empty until that is done. */
export function verificationPanel({
  hostId,
  sha256,
  hostKeys,
  receiptKey,
}: {
  hostId: string;
  sha256: string;
  /** Key ids; of receipts the one that signed this one. */
  hostKeys: readonly string[];
  receiptKey: string;
}): Markup {
  return html`<section id="verification" aria-labelledby="verification-title" data-host="${hostId}" data-sha256="${sha256}" data-receipt-key="${receiptKey}">
<h2 id="verification-title">Verification</h2>
<p class="verdict" role="status">Not verified: this needs script in your browser. The files below verify without it.</p>
<table class="steps"><thead><tr><th scope="col">What</th><th scope="col">Result</th><th scope="col">Why</th></tr></thead>
<tbody>
${STEPS.map(
  ([step, title, words]) =>
    html`<tr data-step="${step}"><th scope="row">${title} <small>${words}</small></th><td>–</td><td></td></tr>\n`,
)}</tbody></table>
<details><summary>Whose word this is</summary>
<p>Your browser computed this from the bytes, but this server sent it the keys and the program. Compare the key ids with
what <code>compliance-agent keys show</code> prints on the host and with what the server’s operator gave you by another way:</p>
<ul>${hostKeys.map((id) => html`<li>host <code>${id}</code></li>`)}<li>receipt <code>${receiptKey}</code></li></ul>
<p>Without this server’s program: download the files and type</p>
<pre>base64 -d bundle.sig > bundle.sig.raw
openssl pkeyutl -verify -pubin -inkey host.pem -rawin -in bundle.json -sigfile bundle.sig.raw
sha256sum bundle.json    # ${sha256}</pre></details>
</section>`;
}
