import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { newCounters } from '../../../agent/src/agent/counters.ts';
import { createMetrics, type Sample } from '../../../agent/src/agent/integrations/metrics.ts';
import { listenForScrapes } from '../../../agent/src/effects/integrations/metrics-listener.ts';
import type { Finding } from '../../../agent/src/wire/verdict.ts';
import { failureOf } from '../../support/failure.ts';
import { REPOSITORY, testWith } from '../../support/suite.ts';

const RULES = join(REPOSITORY, 'agent/units/prometheus/compliance-agent.rules.yaml');
const RULES_TEST = join(REPOSITORY, 'tests/agent/integrations/rules.test.yaml');
const folder = mkdtempSync(join(tmpdir(), 'metrics-'));
test.after(() => rmSync(folder, { recursive: true }));

const finding = (severity: Finding['severity'], exception: string | null = null): Finding => ({
  rule: 'rule_differs',
  subject: 'inet filter',
  verdict: 'drifted',
  severity,
  expected: null,
  actual: null,
  message: 'a rule is gone',
  exception,
});

const SAMPLE: Sample = {
  now: 1_000_000,
  version: '0.1.0',
  hostId: 'host-1',
  siteId: 'clinic-1',
  startedAt: 400_000,
  pollInterval: 300,
  counters: { ...newCounters(), loops_completed: 3 },
  lastCycle: {
    startedAt: 940_000,
    states: [
      {
        check: 'firewall',
        verdict: 'drifted',
        severity: 'critical',
        findings: [finding('critical'), finding('high'), finding('high'), finding('low', 'ex-1')],
        exceptions: ['ex-1'],
        facts: null,
        error: null,
      },
    ],
  },
  queue: { pending: 2, stalled: 1, uploaded: 9, oldestAgeMs: 61_000, bytes: 4096 },
  outbox: { webhook: { pending: 1, stalled: 0, delivered: 7 } },
  head: { chain_id: 'c', sequence: 12 },
  evidenceWritable: true,
  evidenceWaiting: 0,
  serverUp: false,
  certificate: { from: 0, until: 2_000_000 },
  keyMadeAt: 500_000,
  clockOffsetMs: -12,
  clockLimitMs: 5000,
};

async function scraped(changes: Partial<Sample> = {}): Promise<string> {
  const metrics = createMetrics(() => ({ ...SAMPLE, ...changes }));
  metrics.cycle(40);
  metrics.recorded({ outcome: 'reverted', runbook_id: 'run_backup_job' });
  metrics.recorded({ outcome: 'alert', runbook_id: null });
  await metrics.text();
  return metrics.text(); // a second scrape says the same as the first
}

const lines: [what: string, line: string][] = [
  [
    'drift by control and severity',
    'open_findings{control="firewall",severity="high",verdict="drifted"} 2',
  ],
  [
    'what an exception covers is not open',
    'open_findings{control="firewall",severity="low",verdict="drifted"} 0',
  ],
  ['the verdict', 'verdict{control="firewall",verdict="drifted"} 1'],
  ['a verdict that is not', 'verdict{control="firewall",verdict="compliant"} 0'],
  ['remedies by outcome', 'remedies_total{remedy="run_backup_job",outcome="reverted"} 1'],
  ['cycle time', 'cycle_duration_seconds_bucket{le="0.05"} 1'],
  ['the queue', 'queue_pending 2'],
  ['the queue', 'queue_stalled 1'],
  ['the queue', 'queue_uploaded_total 9'],
  ['the queue', 'queue_oldest_age_seconds 61'],
  ['the queue', 'queue_bytes 4096'],
  ['notices', 'notices_pending{channel="webhook"} 1'],
  ['the chain’s head', 'chain_sequence{chain_id="c"} 12'],
  ['the certificate', 'client_certificate_expiry_seconds 1000'],
  ['the certificate', 'client_certificate_age_seconds 1000'],
  ['the key', 'signing_key_age_seconds 500'],
  ['the clock', 'clock_offset_seconds -0.012'],
  ['the last cycle', 'seconds_since_last_cycle 60'],
  ['the counters', 'cycles_total 3'],
  ['the server', 'server_up 0'],
];
for (const [what, line] of lines) {
  test(`${what}: ${line}`, async () =>
    assert.ok((await scraped()).split('\n').includes(`compliance_agent_${line}`)));
}

test('what is not known has no line, rather than a 0', async () => {
  const text = await scraped({
    clockOffsetMs: null,
    certificate: null,
    keyMadeAt: null,
    serverUp: null,
  });
  for (const name of ['clock_offset_seconds', 'client_certificate', 'signing_key_age', 'server_up'])
    assert.not.match(text, new RegExp(`^compliance_agent_${name}`, 'm'));
  assert.match(text, /^compliance_agent_clock_known 0$/m);
});

testWith({ tools: ['promtool'] }, 'promtool takes the metrics', async () => {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: await scraped(),
    encoding: 'utf8',
  });
  assert.is(status, 0, stdout + stderr);
});

testWith({ tools: ['promtool'] }, 'each alert rule is valid and fires when it should', () => {
  const file = join(folder, 'rules.test.yaml');
  writeFileSync(file, readFileSync(RULES_TEST, 'utf8').replace('RULES', RULES));
  for (const args of [
    ['check', 'rules', RULES],
    ['test', 'rules', file],
  ]) {
    const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
    assert.is(status, 0, stdout + stderr);
  }
});

test('every alert rule speaks of metrics that there are', async () => {
  const text = await scraped();
  const named = readFileSync(RULES, 'utf8').match(/compliance_agent_[a-z_]+/g) ?? [];
  assert.ok(named.length > 10);
  for (const name of named) assert.ok(text.includes(`# TYPE ${name} `), name);
});

function get(options: object, path = '/metrics', method = 'GET') {
  return new Promise<{ status: number | undefined; type: string | undefined; body: string }>(
    (resolve, reject) => {
      const asked = request({ ...options, path, method }, async (response) => {
        let body = '';
        for await (const part of response) body += part;
        resolve({ status: response.statusCode, type: response.headers['content-type'], body });
      });
      asked.once('error', reject);
      asked.end();
    },
  );
}

const served = (at: string) =>
  listenForScrapes({ at, contentType: 'text/plain; version=0.0.4', text: async () => 'a 1\n' });

test('metrics are served on a port, and nothing else is', async () => {
  const { port, close } = await served('127.0.0.1:0');
  const at = { host: '127.0.0.1', port };
  assert.equal(await get(at), { status: 200, type: 'text/plain; version=0.0.4', body: 'a 1\n' });
  assert.is((await get(at, '/')).status, 404);
  assert.is((await get(at, '/metrics', 'POST')).status, 405);
  await close();
});

test('metrics are served on a socket that its group may use; a stale one is replaced, a live one not', async () => {
  const socketPath = join(folder, 'metrics.sock');
  const first = await served(socketPath);
  assert.is(statSync(socketPath).mode & 0o777, 0o660);
  assert.is((await get({ socketPath })).status, 200);
  assert.is((await failureOf(served(socketPath)))?.code, 'busy');
  await first.close();
  const left = spawnSync(process.execPath, [
    '-e',
    `require('net').createServer().listen(${JSON.stringify(socketPath)}, () => process.kill(process.pid, 'SIGKILL'))`,
  ]);
  assert.is(left.signal, 'SIGKILL');
  const second = await served(socketPath);
  assert.is((await get({ socketPath })).status, 200);
  await second.close();
});

test.run();
