import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Status } from '../../agent/src/agent/status.ts';
import { statusLine } from '../../agent/src/agent/status-line.ts';
import { statusText } from '../../agent/src/agent/status-text.ts';
import { makeClinic } from '../support/clinic.ts';
import { DIST, testWith } from '../support/suite.ts';

const control = (
  check: string,
  verdict: 'compliant' | 'drifted' | 'unknown',
  message?: string,
) => ({
  check,
  verdict,
  severity: verdict === 'compliant' ? null : ('high' as const),
  open_findings: verdict === 'compliant' ? 0 : 2,
  message: message ?? null,
});

const NOW = new Date('2026-11-22T09:30:00.000Z');
const STATUS: Status = {
  host_id: 'frontdesk',
  site_id: 'clinic-7',
  daemon: {
    version: '0.1.0',
    pid: 42,
    started_at: '2026-11-20T09:00:00.000Z',
    poll_interval: 300,
    counters: { loops_completed: 3 },
    last_cycle: {
      started_at: '2026-11-22T09:29:30.000Z',
      duration_ms: 25,
      verdicts: {},
      controls: [
        control('encryption', 'compliant'),
        control('firewall', 'drifted', 'a rule is gone'),
      ],
    },
    evidence_failure: null,
    evidence_waiting: 0,
  },
  evidence: { chain_id: 'c', sequence: 9, digest: 'd'.repeat(64) },
  server: {
    url: 'https://mcp.example',
    state: 'out of reach',
    failure: { code: 'unreachable', params: {} },
    certificate: { expires: '2026-12-01T00:00:00.000Z', days_left: 8 },
  },
  notices: { webhook: { pending: 1, stalled: 2, delivered: 5 } },
  queue: { pending: 3, stalled: 0, uploaded: 6, oldest_age_ms: 1000, bytes: 10 },
};

test('status shows each control on a line, then what runs and what waits', () => {
  const lines = statusText(STATUS, { now: NOW, inColour: false }).split('\n');
  assert.is(lines[0], 'frontdesk, site clinic-7');
  assert.ok(lines.includes('✓ encryption   compliant'));
  assert.ok(lines.includes('✗ firewall     drifted       high      a rule is gone (and 1 more)'));
  assert.ok(lines.includes('cycle      30 s ago, took 25 ms'));
  assert.ok(lines.includes('queue      3 pending, 0 stalled, 6 uploaded'));
  assert.ok(lines.includes('notices    webhook 5 told, 1 pending, 2 stalled'));
  assert.ok(lines.includes('server     https://mcp.example: out of reach, unreachable'));
});

test('status of a host without a daemon says so first', () =>
  assert.match(
    statusText(
      { ...STATUS, daemon: null, notices: null, queue: null },
      { now: NOW, inColour: false },
    ),
    /^frontdesk, site clinic-7\ndaemon {5}not running\n/,
  ));

const daemon = STATUS.daemon;
assert.ok(daemon?.last_cycle);
const withControls = (...controls: ReturnType<typeof control>[]): Status => ({
  ...STATUS,
  daemon: {
    ...daemon,
    last_cycle: { ...(daemon.last_cycle as never as object), controls } as never,
  },
});
const quiet = { queue: { ...STATUS.queue, pending: 0 } as Status['queue'], notices: {} };
const lines: [status: Status, line: string][] = [
  [STATUS, 'drifted: firewall; 3 bundles wait; server out of reach; 3 notices wait'],
  [
    {
      ...withControls(control('encryption', 'compliant')),
      ...quiet,
      server: { ...STATUS.server, state: 'reachable' },
    },
    '1 controls compliant',
  ],
  [
    {
      ...withControls(control('backup', 'unknown')),
      ...quiet,
      server: { ...STATUS.server, state: 'reachable' },
    },
    'unknown: backup',
  ],
];
for (const [status, line] of lines)
  test(`systemctl status shows: ${line}`, () => assert.is(statusLine(status), line));

testWith({ tools: ['script'] }, 'colour on a terminal, and never against NO_COLOR', async () => {
  const clinic = makeClinic();
  clinic.setMounts('drifted');
  const program = join(DIST, 'compliance-agent.js');
  const { config, root } = clinic.paths;
  const command = `${process.execPath} ${program} check encryption --config ${config} --root ${root}`;
  const { NO_COLOR: _, FORCE_COLOR: __, ...env } = process.env;
  const onTerminal = (more: NodeJS.ProcessEnv) =>
    spawnSync('script', ['-qec', command, '/dev/null'], {
      encoding: 'utf8',
      env: { ...env, TERM: 'xterm', ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  try {
    const coloured = onTerminal({});
    assert.is(coloured.status, 1);
    assert.ok(coloured.stdout.includes('\u001b[31m'), coloured.stdout);
    const plain = onTerminal({ NO_COLOR: '1' }).stdout;
    assert.not.ok(plain.includes('\u001b['));
    assert.match(plain, /✗ encryption +drifted/);
    const piped = await clinic.run('check', 'encryption', '--root', root);
    assert.not.ok(piped.stdout.includes('\u001b['));
  } finally {
    await clinic.remove();
  }
});

test.run();
