import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { html, raw } from '../../../agent/src/core/report/page/markup.ts';
import { takeEvidence } from '../../../agent/src/server/intake/intake.ts';
import type { Draft } from '../../../agent/src/wire/evidence.ts';
import type { Json } from '../../../agent/src/wire/primitives.ts';
import { signedBundle } from '../../support/chain.ts';
import { drifted } from '../../support/report.ts';
import { REPOSITORY } from '../../support/suite.ts';
import { SERVER_KEY, settle, testHost, viewerApp, viewerDatabase } from '../../support/viewer.ts';

const EVIL = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>&`;
const ESCAPED =
  '&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&gt;&lt;img src=x onerror=alert(2)&gt;&amp;';

const TEMPLATES: [what: string, made: { html: string }, expected: string][] = [
  ['text is escaped', html`<p>${EVIL}</p>`, `<p>${ESCAPED}</p>`],
  ['also in an attribute', html`<p title="${EVIL}">`, `<p title="${ESCAPED}">`],
  ['markup is not', html`${html`<b>${'<'}</b>`}`, '<b>&lt;</b>'],
  ['each of a list', html`${['<', raw('<i>'), 3]}`, '&lt;<i>3'],
  ['nothing is nothing', html`a${null}${undefined}${false}b`, 'ab'],
  ['zero is something', html`${0}`, '0'],
];
for (const [what, { html: made }, expected] of TEMPLATES)
  test(`in a template ${what}`, () => assert.is(made, expected));

test('no page makes markup but by the template', () => {
  const folder = join(REPOSITORY, 'agent/src/server/views');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const pages = files.filter((file) => file.endsWith('.ts') && !file.startsWith('browser/'));
  assert.ok(pages.length > 15, 'pages were found at all');
  const broken = pages.filter((file) =>
    /\braw\(|\{ html: |innerHTML/.test(readFileSync(join(folder, file), 'utf8')),
  );
  assert.equal(broken, []);
});

test('whatever a host’s bundle says stays text, in every field that is free', async () => {
  const { store, remove } = viewerDatabase();
  const { signer } = await testHost(store, 'host-1', { siteId: 'clinic-1' });
  const finding = drifted('firewall', EVIL).findings[0];
  const draft: Partial<Draft> = {
    check: 'firewall',
    hipaa_controls: [EVIL.slice(0, 64)],
    pre_state: { [EVIL]: [EVIL, { [EVIL]: EVIL }] },
    post_state: {
      ...drifted('firewall', EVIL),
      findings: [{ ...finding, subject: EVIL, expected: EVIL, actual: { [EVIL]: EVIL } }],
      exceptions: [EVIL.slice(0, 64)],
      facts: { backend: 'nftables', [EVIL]: EVIL },
    } as unknown as Json,
    action_taken: [
      {
        step: 1,
        action: EVIL.slice(0, 64),
        command: EVIL,
        exit_code: 1,
        duration_sec: 1,
        result: 'failed',
      },
    ],
    rollback_available: true,
    rollback_generation: EVIL,
    outcome: 'failed',
    runbook_id: EVIL.slice(0, 64),
  };
  const context = {
    ...{ policy_version: EVIL.slice(0, 64), nixos_revision: EVIL.slice(0, 64) },
    ...{ boot_id: EVIL.slice(0, 64), agent_version: EVIL.slice(0, 64) },
  };
  const bundle = signedBundle({ signer, draft, context });
  const { keys = [] } = (await store.enrolled('host-1')) ?? {};
  const { bytes, signature } = bundle;
  const now = new Date('2026-11-22T09:40:00.000Z');
  await takeEvidence({ store, signer: SERVER_KEY, keys, hostId: 'host-1', bytes, signature, now });
  await settle(store);
  const app = await viewerApp(store);
  for (const address of ['/fleet', '/hosts/host-1', `/hosts/host-1/bundles/${bundle.sha256}`]) {
    const { statusCode, body } = await app.inject(address);
    assert.is(statusCode, 200, address);
    assert.not.match(body, /<script(?! type="module" src="\/assets\/)/, address);
    assert.not.match(body, '<img', address);
  }
  const { body } = await app.inject(`/hosts/host-1/bundles/${bundle.sha256}`);
  assert.ok(body.split(ESCAPED).length > 10, 'and it is shown at all');
  await remove();
});

test.run();
