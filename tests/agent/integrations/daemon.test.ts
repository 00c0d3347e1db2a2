import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { createServer as createTcp } from 'node:net';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Notice } from '../../../agent/src/wire/notice.ts';
import { makeClinic, until, untilAsync } from '../../support/clinic.ts';
import { portOf, scrape } from '../../support/local.ts';

test('a drift reaches webhook, syslog and metrics, and what a webhook refused reaches it later', async () => {
  const told: Notice[] = [];
  let refusing = true;
  const webhook = createHttp(async (asked, response) => {
    let body = '';
    for await (const part of asked) body += part;
    if (!refusing) told.push(Notice.parse(JSON.parse(body)));
    response.writeHead(refusing ? 503 : 204).end();
    refusing = false; // the first is refused, as by a receiver that just starts
  });
  let lines = '';
  const syslog = createTcp((socket) => socket.on('data', (part) => (lines += part)));
  for (const server of [webhook, syslog]) server.listen(0, '127.0.0.1');
  await Promise.all([webhook, syslog].map((server) => once(server, 'listening')));

  const clinic = makeClinic();
  const secret = join(clinic.paths.folder, 'secret');
  const metrics = join(clinic.paths.folder, 'metrics.sock');
  writeFileSync(secret, 'shared', { mode: 0o600 });
  clinic.configure({
    rmm_webhook_url: `http://127.0.0.1:${portOf(webhook)}/rmm`,
    webhook_secret_file: secret,
    syslog_target: `tcp://127.0.0.1:${portOf(syslog)}`,
    metrics_listen: metrics,
  });
  try {
    const daemon = clinic.daemon();
    await until(() => daemon.log().includes('"cycle"'));
    clinic.setMounts('drifted');
    const drift = await until(() => told.find(({ verdict }) => verdict === 'drifted'));
    assert.is(drift.check, 'encryption');
    await until(() => told.some(({ outcome }) => outcome === 'compliant')); // the one refused at first
    await until(() => /encryption \[compliance@32473[^\]]* verdict="drifted"/.test(lines));
    const text = await untilAsync(async () => {
      const now = await scrape(metrics);
      return /verdict\{control="encryption",verdict="drifted"\} 1/.test(now) && now;
    });
    assert.match(text, /^compliance_agent_notices_delivered_total\{channel="webhook"\} [1-9]/m);
    const bundle = clinic.bundles().find(({ bundle_id }) => bundle_id === drift.bundle_id);
    assert.is(bundle?.sequence, drift.sequence, 'a notice names its evidence');
    assert.is(await daemon.stop('SIGTERM'), 0);
  } finally {
    await clinic.remove();
    webhook.closeAllConnections();
    webhook.close();
    syslog.close();
  }
});

test('a port that is taken and a receiver that is gone leave a daemon that watches', async () => {
  const taken = createTcp();
  taken.listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const clinic = makeClinic();
  clinic.configure({
    metrics_listen: `127.0.0.1:${portOf(taken)}`,
    syslog_target: 'tls://127.0.0.1:1',
  });
  try {
    const daemon = clinic.daemon();
    await until(() => daemon.log().includes('metrics cannot be served'));
    await until(() => daemon.log().includes('a notice could not be told'));
    await until(() => clinic.bundles().some(({ check }) => check === 'attestation'));
    assert.is(await daemon.stop('SIGTERM'), 0);
  } finally {
    await clinic.remove();
    taken.close();
  }
});

test.run();
