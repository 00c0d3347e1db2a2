import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PROBES } from '../../agent/src/wire/probe.ts';
import { REMEDY_SOCKETS } from '../../agent/src/wire/remedy.ts';
import { REPOSITORY, testWith } from '../support/suite.ts';

const UNITS = join(REPOSITORY, 'agent', 'units');
const files = readdirSync(UNITS).filter((name) => /\.(service|socket|target)$/.test(name));
const text = (name: string) => readFileSync(join(UNITS, name), 'utf8');
const has = (name: string, ...lines: string[]) => {
  for (const line of lines)
    assert.ok(text(name).split('\n').includes(line), `${name} lacks ${line}`);
};

const steps = [
  ...PROBES.map((name) => ({ kind: 'probe', name })),
  ...REMEDY_SOCKETS.map((name) => ({ kind: 'remedy', name })),
];

test('every probe and remedy has a socket and a template, and nothing else has', () => {
  const expected = steps.flatMap(({ kind, name }) => [
    `compliance-agent-${kind}-${name}.socket`,
    `compliance-agent-${kind}-${name}@.service`,
  ]);
  assert.equal(
    files.toSorted(),
    [
      ...expected,
      'compliance-agent.service',
      'compliance-agent-sockets.target',
      'compliance-agent-state.service',
    ].toSorted(),
  );
});

for (const { kind, name } of steps) {
  test(`${kind}/${name} is one static step behind one socket (DESIGN 5)`, () => {
    has(
      `compliance-agent-${kind}-${name}.socket`,
      `ListenStream=/run/compliance-agent/${kind}/${name}.sock`,
      'SocketUser=root',
      'SocketGroup=compliance-agent',
      'SocketMode=0660',
      'Accept=yes',
      'MaxConnections=1',
      'TriggerLimitIntervalSec=0',
    );
    has(
      `compliance-agent-${kind}-${name}@.service`,
      `ExecStart=@bin@/compliance-agent ${kind} ${name}`,
      'StandardInput=socket',
      'StandardOutput=socket',
      'StandardError=journal',
      'X-RestartIfChanged=false',
      'X-StopOnRemoval=false',
      'CollectMode=inactive-or-failed',
    );
    has('compliance-agent-sockets.target', `Wants=compliance-agent-${kind}-${name}.socket`);
  });
}

test('no option gives the generation switch a mount namespace of its own', () => {
  const options =
    /^(Protect(System|Home|ControlGroups|Kernel\w+|Proc|Hostname)|Private\w+|ProcSubset|Read\w+Paths|InaccessiblePaths|BindPaths|RootDirectory|MountFlags|DynamicUser|TemporaryFileSystem)=/m;
  assert.not.match(text('compliance-agent-remedy-update_to_baseline_generation@.service'), options);
});

test('of the probes one alone keeps something: what it hashed, for root only', () => {
  const kept = /^(State|Cache|Logs|Configuration)Directory=.*$|^ReadWritePaths=.*$/m;
  const probes = files.filter((name) => /-probe-.*@\.service$/.test(name));
  assert.equal(
    probes.filter((name) => kept.test(text(name))),
    ['compliance-agent-probe-antivirus@.service'],
  );
  has(
    'compliance-agent-probe-antivirus@.service',
    'CacheDirectory=compliance-agent-probe',
    'CacheDirectoryMode=0700',
  );
});

/** Exposure as `systemd-analyze security` has it: from 0 (safe) to 10. A step may not become looser unnoticed. */
const EXPOSURE: Record<string, number> = {
  'compliance-agent.service': 1.5,
  'compliance-agent-state.service': 1,
  'compliance-agent-probe-antivirus@.service': 1.5,
  'compliance-agent-probe-firewall@.service': 1.3,
  'compliance-agent-probe-firewall-reference@.service': 0.8,
  'compliance-agent-probe-logging@.service': 0.5,
  'compliance-agent-probe-volumes@.service': 1,
  'compliance-agent-remedy-restart_av_service@.service': 1,
  'compliance-agent-remedy-restart_logging_services@.service': 1,
  'compliance-agent-remedy-restore_firewall_baseline@.service': 1.5,
  'compliance-agent-remedy-run_backup_job@.service': 1,
  'compliance-agent-remedy-update_to_baseline_generation@.service': 3.5,
};
for (const name of files.filter((file) => file.endsWith('.service'))) {
  testWith({ tools: ['systemd-analyze'] }, `${name} is no more exposed than it must be`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'units-'));
    try {
      const path = join(folder, name);
      writeFileSync(path, text(name).replaceAll('@bin@', '/usr/bin'));
      const answer = execFileSync(
        'systemd-analyze',
        ['security', '--offline=yes', '--no-pager', path],
        { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
      );
      const level = Number(/exposure level for \S+: ([\d.]+)/.exec(answer)?.[1]);
      assert.ok(level <= (EXPOSURE[name] ?? 0), `${name}: ${level}`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

test.run();
