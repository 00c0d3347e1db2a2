import type { ProofAnswer } from '../../../wire/routes.ts';
import type { Keys } from '../keys.ts';
import type { Bytes } from './bytes.ts';
import { comparePage } from './page.ts';
import { type Finding, STEPS, verify } from './verification.ts';

/** Verifies the bundle of the page in which it runs, and says so in the page. */
async function run(section: HTMLElement): Promise<void> {
  const { host = '', sha256 = '', receiptKey: receiptKeyId = '' } = section.dataset;
  const bundles = `/hosts/${encodeURIComponent(host)}/bundles`;
  const own = `${bundles}/${sha256}`;
  if (globalThis.crypto?.subtle === undefined) {
    return conclude(section, [], 'this browser has no cryptography for this page');
  }
  const [bundle, signature, receipt, receiptSignature, proof, keys] = await Promise.all([
    getBytes(`${own}/bundle.json`),
    getText(`${own}/bundle.sig`),
    getBytes(`${own}/receipt.json`),
    getText(`${own}/receipt.sig`),
    getJson<ProofAnswer>(`${own}/proof.json`),
    getJson<Keys>(`/hosts/${encodeURIComponent(host)}/keys.json`),
  ]);
  const { findings, document: signed } = await verify({
    ...{ hostId: host, sha256, bundle, signature, proof, keys },
    ...{ receipt, receiptSignature, receiptKeyId },
    previous: (digest) => getBytes(`${bundles}/${digest}/bundle.json`),
  });
  const all: [string, Finding][] = [
    ...STEPS.map((step): [string, Finding] => [step, findings[step]]),
    ['page', comparePage(signed)],
  ];
  for (const [step, finding] of all) show(section, step, finding);
  conclude(section, all, null);
}

function show(section: HTMLElement, step: string, { state, words }: Finding): void {
  const row = section.querySelector(`[data-step="${step}"]`);
  const [mark, detail] = row?.querySelectorAll('td') ?? [];
  if (mark === undefined || detail === undefined) return;
  mark.textContent = `${SIGNS[state]} ${state}`;
  mark.className = CLASSES[state];
  detail.textContent = words;
}

/** The one sentence that matters, read out when it is there. */
function conclude(
  section: HTMLElement,
  all: readonly (readonly [string, Finding])[],
  reason: string | null,
): void {
  const status = section.querySelector('[role=status]');
  if (!(status instanceof HTMLElement)) return;
  const named = (state: Finding['state']) =>
    all.filter(([, finding]) => finding.state === state).map(([step]) => NAMES[step] ?? step);
  const [wrong, missing] = [named('failed'), named('could not')];
  const state =
    wrong.length > 0 ? 'failed' : missing.length > 0 || reason !== null ? 'could not' : 'verified';
  const words = {
    verified: 'Verified in this browser.',
    failed: `Failed: ${wrong.join(', ')}.`,
    'could not': `Could not check: ${reason ?? missing.join(', ')}.`,
  };
  status.textContent = `${SIGNS[state]} ${words[state]}`;
  status.className = `verdict ${CLASSES[state]}`;
  section.dataset['state'] = state;
}

const SIGNS = { verified: '✓', failed: '✕', 'could not': '?' };
const CLASSES = { verified: 'good', failed: 'bad', 'could not': 'doubt' };
const NAMES: Record<string, string> = {
  chain: 'chain link',
  inclusion: 'inclusion in the log',
  page: 'this page',
};

async function get(address: string): Promise<Response | null> {
  const answer = await fetch(address, { credentials: 'same-origin', cache: 'no-store' }).catch(
    () => null,
  );
  return answer?.ok ? answer : null;
}
const getBytes = async (address: string): Promise<Bytes | null> => {
  const answer = await get(address);
  return answer && new Uint8Array(await answer.arrayBuffer());
};
const getText = async (address: string) => (await (await get(address))?.text()) ?? null;
const getJson = async <T>(address: string): Promise<T | null> =>
  (await (await get(address))?.json().catch(() => null)) ?? null;

const section = document.getElementById('verification');
if (section !== null) {
  run(section).catch((error: unknown) => conclude(section, [], String(error)));
}
