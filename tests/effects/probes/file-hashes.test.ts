import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openDigestCache } from '../../../agent/src/effects/probes/digest-cache.ts';
import { FileHashes } from '../../../agent/src/effects/probes/file-hashes.ts';
import { sha256Hex } from '../../../agent/src/wire/canonical.ts';
import { testWith } from '../../support/suite.ts';

const EXT4 = 0xef53;
const TMPFS = 0x01021994;
const HOUR = 3600;

/** Seconds after the files were written at which runs take place: by then they are at rest. */
const LATER = HOUR;

type Setting = {
  at?: number;
  rehashHours?: number;
  magic?: number;
  whileHashing?: () => void;
};

/** A folder with one program and one cache; `run` is a run of the probe, and tells what it read. */
function host() {
  const folder = mkdtempSync(join(tmpdir(), 'hashes-'));
  const file = join(folder, 'program');
  const cache = join(folder, 'cache');
  mkdirSync(cache);
  writeFileSync(file, 'first');
  const begun = Date.now();
  const run = async ({
    at = LATER,
    rehashHours = 24,
    magic = EXT4,
    whileHashing,
  }: Setting = {}) => {
    const read: string[] = [];
    const kept = openDigestCache({
      folder: cache,
      rehashHours,
      moment: () => ({ now: new Date(begun + at * 1000), uptime: 5000 + at }),
    });
    const hash = async (handle: FileHandle) => {
      const bytes = await handle.readFile();
      read.push(bytes.toString());
      whileHashing?.();
      return sha256Hex(bytes);
    };
    const hashes = new FileHashes({
      signal: new AbortController().signal,
      cache: kept,
      hash,
      fileSystem: async () => magic,
    });
    const { sha256, hashed } = await hashes.of(file);
    kept.save();
    return { sha256, after: (hashed.now.getTime() - begun) / 1000, read };
  };
  return { folder, file, cache, run, end: () => rmSync(folder, { recursive: true }) };
}

type Host = ReturnType<typeof host>;

function testHost(title: string, body: (host: Host) => Promise<void>): void {
  test(title, async () => {
    const one = host();
    try {
      await body(one);
    } finally {
      one.end();
    }
  });
}

const first = { sha256: sha256Hex('first'), after: LATER, read: ['first'] };
const trusted = { ...first, read: [] };

testHost(
  'an unchanged file is read once in two runs, and its digest says when',
  async ({ run }) => {
    assert.equal(await run(), first);
    assert.equal(await run({ at: LATER + 60 }), trusted);
  },
);

testHost(
  'in one run a file is read once, and never where nothing may be kept',
  async ({ file }) => {
    let reads = 0;
    const hashes = new FileHashes({
      signal: new AbortController().signal,
      cache: openDigestCache({ folder: undefined, rehashHours: 24 }),
      hash: async () => {
        reads += 1;
        return 'x';
      },
    });
    await Promise.all([hashes.of(file), hashes.of(file)]);
    await hashes.of(file);
    assert.is(reads, 1);
  },
);

testHost('other content of the same size and mtime is read', async ({ run, file }) => {
  const old = new Date('2026-01-01T00:00:00.000Z');
  utimesSync(file, old, old);
  await run();
  writeFileSync(file, 'other');
  utimesSync(file, old, old);
  assert.is(statSync(file).mtime.getTime(), old.getTime(), 'the mtime is set back');
  assert.equal((await run()).read, ['other']);
});

testHost('a file that another took the place of is read', async ({ run, folder, file }) => {
  await run();
  writeFileSync(join(folder, 'new'), 'other');
  renameSync(join(folder, 'new'), file);
  assert.equal((await run()).read, ['other']);
});

testHost('on its schedule an unchanged file is read again', async ({ run }) => {
  await run();
  const renewed = LATER + 24 * HOUR;
  assert.equal(await run({ at: renewed - 1 }), trusted);
  assert.equal(await run({ at: renewed }), { ...first, after: renewed });
  assert.equal(await run({ at: renewed + 1 }), { ...trusted, after: renewed });
});

testHost('with a schedule of 0 every run reads', async ({ run, cache }) => {
  await run({ rehashHours: 0 });
  assert.equal((await run({ rehashHours: 0 })).read, ['first']);
  assert.equal(readdirSync(cache), []);
});

testHost(
  'a file changed just before is read again: the next change could hide',
  async ({ run }) => {
    await run({ at: 1 });
    assert.equal((await run()).read, ['first']);
  },
);

testHost('a file that changes while it is read is read again', async ({ run, file }) => {
  await run({ whileHashing: () => chmodSync(file, 0o700) });
  assert.equal((await run()).read, ['first']);
});

testHost('on a file system whose times are not believed every run reads', async ({ run }) => {
  await run({ magic: TMPFS });
  assert.equal((await run({ magic: TMPFS })).read, ['first']);
});

const lost: [title: string, spoil: (file: string) => void][] = [
  ['is gone', (file) => rmSync(file)],
  ['is cut off', (file) => writeFileSync(file, '{"boot_id":')],
  [
    'is a folder',
    (file) => {
      rmSync(file);
      mkdirSync(file);
    },
  ],
  ['may be written by others', (file) => chmodSync(file, 0o666)],
];
for (const [title, spoil] of lost) {
  testHost(`where what was kept ${title}, the file is read`, async ({ run, cache }) => {
    await run();
    spoil(join(cache, 'digests.json'));
    assert.equal(await run(), first);
  });
}

testWith({ root: true }, 'what another user kept is not believed', async () => {
  const { run, cache, end } = host();
  try {
    await run();
    chownSync(join(cache, 'digests.json'), 65_534, 65_534);
    assert.equal((await run()).read, ['first']);
  } finally {
    end();
  }
});

testHost('where nothing can be kept, the run is told and no more', async ({ run, cache }) => {
  rmSync(cache, { recursive: true });
  writeFileSync(cache, 'a file in the place of the folder');
  assert.equal(await run(), first);
  assert.equal(await run(), first);
});

test('a file is hashed as the platform does it', async () => {
  const cache = openDigestCache({ folder: undefined, rehashHours: 24 });
  const hashes = new FileHashes({ signal: new AbortController().signal, cache });
  const { sha256 } = await hashes.of(process.execPath); // longer than one part
  assert.is(sha256, sha256Hex(await readFile(process.execPath)));
});

test.run();
