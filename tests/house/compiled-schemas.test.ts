import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type * as z from 'zod';
import { BackupFacts } from '../../agent/src/core/backup/facts.ts';
import { BackupSection } from '../../agent/src/core/backup/section.ts';
import { RulesetListing } from '../../agent/src/core/ruleset/listing-schema.ts';
import { FirewallSection } from '../../agent/src/core/ruleset/section.ts';
import { Volumes } from '../../agent/src/core/storage/luks-schema.ts';
import { RestoreStatus } from '../../agent/src/wire/backup.ts';
import { ControlRequest } from '../../agent/src/wire/control.ts';
import { Bundle } from '../../agent/src/wire/evidence.ts';
import { KeyChange } from '../../agent/src/wire/lineage.ts';
import { RemedyAnswer } from '../../agent/src/wire/remedy.ts';
import { EvidenceAnswer } from '../../agent/src/wire/routes.ts';
import { type environmentSettings, Settings } from '../../agent/src/wire/settings.ts';
import { CheckState } from '../../agent/src/wire/verdict.ts';
import { makeClinic, until } from '../support/clinic.ts';
import { DIST, REPOSITORY } from '../support/suite.ts';

const AGENT = join(REPOSITORY, 'agent');
const folder = mkdtempSync(join(AGENT, '.build/compiled-schemas-'));
test.after(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

/** A module of ours as the programs have it. */
async function bundled(module: string): Promise<Record<string, z.ZodType>> {
  const { COMPILED_RESIDENT, schemasCompiled } = await import(
    join(AGENT, 'scripts/compile-schemas.mjs')
  );
  const common = { bundle: true, platform: 'node', logLevel: 'silent', tsconfigRaw: {} } as const;
  const outfile = at(`${module.replaceAll('/', '-')}.cjs`);
  const plugins = [await schemasCompiled(common, join(DIST, 'lib/zod.js'), COMPILED_RESIDENT)];
  const entryPoints = [join(AGENT, 'src', `${module}.ts`)];
  await build({ ...common, entryPoints, outfile, format: 'cjs', plugins });
  return createRequire(import.meta.url)(outfile);
}

const TIME = '2026-11-22T09:30:00.000Z';
const restored = {
  type: 'compliance-agent/restore-test/v1',
  job: 'home',
  result: 'passed',
  reason: null,
  snapshot_id: '0123abcd',
  expected_sha256: null,
  actual_sha256: '0'.repeat(64),
  tested_at: TIME,
  duration_sec: 0.5,
};
const rules = { name: 'input', properties: { hook: 'input' }, rules: [{ expr: [] }, 'text'] };
const table = { family: 'inet', name: 'mine', properties: {}, chains: [rules], objects: [] };
const document = { backend: 'nftables', tables: [table] };
const job = { job: 'home', unit: 'home.service' };
const state = {
  ...{ check: 'backup', verdict: 'drifted', severity: 'high', exceptions: [], error: null },
  facts: { of: [{ any: ['depth', null, -0.5, true] }] },
  findings: [],
};
const bundle = JSON.parse(
  readFileSync(join(REPOSITORY, 'tests/vectors/bundles/1-compliant/bundle.json'), 'utf8'),
);
const key = { key_id: '0'.repeat(64), public_key: `${'A'.repeat(43)}=` };
const envelope = { payload: 'AAAA', signature: `${'A'.repeat(86)}==`, key_id: '0'.repeat(64) };
const result = {
  ...{ type: 'compliance-agent/remedy/v1', number: 1, remedy: 'run_backup_job', state: 'started' },
  ...{ order_id: null, timestamp_start: TIME, timestamp_end: null, outcome: null },
  ...{ action_taken: [], rollback_available: false, rollback_generation: null },
  ...{ target_generation: null, error: null },
};

const CASES: readonly [module: string, name: string, schema: z.ZodType, values: unknown[]][] = [
  [
    'wire/settings',
    'Settings',
    Settings,
    [
      {},
      { poll_interval: 60, time_zone: 'Europe/Berlin', checks: { antivirus: { timeout: 5 } } },
      { mcp_url: ' https://server.example ', ...tls(), rmm_webhook_url: 'ftp://x' },
      { mcp_url: ' https://server.example ', ...tls() },
      { mcp_url: 'https://server.example' }, // which calls for the files
      { deployment_mode: 'reseller', poll_interval: 0 },
      { poll_interval: 1.5, unheard_of: true, maintenance_window: '04:00-04:00' },
      { checks: { Antivirus: {} } },
      { orders_allow: 'all' },
      [],
      null,
    ],
  ],
  ['core/backup/section', 'BackupSection', BackupSection, [{}, { jobs: [job] }, { jobs: 1 }]],
  [
    'core/ruleset/section',
    'FirewallSection',
    FirewallSection,
    [{ backend: 'none' }, { backend: 'nftables', tables: ['inet/mine'] }, { backend: 'ipfw' }],
  ],
  [
    'core/ruleset/listing-schema',
    'RulesetListing',
    RulesetListing,
    [
      { document, foreign: ['ip/docker'], bypasses: [] },
      {
        document: { ...document, tables: [{ ...table, chains: [{}] }] },
        foreign: [],
        bypasses: [],
      },
    ],
  ],
  [
    'core/storage/luks-schema',
    'Volumes',
    Volumes,
    [
      { volumes: [{ name: 'a', header: null }] },
      { volumes: [{ name: 'a', error: { code: 'denied', params: { errno: 'EACCES' } } }] },
      { volumes: [{ name: 'a', error: { code: 'denied', params: { errno: 'no' } } }] },
      { volumes: [{ name: 'a' }], more: 1 },
    ],
  ],
  [
    'wire/backup',
    'RestoreStatus',
    RestoreStatus,
    [
      restored,
      { ...restored, tested_at: '2026-02-30T09:30:00.000Z' },
      { ...restored, job: 'a.b', duration_sec: -1 },
      { ...restored, reason: 'none' },
    ],
  ],
  [
    'wire/verdict',
    'CheckState',
    CheckState,
    [state, { ...state, facts: { a: [undefined] } }, { ...state, facts: [Number.NaN] }, null],
  ],
  [
    'wire/evidence',
    'Bundle',
    Bundle,
    [
      bundle,
      { ...bundle, post_state: state, error: { code: 'busy', params: {} } },
      { ...bundle, post_state: { at: new Date(0) } },
      { ...bundle, pre_state: [[{ deep: undefined }]], sequence: 0 },
      { ...bundle, more: 1 },
    ],
  ],
  [
    'wire/control',
    'ControlRequest',
    ControlRequest,
    [
      { verb: 'status' },
      { verb: 'queue retry', params: { any: [{}] } },
      { verb: 'rm -rf', params: {} },
      { verb: 'status', params: { at: undefined } },
    ],
  ],
  [
    'wire/lineage',
    'KeyChange',
    KeyChange,
    [
      { pre_state: key, post_state: key },
      { pre_state: key, post_state: { ...key, public_key: 'A=' } },
      null,
    ],
  ],
  [
    'wire/remedy',
    'RemedyAnswer',
    RemedyAnswer,
    [
      { ran: true, result },
      { ran: true, result: { ...result, number: 0 } },
      { ran: false, result },
    ],
  ],
  [
    'wire/routes',
    'EvidenceAnswer',
    EvidenceAnswer,
    [{ receipt: envelope }, { receipt: { ...envelope, payload: 'A A=' } }, {}],
  ],
  [
    'core/backup/facts',
    'BackupFacts',
    BackupFacts,
    [
      { jobs: [{ job: 'home', status: null, restore_test: restored }], units: [] },
      { jobs: [], units: { unseen: { code: 'busy', params: {} } } },
      { jobs: [], units: { unseen: { code: 'tired', params: {} } } },
      { jobs: [{ job: 1 }], units: [] },
    ],
  ],
];

for (const [module, name, itself, values] of CASES) {
  test(`${name} accepts, refuses and fills in as compiled what it does as zod’s`, async () => {
    const compiled = (await bundled(module))[name] as z.ZodType;
    const outcomes = new Set<boolean>();
    for (const value of values) {
      const one = compiled.safeParse(value);
      const other = itself.safeParse(value);
      assert.equal(one.data, other.data, JSON.stringify(value));
      assert.equal(one.error?.issues, other.error?.issues, JSON.stringify(value));
      outcomes.add(one.success);
    }
    assert.is(outcomes.size, 2, 'some are accepted and some refused');
  });
}

test('a default is a new value each time', async () => {
  const { fileSettings } = (await bundled('wire/settings')) as unknown as {
    fileSettings: typeof environmentSettings & { orders_allow: z.ZodType<string[]> };
  };
  fileSettings.orders_allow.parse(undefined).push('anything');
  assert.equal(fileSettings.orders_allow.parse(undefined), []);
});

/** Which of the programs’ files one check reads, and what it says. */
function checked(settings: object): { files: string[]; said: string } {
  writeFileSync(at('baseline.json'), JSON.stringify({ version: 1 }));
  const written = { baseline_path: at('baseline.json'), ...settings };
  writeFileSync(at('config.json'), JSON.stringify(written));
  const script = `
    const { load } = require(process.argv[1]);
    const files = [];
    const { check } = load(process.argv[2], (file) => files.push(file));
    const print = (said) => console.log(JSON.stringify({ files, said: String(said) }));
    check(['backup'], { config: process.argv[3], root: '/', json: false }).then(print, print);`;
  const check = join(DIST, 'lib/agent/cli/daemon/check.js');
  const args = ['-e', script, join(DIST, 'load.js'), check, at('config.json')];
  const printed = execFileSync(process.execPath, args, { encoding: 'utf8' });
  return JSON.parse(printed.trim().split('\n').at(-1) ?? '');
}

test('a check whose settings and baseline are right loads no zod', () => {
  const { files } = checked({});
  assert.equal(
    files.map((file) => file.split('/').at(-1)),
    ['check.js'],
  );
});

test('a check whose settings are wrong has zod say why', () => {
  const { files, said } = checked({ poll_interval: 0 });
  assert.ok(files.some((file) => file.endsWith('/zod.js')));
  assert.match(said, /poll_interval: found 0, Too small: expected number to be >=1/);
});

/** What is asked most, and reads only what the daemon wrote. */
const COMMANDS = [
  'evidence list',
  'evidence stats',
  'evidence verify',
  'queue status',
  'orders list',
  'config check',
];

test('a daemon starts, records drift, is asked and reads its settings again without zod', async () => {
  const withoutZod = at('dist');
  const filter = (path: string) => !path.includes('/lib/zod.js');
  cpSync(DIST, withoutZod, { recursive: true, filter });
  const clinic = makeClinic({ program: join(withoutZod, 'compliance-agent.js') });
  const recorded = (what: string) =>
    until(() => clinic.bundles().some((bundle) => JSON.stringify(bundle).includes(what)));
  try {
    const daemon = clinic.daemon();
    await recorded('"verdict":"compliant"');
    clinic.setMounts('drifted');
    await recorded('"verdict":"drifted"');
    for (const args of [['status'], ['status', '--json'], ['once', '--root', clinic.paths.root]]) {
      const { stdout, stderr } = await clinic.run(...args);
      assert.match(stdout, /drifted/, stderr);
    }
    for (const command of COMMANDS) {
      const { code, stderr } = await clinic.run(...command.split(' '));
      assert.is(code, 0, `${command}: ${stderr}`);
    }
    daemon.child.kill('SIGHUP');
    await recorded('"reload"');
    assert.is(await daemon.stop('SIGTERM'), 0);
    const again = clinic.daemon();
    await until(() => again.log().includes('"msg":"cycle"'));
    assert.not.match(daemon.log() + again.log(), /failed|zod/);
    assert.is(await again.stop('SIGTERM'), 0);
    clinic.configure({ poll_interval: 0 });
    const wrong = clinic.daemon();
    await until(() => wrong.log().includes('zod.js')); // what is wrong needs it
  } finally {
    await clinic.remove();
  }
});

function tls() {
  return Object.fromEntries(
    ['ca_file', 'client_cert_file', 'client_key_file'].map((field) => [field, `/etc/${field}`]),
  );
}

test.run();
