import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  isSettled,
  type KnownDigest,
  keepsCtime,
  readDigests,
  stillHolds,
  writtenDigests,
} from '../../../agent/src/core/antivirus/digests.ts';

const at = (hours: number) => ({
  now: new Date(Date.UTC(2026, 10, 22) + hours * 3_600_000),
  uptime: 100_000 + hours * 3600,
});
const known: KnownDigest = { sha256: 'a'.repeat(64), hashed: at(0) };

const ages: [title: string, moment: ReturnType<typeof at>, holds: boolean][] = [
  ['at once', at(0), true],
  ['just before the schedule', at(23.99), true],
  ['on schedule', at(24), false],
  ['long after', at(100), false],
  ['by a clock that was set back', { now: at(-1).now, uptime: at(1).uptime }, false],
  ['by a clock that was held back', { now: at(1).now, uptime: at(25).uptime }, false],
  ['by a clock that was set ahead', { now: at(25).now, uptime: at(1).uptime }, false],
];
for (const [title, moment, holds] of ages) {
  test(`a digest to be renewed after 24 hours ${holds ? 'holds' : 'does not hold'} ${title}`, () =>
    assert.is(stillHolds(known, moment, 24), holds));
}

test('with no hours to be trusted for, no digest holds', () => {
  assert.not.ok(stillHolds(known, at(0), 0));
});

const begun = new Date('2026-11-22T10:00:00.000Z');
const rests: [ctime: string, settled: boolean][] = [
  ['2026-11-22T09:59:57.999Z', true],
  ['2026-11-22T09:59:58.000Z', false],
  ['2026-11-22T10:00:00.000Z', false],
  ['2026-11-23T00:00:00.000Z', false],
];
for (const [ctime, settled] of rests) {
  test(`a file changed at ${ctime} is ${settled ? 'at rest' : 'too fresh'} at 10 o’clock`, () =>
    assert.is(isSettled({ ctimeNs: BigInt(Date.parse(ctime)) * 1_000_000n }, begun), settled));
}

test('ext4 tells of writes through memory; tmpfs, overlays and NFS are not believed', () => {
  assert.ok(keepsCtime(0xef53));
  for (const magic of [0x01021994, 0x794c7630, 0x6969, 0x65735546])
    assert.not.ok(keepsCtime(magic));
});

test('what was written is read again after a run, and not after a start of the machine', () => {
  const digests = new Map([['1 2 3 4 5', known]]);
  const bytes = Buffer.from(writtenDigests(digests, 'boot-1'));
  assert.equal(readDigests(bytes, 'boot-1'), digests);
  assert.is(readDigests(bytes, 'boot-2').size, 0);
});

const whole = writtenDigests(new Map([['1 2 3 4 5', known]]), 'boot-1');
const broken: [title: string, text: string][] = [
  ['nothing', ''],
  ['half of it', whole.slice(0, whole.length / 2)],
  ['another document', '[1]'],
  ['no files', '{"boot_id":"boot-1"}'],
  ['a digest that is none', whole.replace('aaaa', 'AAAA')],
  ['no uptime', whole.replace('"uptime_sec":100000', '"uptime_sec":"x"')],
];
for (const [title, text] of broken) {
  test(`${title} in the place of what was written is no digest`, () =>
    assert.is(readDigests(Buffer.from(text), 'boot-1').size, 0));
}

test('a time that is none does not hold', () => {
  const text = whole.replace('2026-11-22T00:00:00.000Z', 'yesterday');
  const [digest] = readDigests(Buffer.from(text), 'boot-1').values();
  assert.ok(digest !== undefined);
  assert.not.ok(stillHolds(digest, at(1), 24));
});

test.run();
