import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
import { type environmentSettings, Settings } from '../../agent/src/wire/settings.ts';
import { DIST, REPOSITORY } from '../support/suite.ts';

const AGENT = join(REPOSITORY, 'agent');
const folder = mkdtempSync(join(AGENT, '.build/compiled-schemas-'));
test.after(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

/** A module of ours as the programs have it. */
async function bundled(module: string): Promise<Record<string, z.ZodType>> {
  const { schemasCompiled } = await import(join(AGENT, 'scripts/compile-schemas.mjs'));
  const common = { bundle: true, platform: 'node', logLevel: 'silent', tsconfigRaw: {} } as const;
  const outfile = at(`${module.replaceAll('/', '-')}.cjs`);
  const plugins = [await schemasCompiled(common, join(DIST, 'lib/zod.js'))];
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

function tls() {
  return Object.fromEntries(
    ['ca_file', 'client_cert_file', 'client_key_file'].map((field) => [field, `/etc/${field}`]),
  );
}

test.run();
