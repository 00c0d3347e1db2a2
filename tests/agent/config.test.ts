import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadConfig } from '../../agent/src/agent/config.ts';
import { completeSettings } from '../../agent/src/agent/effective.ts';
import { InputError } from '../../agent/src/wire/input.ts';
import { Settings } from '../../agent/src/wire/settings.ts';

const now = new Date('2026-11-22T09:00:00.000Z');
const folder = mkdtempSync(join(tmpdir(), 'config-'));
const BASELINE = join(folder, 'baseline.yaml');

const test = suite('config');
test.after(() => rmSync(folder, { recursive: true }));

/** Writes a settings file and a baseline, and loads both. */
function load({
  settings = '',
  baseline = 'version: 1',
  env = {},
}: {
  settings?: string;
  baseline?: string;
  env?: NodeJS.ProcessEnv;
}) {
  const file = join(folder, 'config.yaml');
  writeFileSync(file, settings);
  writeFileSync(BASELINE, baseline);
  return loadConfig({ file, baselineFile: BASELINE, env, now });
}

async function complaint(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.instance(error, InputError);
  return (error as InputError).message.replaceAll(`${folder}/`, '');
}

type Given = Parameters<typeof load>[0];
const wrong: [title: string, given: Given, ...says: RegExp[]][] = [
  [
    'an unknown field',
    { settings: 'pol_interval: 5' },
    /^config.yaml: pol_interval: found an unknown field, expected one of the documented fields$/,
  ],
  [
    'a field of the wrong type',
    { settings: 'poll_interval: often' },
    /^config.yaml: poll_interval: found "often", expected number$/,
  ],
  ['a number out of its range', { settings: 'poll_interval: 0' }, /poll_interval: found 0, .*>=1/],
  [
    'a window without end',
    { settings: 'maintenance_window: "02:00"' },
    /found "02:00", expected HH:MM-HH:MM/,
  ],
  [
    'a relative path',
    { settings: 'state_dir: var' },
    /state_dir: found "var", expected an absolute path/,
  ],
  [
    'mode reseller without reseller_id',
    { settings: 'deployment_mode: reseller' },
    /^config.yaml: reseller_id: found nothing, expected an id, as deployment_mode is reseller$/,
  ],
  [
    'a server without certificates',
    { settings: 'mcp_url: https://mcp.example' },
    /ca_file: found nothing/,
    /client_cert_file: found nothing/,
    /client_key_file: found nothing/,
  ],
  ['a key that stands twice', { settings: 'site_id: a\nsite_id: b' }, /duplicated.*line 2/],
  [
    'a key that stands twice in JSON',
    { settings: '{"site_id": "a",\n"checks": {"backup": {"enable": true}},\n"site_id" : "a"}' },
    /duplicated.*line 3/,
  ],
  [
    'a file that is no mapping',
    { settings: '- a' },
    /config.yaml: \(whole file\): found no mapping/,
  ],
  ['broken YAML', { settings: 'a: [' }, /config.yaml: \(whole file\): .*expected YAML or JSON/],
  [
    'a wrong variable',
    { env: { COMPLIANCE_AGENT_POLL_INTERVAL: '5m' } },
    /^environment: COMPLIANCE_AGENT_POLL_INTERVAL: found "5m", expected number/,
  ],
  [
    'a boolean variable that is neither true nor false',
    { env: { COMPLIANCE_AGENT_ALLOW_DISRUPTIVE_OUTSIDE_WINDOW: 'yes' } },
    /^environment: COMPLIANCE_AGENT_ALLOW.*: found "yes", expected boolean/,
  ],
  [
    'a misspelt variable',
    { env: { COMPLIANCE_AGENT_POL_INTERVAL: '5' } },
    /^environment: COMPLIANCE_AGENT_POL_INTERVAL: found an unknown variable/,
  ],
  [
    'a setting that only a file may give, as a variable',
    { env: { COMPLIANCE_AGENT_RUNTIME_DIR: '/x' } },
    /COMPLIANCE_AGENT_RUNTIME_DIR: found an unknown variable/,
  ],
  [
    'a misspelt check',
    { settings: 'checks: {firewal: {enable: false}, firewall: {timeout: 5}}' },
    /^config.yaml: checks.firewal: found an unknown check, expected one of antivirus, .*patching$/,
  ],
  [
    'a misspelt remedy',
    { settings: 'remedies: {restart_av: {mode: alert}, run_backup_job: {mode: alert}}' },
    /^config.yaml: remedies.restart_av: found an unknown remedy, expected one of restart_av_service, .*enable_volume_encryption$/,
  ],
  [
    'a misspelt runbook that orders may start',
    { settings: 'orders_allow: [run_backup_job, run_backups]' },
    /^config.yaml: orders_allow.1: found "run_backups", expected one of restart_av_service, run_backup_job, [^\n]*$/,
  ],
  [
    'an unknown field of a check’s settings',
    { settings: 'checks: {firewall: {timeot: 5}}' },
    /^config.yaml: checks.firewall.timeot: found an unknown field/,
  ],
  [
    'a misspelt check beside a wrong field',
    { settings: 'checks: {firewal: {enable: false}}\npoll_interval: often' },
    /^config.yaml: poll_interval: found "often", expected number$/m,
    /^config.yaml: checks.firewal: found an unknown check/m,
  ],
  [
    'an unknown field of the baseline',
    { baseline: 'version: 1\nfoo: 1' },
    /^baseline.yaml: foo: found an unknown field, expected one of the documented fields$/,
  ],
  [
    'an unknown field and a wrong type in a section of the baseline',
    { baseline: 'version: 1\nchecks: {patching: {max_age: 3, max_age_days: soon}}' },
    /^baseline.yaml: checks.patching.max_age: found an unknown field, expected one of/m,
    /^baseline.yaml: checks.patching.max_age_days: found "soon", expected number$/m,
  ],
  [
    'a section of the baseline for a check that there is not',
    { baseline: 'version: 1\nchecks: {patchin: {}}' },
    /^baseline.yaml: checks.patchin: found an unknown field/,
  ],
  [
    'a baseline of another version',
    { baseline: 'version: 2' },
    /^baseline.yaml: version: found 2, expected 1/,
  ],
  [
    'a baseline from the future',
    { baseline: 'version: 1\ngenerated_at: 2026-11-22T09:00:05.001Z' },
    /^baseline.yaml: generated_at: found .*05.001Z, which is in the future/,
  ],
  [
    'a baseline made an hour ahead of this host’s clock',
    { baseline: 'version: 1\ngenerated_at: 2026-11-22T10:00:00.000Z' },
    /in the future, expected at most 2026-11-22T09:00:00.000Z, the clock of this host/,
  ],
  [
    'all wrong fields of file, environment and baseline at once',
    {
      settings: 'deployment_mode: reseller\nsite_id: "a b"\nx: 1',
      env: { COMPLIANCE_AGENT_LOG_LEVEL: 'loud' },
      baseline: 'version: 2',
    },
    /config.yaml: reseller_id/,
    /config.yaml: site_id/,
    /config.yaml: x: /,
    /environment: COMPLIANCE_AGENT_LOG_LEVEL/,
    /baseline.yaml: version/,
  ],
];

