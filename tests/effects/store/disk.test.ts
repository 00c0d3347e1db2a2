import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withStateDir } from '../../support/stores.ts';
import { testWith } from '../../support/suite.ts';

const PROGRAM = fileURLToPath(new URL('./disk.js', import.meta.url));
const NEED = { root: true, tools: ['unshare', 'mount'] };

/** Runs a scenario of disk.ts in a mount namespace that ends with it. */
function run(folder: string, scenario: string) {
  const args = ['--mount', process.execPath, PROGRAM, folder, scenario];
  return JSON.parse(execFileSync('unshare', args, { encoding: 'utf8' }));
}

testWith(NEED, 'a full disk loses nothing, leaves nothing half-written, and is left behind', () =>
  withStateDir((folder) => {
    const { codes, after, leftovers, reconciliation, ok, counted } = run(folder, 'full');
    assert.equal(
      [...new Set(codes)].filter((code) => !['none', 'storage_full'].includes(String(code))),
      [],
    );
    assert.ok(codes.includes('storage_full'));
    assert.is(after, 'none');
    assert.equal(leftovers, []);
    assert.equal(reconciliation, { adopted: [], setApart: [], missing: [] });
    assert.is(ok, true);
    assert.equal(counted, {
      rows: counted.recorded,
      bundles: counted.recorded,
      recorded: counted.recorded,
    });
  }),
);

testWith(
  { root: true, tools: ['unshare', 'mount', 'mkfs.ext4'], paths: ['/dev/loop-control'] },
  'a power cut after an append loses nothing, whether or not its files were on the disk',
  () =>
    withStateDir((folder) => {
      const reconciliation = { adopted: [], setApart: [], missing: [] };
      assert.equal(
        run(folder, 'power cut'),
        [1, 2, 3, 4, 5, 6].map((told) => ({
          told,
          lost: 0,
          ok: true,
          bundles: told,
          reconciliation,
        })),
      );
    }),
);

testWith(NEED, 'a read-only state folder says so', () =>
  withStateDir((folder) => {
    assert.equal(run(folder, 'read-only'), {
      fresh: 'read_only',
      again: 'read_only',
      append: 'none',
    });
  }),
);

test.run();
