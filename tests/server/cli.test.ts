import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as z from 'zod';
import type { Issued } from '../../agent/demo/certificates.ts';
import { createVerifier, keyIdOf } from '../../agent/src/core/ed25519.ts';
import { parsePublicKey } from '../../agent/src/core/keys.ts';
import { acceptOrder } from '../../agent/src/core/orders.ts';
import { openReceipt } from '../../agent/src/core/receipt.ts';
import { createClient } from '../../agent/src/effects/upload/client.ts';
import { ask, post } from '../support/ask.ts';
import { type TestAuthority, testAuthority } from '../support/ca.ts';
import { type Signed, signedChain } from '../support/chain.ts';
import { signerOf } from '../support/evidence.ts';
import { DIST } from '../support/suite.ts';

type World = { ca: TestAuthority; folder: string; config: string; settings: string };
const test = suite<World>('compliance-server');
const key = signerOf(1);
const PROGRAM = join(DIST, 'compliance-server.js');

test.before(async (world) => {
  world.ca = await testAuthority();
  world.folder = mkdtempSync(join(tmpdir(), 'compliance-cli-'));
  world.config = join(world.folder, 'config.yaml');
  const { certFile, keyFile } = world.ca.files('server', await world.ca.server());
  writeFileSync(
    file(world, 'receipt.pem'),
    run(['keys', 'generate', file(world, 'receipt.key')]).stdout,
  );
  writeFileSync(
    file(world, 'operators.pem'),
    run(['keys', 'generate', file(world, 'operator.key')]).stdout,
  );
  world.settings = `
listen_port: 0
client_ca_file: ${world.ca.caFile}
cert_file: ${certFile}
key_file: ${keyFile}
database_path: ${file(world, 'server.db')}
receipt_key_file: ${file(world, 'receipt.key')}
operator_keys_file: ${file(world, 'operators.pem')}
`;
});
test.before.each((world) => {
  for (const suffix of ['', '-wal', '-shm'])
    rmSync(file(world, `server.db${suffix}`), { force: true });
  chmodSync(file(world, 'receipt.key'), 0o600);
  writeFileSync(world.config, world.settings);
});
test.after(({ ca, folder }) => {
  ca.remove();
  rmSync(folder, { recursive: true, force: true });
});

const file = ({ folder }: World, name: string) => join(folder, name);
const run = (args: string[], input = '') =>
  spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8', input });

/** A command with the world’s settings that must succeed. */
function ok({ config }: World, args: string[], input?: string): string {
  const { status, stdout, stderr } = run([...args, '--config', config], input);
  assert.is(status, 0, stderr);
  return stdout;
}

const enrolment = (change: object = {}) =>
  JSON.stringify({
    host_id: 'host-1',
    site_id: 'clinic-1',
    reseller_id: null,
    public_key: Buffer.from(key.publicKey).toString('base64'),
    key_id: key.keyId,
    ...change,
  });

