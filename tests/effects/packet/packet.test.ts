import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createPlatformSigner, createPlatformVerifier } from '../../../agent/src/core/ed25519.ts';
import { publicKeyToPem } from '../../../agent/src/core/keys.ts';
import { signatureText } from '../../../agent/src/core/record.ts';
import {
  type PacketReport,
  verifyPacket,
  withUnpacked,
} from '../../../agent/src/effects/packet/verify.ts';
import { type SourceBundle, writePacket } from '../../../agent/src/effects/packet/write.ts';
import { unpackZip } from '../../../agent/src/effects/packet/zip-read.ts';
import { createZip } from '../../../agent/src/effects/packet/zip-write.ts';
import { sha256Hex } from '../../../agent/src/wire/canonical.ts';
import { FailureError } from '../../../agent/src/wire/failure.ts';
import { CHAIN as CHAIN_ID, signedChain } from '../../support/chain.ts';
import {
  CONTROLS,
  chainOf,
  DAY,
  HOST_KEY,
  PARAMETERS,
  RECEIPT_KEY,
  receiptOf,
  sourceBundleOf,
  sourceOf,
} from '../../support/report.ts';
import { testWith } from '../../support/suite.ts';

const THIEF = createPlatformSigner(new Uint8Array(32).fill(66));
const CHAIN = chainOf(DAY).slice(0, 8);
const scratch = mkdtempSync(join(tmpdir(), 'packet-test-'));
test.after(() => rmSync(scratch, { recursive: true, force: true }));

async function writtenTo(name: string, chain = CHAIN): Promise<string> {
  const file = join(scratch, name);
  const source = sourceOf(chain);
  await writePacket({ file, source, parameters: PARAMETERS, controls: CONTROLS, signer: HOST_KEY });
  return file;
}

const whole = join(scratch, 'whole');
/** Of three bundles, so that it can be verified thousands of times. */
const small = join(scratch, 'small');
test.before(async () => {
  for (const folder of [whole, small]) mkdirSync(folder);
  unpackZip(await writtenTo('whole.zip'), whole);
  unpackZip(await writtenTo('small.zip', CHAIN.slice(0, 3)), small);
});

const pinned = {
  publicKeys: [HOST_KEY.publicKey],
  receiptKeys: [createPlatformVerifier(RECEIPT_KEY.publicKey)],
};
const check = (folder: string, more = {}): PacketReport =>
  verifyPacket({ folder, ...pinned, controls: CONTROLS, version: '0.1.0', ...more });

/** Everything that a report names: files, folders of bundles, and numbers of a chain. */
function named({ fileFaults, hosts }: PacketReport): string[] {
  return [
    ...fileFaults.map(({ kind, name }) => `${kind} ${name}`),
    ...hosts.flatMap(({ host_id, report }) => [
      ...report.folderFaults.map(({ kind, name }) => `${kind} evidence/${host_id}/${name}`),
      ...report.faults.map(({ kind, sequence }) => `${kind} ${sequence}`),
    ]),
  ];
}

const filesOf = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort();

test('an untouched packet holds, and its report is made again the same', () => {
  const report = check(whole);
  assert.equal(named(report), []);
  assert.ok(report.ok && report.remade);
  assert.is(report.statement, HOST_KEY.keyId);
  assert.equal(report.hosts[0]?.report.receipts, { absent: 0, fits: 0, verified: CHAIN.length });
});

test('the same evidence and parameters give the same bytes', async () => {
  const [one, other] = [await writtenTo('one.zip'), await writtenTo('other.zip')];
  assert.is(sha256Hex(readFileSync(one)), sha256Hex(readFileSync(other)));
});

