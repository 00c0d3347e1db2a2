import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { whileUnchanged } from '../../../agent/src/effects/root/unchanged.ts';

let folder = '';
let reads = 0;
test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'unchanged-'));
  reads = 0;
});
test.after.each(() => rmSync(folder, { recursive: true, force: true }));

const reader = (place: string) =>
  whileUnchanged(
    () => place,
    () => (reads += 1),
  );
/** The time of a file’s change is the kernel’s own, so it is the reader’s clock that is moved. */
function later(work: () => number[]): number[] {
  const { now } = Date;
  Date.now = () => now() + 60_000;
  try {
    return work();
  } finally {
    Date.now = now;
  }
}

test('what has not changed for a while is read once', () => {
  const read = reader(folder);
  assert.equal(
    later(() => [read(), read(), read()]),
    [1, 1, 1],
  );
});

test('what changed by a clock that is ahead is read each time: a second change may look like the first', () => {
  const read = reader(folder);
  const { now } = Date;
  Date.now = () => now() - 60_000;
  try {
    assert.equal([read(), read()], [1, 2]);
  } finally {
    Date.now = now;
  }
});

test('a file that is put in the place of another is read, whatever its time says', () => {
  const file = join(folder, 'state.json');
  const put = () => {
    writeFileSync(`${file}.new`, 'same');
    utimesSync(`${file}.new`, 1, 1);
    renameSync(`${file}.new`, file);
  };
  const read = reader(file);
  put();
  assert.equal(
    later(() => [read(), read()]),
    [1, 1],
  );
  put();
  assert.equal(
    later(() => [read()]),
    [2],
  );
});

test('what comes into a folder is read, and what is not there is looked for each time', () => {
  const read = reader(folder);
  const absent = reader(join(folder, 'absent'));
  assert.equal(
    later(() => [read(), read()]),
    [1, 1],
  );
  writeFileSync(join(folder, 'one.json'), '');
  assert.equal(
    later(() => [read(), absent(), absent()]),
    [2, 3, 4],
  );
});

test.run();