/** Runs `serve` until `body` ends; gives its exit code after SIGTERM. */
async function serving(
  { config }: World,
  body: (url: string) => Promise<void>,
): Promise<number | null> {
  const child: ChildProcess = spawn(process.execPath, [PROGRAM, 'serve', '--config', config], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  try {
    await body(await addressOf(child));
  } finally {
    child.kill('SIGTERM');
  }
  const [code] = await ended;
  return code;
}

async function addressOf(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('no output');
  for await (const line of createInterface({ input: child.stdout })) {
    const found = /https:\/\/127\.0\.0\.1:\d+/.exec(line);
    if (found !== null) {
      child.stdout.resume();
      return found[0];
    }
  }
  throw new Error('serve ended before it listened');
}

const clientOf = async ({ ca }: World, url: string) =>
  createClient({
    url,
    caFile: ca.caFile,
    ...ca.files('host-1', await ca.client('host-1')),
    delaysMs: [],
  });

test('from enrolment to a receipt, an order, its outcome and verification', async (world) => {
  ok(world, ['hosts', 'enrol', '-'], enrolment());
  const bundles = signedChain({ signer: key, length: 3 });
  const code = await serving(world, async (url) => {
    const client = await clientOf(world, url);
    const receiptKey = parsePublicKey(readFileSync(file(world, 'receipt.pem')), 'receipt.pem');
    for (const bundle of bundles) {
      const { receipt } = await client.sendEvidence(bundle);
      openReceipt({ receipt, bundle: bundle.bytes, verifiers: [createVerifier(receiptKey)] });
    }

    const { order_id: id } = await client.requestOrder({
      request_id: '00000000-0000-4000-9000-000000000001',
      check: 'patching',
      runbook_id: 'update_to_baseline_generation',
      reason: 'behind',
      bundle_sha256: bundles[0]?.sha256 ?? null,
    });
    const [listed] = JSON.parse(ok(world, ['orders', 'list', '--state', 'requested', '--json']));
    assert.is(listed.order_id, id);
    const draft = ok(world, ['orders', 'export', id]);
    const signed = run(
      ['orders', 'sign', '--key', file(world, 'operator.key'), '--params', '{"n":1}'],
      draft,
    );
    assert.is(signed.status, 0, signed.stderr);
    assert.match(
      ok(world, ['orders', 'import'], signed.stdout),
      /is approved and waits for host-1/,
    );

    const [order] = await client.approvedOrders();
    const judged = acceptOrder({
      bytes: Buffer.from(JSON.stringify(order?.order)),
      verifiers: [
        createVerifier(parsePublicKey(readFileSync(file(world, 'operators.pem')), 'operators.pem')),
      ],
      hostId: 'host-1',
      siteId: 'clinic-1',
      now: new Date(),
      orderTtl: 86_400,
      runbooks: new Map([['update_to_baseline_generation', z.strictObject({ n: z.number() })]]),
      allowedRunbooks: ['update_to_baseline_generation'],
      spent: { highestSequence: 0, nonces: new Set(), recreatedAt: new Date(0) },
    });
    assert.is(judged.accepted, true);

    const draftOfOutcome = { outcome: 'success' as const, order_id: id };
    const [outcome] = signedChain({
      signer: key,
      length: 1,
      after: bundles[2] as Signed,
      draft: draftOfOutcome,
    });
    await client.sendEvidence(outcome as Signed);
    assert.is((await client.orderStatus(id)).state, 'done');
    await client.close();
  });
  assert.is(code, 0, 'SIGTERM is a clean stop');
  assert.match(ok(world, ['hosts', 'list']), /^host-1 +clinic-1 +- +active +4 +0 +0 +1 +-$/m);
  assert.match(ok(world, ['verify']), /^host-1: 4 bundles in 1 chains: all hold$/m);
  assert.match(ok(world, ['verify']), /^log: 4 leaves, [1-4] checkpoints: all hold$/m);

  const database = new Database(file(world, 'server.db'));
  database.pragma('foreign_keys = OFF');
  database.exec('DROP TRIGGER evidence_never_changes; DROP TRIGGER evidence_never_goes');
  database.exec("UPDATE evidence SET bundle = CAST(bundle || ' ' AS BLOB) WHERE sequence = 2");
  database.exec('DELETE FROM evidence WHERE sequence = 3');
  database.close();
  const { status, stdout } = run(['verify', '--config', world.config]);
  assert.is(status, 1);
  assert.match(stdout, /digest: number 2 is not what was received/);
  assert.match(stdout, /receipt: number 2 has a receipt that does not hold/);
  assert.match(stdout, /signature: number 2 is signed by no key of its host/);
  assert.match(stdout, /gap: numbers 2 to 3 are missing/);
  assert.match(stdout, /log: leaf 2 is missing/);
});

test('SIGTERM ends what is idle, and does not wait for a client that keeps its connection', async (world) => {
  ok(world, ['hosts', 'enrol', '-'], enrolment());
  let open = () => Promise.resolve();
  const code = await serving(world, async (url) => {
    const client = await clientOf(world, url);
    await client.health();
    open = () => client.close();
  });
  assert.is(code, 0);
  await open();
});

test('what is stored is still there after kill -9', async (world) => {
  ok(world, ['hosts', 'enrol', '-'], enrolment());
  const bundles = signedChain({ signer: key, length: 5 });
  const child = spawn(process.execPath, [PROGRAM, 'serve', '--config', world.config], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const client = await clientOf(world, await addressOf(child));
  for (const bundle of bundles) await client.sendEvidence(bundle);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await client.close();
  assert.match(ok(world, ['verify']), /^host-1: 5 bundles in 1 chains: all hold$/m);

  const packet = file(world, 'site');
  const period = ['--from', '2026-11-22', '--to', '2026-11-23'];
  const made = ok(world, ['report', '--site', 'clinic-1', ...period, '--output', packet]);
  assert.match(made, /5 bundles of clinic-1/);
  const checked = spawnSync(
    process.execPath,
    [
      ...[join(DIST, 'compliance-agent.js'), 'evidence', 'verify', `${packet}.zip`],
      ...['--receipt-key', file(world, 'receipt.pem')],
    ],
    { encoding: 'utf8' },
  );
  assert.is(checked.status, 0, checked.stdout);
  assert.match(checked.stdout, /a server had 5 bundles when its signed receipts say/);
  assert.match(checked.stdout, /made again, they are the same/);

  const baseline = file(world, 'host-1.yaml');
  const exception = `{id: ex-7, check: encryption, reason: r, alternative: a locked room, approved_by: Security Official, expires: "2027-01-01T00:00:00.000Z"}`;
  writeFileSync(baseline, `version: 1\nexceptions: [${exception}]\n`);
  const more = ['--profile', 'nprm-2025', '--baseline', `host-1=${baseline}`];
  ok(world, ['report', '--site', 'clinic-1', ...period, ...more, '--output', packet]);
  const page = readFileSync(`${packet}.html`, 'utf8');
  assert.match(page, /proposal of 2025/);
  assert.match(readFileSync(`${packet}.zip`, 'latin1'), /a locked room/);
  const wrong = ['--profile', 'gdpr', '--clock-limit', 'none', '--attestation-interval', '0'];
  const config = ['--config', world.config];
  const refused = run(['report', '--site', 'clinic-1', ...period, ...wrong, ...config]);
  assert.is(refused.status, 78);
  for (const field of ['profile', 'ntp_max_skew_ms', 'attestation_interval_sec'])
    assert.match(refused.stderr, new RegExp(`${field}: found`));
  const nowhere = run(['report', '--site', 'x', ...period, '--baseline', 'host-1', ...config]);
  assert.is(nowhere.status, 78);
  assert.match(nowhere.stderr, /--baseline: found "?host-1"?, expected HOST=FILE/);
});

test('a key that exists is never overwritten, and a new one is closed to others', (world) => {
  const { status, stderr } = run(['keys', 'generate', file(world, 'receipt.key')]);
  assert.is(status, 78);
  assert.match(stderr, /a file that exists/);
  assert.is(statSync(file(world, 'receipt.key')).mode & 0o777, 0o600);
});

test('another key of an enrolled host is taken only when it is said to replace', (world) => {
  const fresh = signerOf(2);
  const other = enrolment({
    public_key: Buffer.from(fresh.publicKey).toString('base64'),
    key_id: fresh.keyId,
  });
  ok(world, ['hosts', 'enrol', '-'], enrolment());
  ok(world, ['hosts', 'enrol', '-'], enrolment());
  const refused = run(['hosts', 'enrol', '-', '--config', world.config], other);
  assert.is(refused.status, 1);
  assert.match(refused.stderr, /enrolled with another key/);
  ok(world, ['hosts', 'enrol', '-', '--replace-key'], other);
  const back = run(['hosts', 'enrol', '-', '--replace-key', '--config', world.config], enrolment());
  assert.is(back.status, 1, 'a key that was replaced does not come back');
});

test('a key of another host, of an operator or of the server itself is no host’s', (world) => {
  const named = (publicKey: Uint8Array) => ({
    public_key: Buffer.from(publicKey).toString('base64'),
    key_id: keyIdOf(publicKey),
  });
  const operator = readFileSync(file(world, 'operators.pem'));
  ok(world, ['hosts', 'enrol', '-'], enrolment());
  for (const [publicKey, said] of [
    [key.publicKey, /is that of host-1: .*retire it first/],
    [parsePublicKey(operator, 'operators.pem'), /signs orders or receipts/],
  ] as const) {
    const args = ['hosts', 'enrol', '-', '--replace-key', '--config', world.config];
    const asked = enrolment({ host_id: 'host-2', ...named(publicKey) });
    const { status, stderr } = run(args, asked);
    assert.is(status, 1);
    assert.match(stderr, said);
  }
  assert.not.match(ok(world, ['hosts', 'list']), /host-2/);
});

test('a host is revoked, retired and enrolled again', (world) => {
  ok(world, ['hosts', 'enrol', '-'], enrolment());
  for (const [verb, state] of [
    ['revoke', 'revoked'],
    ['retire', 'retired'],
  ] as const) {
    ok(world, ['hosts', verb, 'host-1']);
    assert.match(ok(world, ['hosts', 'list']), new RegExp(`^host-1 .* ${state} `, 'm'));
  }
  ok(world, ['hosts', 'enrol', '-'], enrolment());
  assert.match(ok(world, ['hosts', 'list']), /^host-1 .* active /m);
});

type Wrong = [
  title: string,
  args: (world: World) => string[],
  status: number,
  said: RegExp,
  input?: string,
];
const wrong: Wrong[] = [
  [
    'enrolment that is no JSON',
    ({ config }) => ['hosts', 'enrol', '-', '--config', config],
    78,
    /-: \(whole file\): found text that is no JSON/,
    'host-1',
  ],
  [
    'enrolment with a key id of another key',
    ({ config }) => ['hosts', 'enrol', '-', '--config', config],
    78,
    /key_id: found/,
    enrolment({ key_id: 'a'.repeat(64) }),
  ],
  [
    'enrolment with a key of small order',
    ({ config }) => ['hosts', 'enrol', '-', '--config', config],
    78,
    /public_key: found/,
    enrolment({ public_key: Buffer.alloc(32).toString('base64') }),
  ],
  [
    'a host that nobody knows',
    ({ config }) => ['hosts', 'revoke', 'host-9', '--config', config],
    1,
    /host-9 is not enrolled/,
  ],
  [
    'an order that nobody asked for',
    ({ config }) => ['orders', 'export', 'x', '--config', config],
    1,
    /there is no order x/,
  ],
  [
    'an order that nobody may reject',
    ({ config }) => ['orders', 'reject', 'x', '--config', config],
    1,
    /there is no requested order x/,
  ],
  [
    'a state that is none',
    ({ config }) => ['orders', 'list', '--state', 'open', '--config', config],
    78,
    /state: found "open"/,
  ],
  [
    'a ttl beyond a week',
    (world) => ['orders', 'sign', '--key', file(world, 'operator.key'), '--ttl', '9999999'],
    78,
    /ttl: found/,
    '{}',
  ],
  [
    'a draft that is none',
    (world) => ['orders', 'sign', '--key', file(world, 'operator.key')],
    78,
    /order_id: found nothing/,
    '{}',
  ],
  ['no settings', () => ['serve', '--config', '/nonexistent.yaml'], 78, /no such file/],
  ['no key to sign with', () => ['orders', 'sign'], 64, /--key/],
];
for (const [title, args, status, said, input] of wrong) {
  test(`${title}: exit ${status}`, (world) => {
    const ended = run(args(world), input);
    assert.is(ended.status, status, ended.stderr);
    assert.match(ended.stderr, said);
    assert.not.match(ended.stderr, /\n +at /);
  });
}

const SERVE_AND_CHECK = [['serve'], ['config', 'check']];
for (const verb of SERVE_AND_CHECK) {
  test(`every wrong setting is named at once by ${verb.join(' ')}`, (world) => {
    writeFileSync(world.config, 'listen_port: 99999\nlisten_address: here\npassword: x\n');
    const { status, stderr } = run([...verb, '--config', world.config]);
    assert.is(status, 78);
    for (const field of [
      'listen_port',
      'listen_address',
      'password',
      'client_ca_file',
      'cert_file',
      'key_file',
      'receipt_key_file',
    ]) {
      assert.match(stderr, new RegExp(`config.yaml: ${field}: found`));
    }
  });
}

test('settings are checked without any of the files that they name', (world) => {
  const behind = 'receipt_key_file: /gone\nproxy_socket: /gone/server.sock\npostgresql: {}\n';
  writeFileSync(world.config, behind);
  assert.match(
    ok(world, ['config', 'check']),
    /settings hold; PostgreSQL, as compliance-server; a proxy at \/gone\/server\.sock/,
  );
});

for (const [settings, expected] of [
  ['', /postgresql: found nothing, expected it: SQLite/],
  ['postgresql: {}', /postgresql\.owner: found nothing, expected a role here, or --owner/],
] as const) {
  test(`nothing is migrated where ${settings || 'no database'} says too little`, (world) => {
    writeFileSync(world.config, `${world.settings}${settings}`);
    const { status, stderr } = run(['migrate', '--config', world.config]);
    assert.is(status, 78);
    assert.match(stderr, expected);
  });
}

test('a receipt key that others can read is refused', (world) => {
  chmodSync(file(world, 'receipt.key'), 0o644);
  const { status, stderr } = run(['serve', '--config', world.config]);
  assert.is(status, 78);
  assert.match(stderr, /mode 0644/);
});

test('readers: a certificate or a token lets in, until the reader is revoked', async (world) => {
  ok(world, ['hosts', 'enrol', '-'], enrolment());
  const { ca } = world;
  const [ann, host] = [await ca.client('ann'), await ca.client('host-1')];
  const annFile = ca.files('ann', ann).certFile;
  assert.match(
    ok(world, ['readers', 'add', 'ann', '--role', 'operator', '--certificate', annFile]),
    /^ann is an operator, by certificate [0-9a-f]{64}$/m,
  );
  const scope = ['--site', 'north', '--site', 'south', '--reseller', 'msp-1'];
  ok(world, ['readers', 'add', 'ben', '--role', 'auditor', ...scope]);
  const [, ben] = JSON.parse(ok(world, ['readers', 'list', '--json']));
  assert.equal([ben.role, ben.resellers, ben.sites], ['auditor', ['msp-1'], ['north', 'south']]);
  const refused: [args: string[], message: RegExp][] = [
    [['add', 'eve', '--role', 'auditor', '--certificate', annFile], /that of another reader/],
    [
      ['add', 'eve', '--role', 'auditor', '--certificate', ca.files('host', host).certFile],
      /host-1 is the name of an enrolled host/,
    ],
    [['add', 'eve', '--role', 'auditor', '--certificate', world.config], /expected a certificate/],
    [['add', 'eve', '--role', 'root'], /--?role|role:/],
    [['add', "eve'; --", '--role', 'auditor'], /name: /],
    [['token', 'eve'], /no active reader eve/],
    [['revoke', 'eve'], /no active reader eve/],
  ];
  for (const [args, message] of refused) {
    const { status, stderr } = run(['readers', ...args, '--config', world.config]);
    assert.ok(status !== 0);
    assert.match(stderr, message);
  }
  const code = await serving(world, async (url) => {
    const who = async (options: { issued?: Issued; headers?: Record<string, string> }) =>
      (await ask(`${url}/api/reader`, { ca, ...options })).status;
    const token = ok(world, ['readers', 'token', 'ben']).trim();
    const { headers } = await post(`${url}/sign-in`, { ca, fields: { token } });
    const cookie = String(headers['set-cookie']?.[0]).split(';')[0] ?? '';
    assert.equal([await who({ issued: ann }), await who({ headers: { cookie } })], [200, 200]);
    ok(world, ['readers', 'revoke', 'ann']);
    ok(world, ['readers', 'revoke', 'ben']);
    assert.equal([await who({ issued: ann }), await who({ headers: { cookie } })], [401, 401]);
  });
  assert.is(code, 0);
});

test.run();