test('a packet of several hosts is made again the same; chains come in the order in which they began', async () => {
  const other = (chainId: string, day: string) =>
    signedChain({
      signer: THIEF,
      length: 3,
      chainId,
      context: { host_id: 'a-host' },
      draft: { timestamp_start: `${day}T05:00:00.000Z`, timestamp_end: `${day}T05:00:00.000Z` },
    }).map(sourceBundleOf);
  const later = other('00000000-0000-4000-8000-00000000000a', '2026-11-22');
  const earlier = other('00000000-0000-4000-8000-00000000000b', '2026-11-21');
  const keys = new Map([
    ['host-1', [HOST_KEY.publicKey]],
    ['a-host', [THIEF.publicKey]],
  ]);
  const file = join(scratch, 'hosts.zip');
  const write = (bundles: SourceBundle[]) =>
    writePacket({
      ...{ file, parameters: PARAMETERS, controls: CONTROLS, signer: HOST_KEY },
      source: { bundles: [...CHAIN.map(sourceBundleOf), ...bundles], keys },
    });
  const { facts } = await write([...later, ...earlier]);
  assert.equal(
    facts.hosts.map(({ host_id, chains }) => [
      host_id,
      chains.map((one) => one.chain_id.slice(-1)),
    ]),
    [
      ['a-host', ['b', 'a']],
      ['host-1', [CHAIN_ID.slice(-1)]],
    ],
  );
  await write(later);
  const report = await withUnpacked(file, async (one) => check(one.folder, { publicKeys: null }));
  assert.equal(named(report), []);
  assert.ok(report.ok && report.remade);
});

test('without a pinned receipt key it is not said who signed the receipts', () => {
  const report = check(whole, { receiptKeys: null });
  assert.ok(report.ok);
  assert.equal(report.hosts[0]?.report.receipts, { absent: 0, fits: CHAIN.length, verified: 0 });
});

test('an excerpt says what lies before it instead of missing it', async () => {
  const folder = join(scratch, 'excerpt');
  mkdirSync(folder);
  unpackZip(await writtenTo('excerpt.zip', chainOf(DAY).slice(5, 9)), folder);
  const report = check(folder);
  assert.equal(named(report), []);
  assert.equal(
    report.hosts[0]?.report.before.map(({ message }) => message),
    ['numbers 1 to 5 are missing'],
  );
});

test('any single altered byte of any file is found, and the file named', () => {
  const files = filesOf(small);
  const sizes = files.map((name) => statSync(join(small, name)).size);
  const ends = sizes.map((_, at) => sizes.slice(0, at + 1).reduce((sum, size) => sum + size, 0));
  const total = ends.at(-1) ?? 0;
  const random = randomly(20261122);
  const positions = [
    ...files.map((name, at) => ({ name, at: random(sizes[at] ?? 1) })),
    ...Array.from({ length: FLIPS }, () => {
      const at = random(total);
      const index = ends.findIndex((end) => at < end);
      return { name: files[index] ?? '', at: at - ((ends[index] ?? 0) - (sizes[index] ?? 0)) };
    }),
  ];
  for (const { name, at } of positions) {
    const path = join(small, name);
    const bytes = readFileSync(path);
    const original = bytes[at] ?? 0;
    bytes[at] = original ^ (1 << random(8));
    writeFileSync(path, bytes);
    const report = check(small);
    bytes[at] = original;
    writeFileSync(path, bytes);
    const folder = dirname(name);
    assert.is(report.ok, false, `${name} byte ${at}`);
    const says = named(report).some((line) => line.endsWith(` ${name}`) || line.endsWith(folder));
    assert.ok(says, `${name} byte ${at}: ${named(report).join('; ')}`);
  }
  assert.ok(check(small).ok, 'all was put back');
});
/** Thousands where there is time for them. */
const FLIPS = process.env.CI ? 3000 : 500;