for (const [title, given, ...says] of wrong) {
  test(`${title} is refused`, async () => {
    const message = await complaint(load(given));
    for (const pattern of says) assert.match(message, pattern);
  });
}

test('a settings file that was named must exist', async () => {
  writeFileSync(BASELINE, 'version: 1');
  const file = join(folder, 'none.yaml');
  const message = await complaint(loadConfig({ file, baselineFile: BASELINE, env: {}, now }));
  assert.is(message, 'none.yaml: (whole file): found no such file, expected a readable file');
});

test('a missing baseline is named, by the path that the environment gives', async () => {
  const env = { COMPLIANCE_AGENT_BASELINE_PATH: join(folder, 'none.yaml') };
  const message = await complaint(loadConfig({ env, now }));
  assert.is(message, 'none.yaml: (whole file): found no such file, expected a readable file');
});

test('a file that may not be read is named', async () => {
  const file = join(folder, 'secret.yaml');
  writeFileSync(file, '');
  chmodSync(folder, 0o755);
  chmodSync(file, 0);
  const root = process.geteuid?.() === 0;
  if (root) process.seteuid?.(65534); // root reads everything
  try {
    const message = await complaint(loadConfig({ file, baselineFile: BASELINE, env: {}, now }));
    assert.match(message, /secret.yaml: \(whole file\): found no permission to read/);
  } finally {
    if (root) process.seteuid?.(0);
  }
});

test('without a file the defaults stand, and the environment wins over the file', async () => {
  const { settings, origins } = await load({
    settings: 'poll_interval: 60\nsite_id: north\nchecks: {firewall: {timeout: 20}}',
    env: { COMPLIANCE_AGENT_POLL_INTERVAL: '15', COMPLIANCE_AGENT_SITE_ID: '' },
  });
  assert.is(settings.poll_interval, 15);
  assert.is(settings.site_id, 'north', 'an empty variable is not set');
  assert.is(settings.evidence_retention, 1000);
  assert.equal(settings.checks, { firewall: { enable: true, timeout: 20 } });
  assert.equal(origins.poll_interval, {
    source: 'environment',
    name: 'COMPLIANCE_AGENT_POLL_INTERVAL',
  });
  assert.is(origins.site_id.source, 'file');
  assert.equal(origins.evidence_retention, { source: 'default' });
});

test('a baseline within the allowed clock skew is accepted, JSON as well as YAML', async () => {
  const one = await load({ baseline: '{"version":1,"generated_at":"2026-11-22T09:00:05.000Z"}' });
  const two = await load({ baseline: 'generated_at: 2026-11-22T09:00:05.000Z\nversion: 1' });
  assert.is(one.rulesetHash, two.rulesetHash, 'the hash is of what it says, not of how');
  assert.match(one.rulesetHash, /^[0-9a-f]{64}$/);
});

const names: [hostName: string, hostId: string, warning: RegExp | null][] = [
  ['clinic-7.example.org', 'clinic-7.example.org', null],
  ['nixos', 'nixos', /the host name is nixos/],
  ['-a b', 'a-b', /is no identifier; using a-b/],
  ['', 'host', /is no identifier; using host/],
  ['x'.repeat(64), 'x'.repeat(63), /is no identifier/],
];
for (const [hostName, hostId, warning] of names) {
  test(`the host name ${JSON.stringify(hostName)} becomes the host id ${hostId}`, () => {
    const { settings, warnings } = completeSettings(Settings.parse({}), hostName);
    assert.is(settings.host_id, hostId);
    assert.is(settings.signing_key_file, '/var/lib/compliance-agent/signing.key');
    if (warning === null) assert.equal(warnings, []);
    else assert.match(warnings.join(), warning);
  });
}

test.run();