/** Numbers below another, the same each time (Numerical Recipes). */
function randomly(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const evidence = (folder: string) => join(folder, 'evidence', 'host-1', '2026', '11', '22');
const bundle = (folder: string, number: number) => {
  const { bundle_id } = JSON.parse(CHAIN[number - 1]?.bytes.toString() ?? '{}');
  return join(evidence(folder), bundle_id);
};
/** Makes SHA256SUMS fit again, as one would who hides what was done. */
function coverUp(folder: string): void {
  rmSync(join(folder, 'statement.dsse.json'));
  const lines = filesOf(folder)
    .filter((name) => name !== 'SHA256SUMS')
    .map((name) => `${sha256Hex(readFileSync(join(folder, name)))}  ${name}\n`);
  writeFileSync(join(folder, 'SHA256SUMS'), lines.join(''));
}

const attacks: [title: string, act: (folder: string) => void, says: RegExp][] = [
  ['a removed bundle', (at) => rmSync(bundle(at, 4), { recursive: true }), /gap 4/],
  [
    'two bundles in each other’s place',
    (at) => {
      renameSync(bundle(at, 3), `${at}.x`);
      renameSync(bundle(at, 6), bundle(at, 3));
      renameSync(`${at}.x`, bundle(at, 6));
    },
    /misplaced evidence\/host-1.*misplaced evidence\/host-1/s,
  ],
  [
    'a replayed receipt',
    (at) => {
      for (const name of ['receipt.json', 'receipt.sig'])
        cpSync(join(bundle(at, 2), name), join(bundle(at, 5), name));
    },
    /receipt evidence\/host-1/,
  ],
  [
    'a receipt of another server',
    (at) => {
      const { bytes } = receiptOf(CHAIN[1] ?? { bytes: Buffer.of(), sha256: '' });
      writeFileSync(join(bundle(at, 2), 'receipt.sig'), signatureText(THIEF.sign(bytes)));
    },
    /receipt_key evidence\/host-1/,
  ],
  [
    'a bundle signed by another key',
    (at) => {
      const file = join(bundle(at, 4), 'bundle.json');
      const text = readFileSync(file, 'utf8').replace(HOST_KEY.keyId, THIEF.keyId);
      writeFileSync(file, text);
      const signature = signatureText(THIEF.sign(Buffer.from(text)));
      writeFileSync(join(bundle(at, 4), 'bundle.sig'), signature);
      const pem = publicKeyToPem(THIEF.publicKey);
      writeFileSync(join(at, 'keys', 'host-1', `${THIEF.keyId}.pem`), pem);
    },
    /altered evidence\/host-1/,
  ],
  ['a truncated tail', (at) => rmSync(bundle(at, 8), { recursive: true }), /extent evidence/],
  ['a cut beginning', (at) => rmSync(bundle(at, 1), { recursive: true }), /extent evidence/],
  [
    'a page that says otherwise than the bundles',
    (at) => {
      const file = join(at, 'report.html');
      writeFileSync(file, readFileSync(file, 'utf8').replace('drifted time', 'compliant time'));
    },
    /not_derived report\.html/,
  ],
  [
    'facts that say otherwise than the bundles',
    (at) => {
      const file = join(at, 'report.json');
      writeFileSync(file, readFileSync(file, 'utf8').replace('"unattested"', '"compliant"'));
    },
    /not_derived report\.json/,
  ],
  [
    'a file that was slipped in',
    (at) => writeFileSync(join(at, 'note.html'), 'all is well'),
    /unexpected note\.html/,
  ],
];
for (const [title, act, says] of attacks) {
  const slippedIn = title.startsWith('a file');
  for (const covered of slippedIn ? [false] : [false, true]) {
    test(`${title} is named${covered ? ', although the sums were made to fit' : ''}`, () => {
      const folder = join(scratch, 'attacked');
      cpSync(whole, folder, { recursive: true });
      try {
        act(folder);
        if (covered) coverUp(folder);
        const report = check(folder);
        assert.is(report.ok, false);
        const kinds = named(report).join('\n');
        if (covered || slippedIn) assert.match(kinds, says);
        else assert.match(kinds, /^(altered|missing|unexpected|misplaced) /m);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }
}

/** A ZIP that was changed at its bytes, unpacked: its fault, or the code of its refusal. */
function unpacked(change: (bytes: Buffer) => Buffer) {
  const folder = mkdtempSync(join(scratch, 'changed-'));
  const file = `${folder}.zip`;
  writeFileSync(file, change(readFileSync(join(scratch, 'whole.zip'))));
  try {
    return { fault: unpackZip(file, join(folder, 'in')) };
  } catch (error) {
    return { code: error instanceof FailureError ? error.failure.code : String(error) };
  }
}

const spoilt: [title: string, change: (bytes: Buffer) => Buffer, is: object | RegExp][] = [
  ['what is no ZIP', () => Buffer.from('PK, or not'), { code: 'malformed' }],
  ['an empty file', () => Buffer.alloc(0), { code: 'malformed' }],
  [
    'a ZIP that leads out of its folder',
    (bytes) =>
      Buffer.from(bytes.toString('latin1').replaceAll('report.html', '../eport.ht'), 'latin1'),
    { code: 'malformed' },
  ],
  [
    'a ZIP with a name twice',
    (bytes) =>
      Buffer.from(
        bytes.toString('latin1').replaceAll('incidents.csv', '../bundles.csv'.slice(1)),
        'latin1',
      ),
    { code: 'malformed' },
  ],
  ['a ZIP that was cut off', (bytes) => bytes.subarray(0, 1000), /the ZIP ends within it/],
  ['a ZIP without its end', (bytes) => bytes.subarray(0, -1), /directory of the ZIP/],
  [
    'a ZIP that goes on',
    (bytes) => Buffer.concat([bytes, Buffer.of(0)]),
    /something follows its end/,
  ],
];
for (const [title, change, is] of spoilt) {
  test(`${title} is told`, () => {
    const said = unpacked(change);
    if (is instanceof RegExp) assert.match(JSON.stringify(said), is);
    else assert.equal(said, is);
  });
}

test('any single altered byte of a packet’s ZIP is found, and where it is named', () => {
  const file = join(scratch, 'small.zip');
  const bytes = readFileSync(file);
  const directory = bytes.indexOf('PK\u0001\u0002', 0, 'latin1');
  const random = randomly(20261123);
  const positions = [
    ...Array.from({ length: bytes.length - directory }, (_, at) => directory + at),
    ...Array.from({ length: 300 }, (_, at) => at), // the first headers, whole
    ...Array.from({ length: FLIPS / 2 }, () => random(directory)),
  ];
  const flipped = join(scratch, 'flipped.zip');
  for (const at of positions) {
    const original = bytes[at] ?? 0;
    bytes[at] = original ^ (1 << random(8));
    writeFileSync(flipped, bytes);
    bytes[at] = original;
    let said = '';
    try {
      const fault = unpackZip(flipped, null);
      said = fault === null ? '' : `${fault.name} ${fault.message}`;
    } catch (error) {
      if (!(error instanceof FailureError)) throw error;
      said = error.message;
    }
    const names = at >= directory ? /directory of the ZIP/ : /byte \d+|CRC-32|no ZIP of a packet/;
    assert.match(said, names, `byte ${at}`);
  }
});

test('an altered ZIP is told beside what its files say by themselves', async () => {
  const file = join(scratch, 'dated.zip');
  const bytes = readFileSync(join(scratch, 'whole.zip'));
  bytes[bytes.length - 30] = 1;
  writeFileSync(file, bytes);
  const report = await withUnpacked(file, async (one) => check(one.folder, one));
  assert.is(report.ok, false);
  assert.equal(named(report), ['container directory of the ZIP']);
  assert.is(report.hosts[0]?.report.ok, true);
});

testWith({ tools: ['unzip', 'zipinfo'] }, 'other programs read the ZIP', () => {
  const file = join(scratch, 'whole.zip');
  execFileSync('unzip', ['-tq', file]);
  const listed = execFileSync('zipinfo', ['-1', file], { encoding: 'utf8' }).trim().split('\n');
  assert.equal(listed.sort(), filesOf(whole));
});

test('a ZIP of more entries than 16 bits count is read back, and by its own end', () => {
  const file = join(scratch, 'many.zip');
  const zip = createZip(file);
  for (let number = 0; number < 65_600; number += 1) zip.add(`${number}`, []);
  zip.end();
  const bytes = readFileSync(file);
  assert.is(bytes.readUInt16LE(bytes.length - 12), 0xffff);
  assert.is(bytes.readBigUInt64LE(bytes.length - 22 - 20 - 24), 65_600n);
});

testWith(
  { tools: ['openssl', 'sha256sum', 'bash', 'awk'] },
  'the commands of the README prove it, and find what is wrong',
  () => {
    const folder = join(scratch, 'by-hand');
    cpSync(whole, folder, { recursive: true });
    const readme = readFileSync(join(folder, 'README.txt'), 'utf8');
    const commands = readme.slice(readme.indexOf('# 1.'));
    writeFileSync(join(folder, 'receipt.pem'), publicKeyToPem(RECEIPT_KEY.publicKey));
    const run = () =>
      execFileSync('bash', ['-c', `${commands}\ntrue`], {
        cwd: folder,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    const said = run();
    assert.match(said, /all files match/);
    assert.match(said, new RegExp(`${HOST_KEY.keyId}.pem ${HOST_KEY.keyId}`));
    assert.not.match(said, /WRONG|MISSING|TWICE|ANOTHER/);
    rmSync(bundle(folder, 3), { recursive: true });
    writeFileSync(
      join(bundle(folder, 5), 'bundle.json'),
      readFileSync(join(bundle(folder, 6), 'bundle.json')),
    );
    const wrong = run();
    assert.match(wrong, /WRONG: evidence/);
    assert.match(wrong, /MISSING before number 4/);
    assert.match(wrong, /OF ANOTHER BUNDLE/);
    assert.not.match(wrong, /all files match/);
  },
);

test.run();
