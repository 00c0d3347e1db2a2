import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { attestationDue, nextCycleDelay, uploadDelay } from '../../agent/src/core/schedule.ts';

const delays: [random: number, took: number, milliseconds: number][] = [
  [0, 0, 270_000],
  [0.5, 0, 300_000],
  [0.999999, 0, 330_000],
  [0.5, 7_000, 293_000], // cycles begin at the interval, not the interval after one has ended
  [0, 240_000, 30_000],
  [0.5, 900_000, 30_000], // however long one takes, the host gets its rest
];
for (const [random, took, milliseconds] of delays) {
  test(`a poll interval of 300 s, ${took} ms gone, with chance ${random}: ${milliseconds} ms`, () => {
    assert.is(nextCycleDelay({ pollInterval: 300, took, random }), milliseconds);
  });
}

const now = new Date('2026-11-22T09:00:00.000Z');
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
const attestations: [title: string, last: Date | null, pollInterval: number, due: boolean][] = [
  ['never attested', null, 300, true],
  ['attested this moment', now, 300, false],
  ['attested 54 minutes ago: the next cycle comes in time', minutesAgo(54), 300, false],
  ['attested 55 minutes ago: the next cycle could be late', minutesAgo(55), 300, true],
  ['attested an hour ago', minutesAgo(60), 300, true],
  ['attested in the future: the clock was put back', minutesAgo(-1), 300, true],
  ['polled more seldom than attested', now, 7200, true],
];
for (const [title, last, pollInterval, due] of attestations) {
  test(`an hourly attestation is ${due ? '' : 'not '}due when ${title}`, () => {
    assert.is(attestationDue({ last, now, pollInterval, attestationInterval: 3600 }), due);
  });
}

const uploads: [failures: number, random: number, milliseconds: number][] = [
  [0, 0.5, 1000],
  [1, 0.5, 2000],
  [3, 0, 6000],
  [3, 1, 10_000],
  [9, 0.5, 300_000],
  [5000, 0.5, 300_000],
];
for (const [failures, random, milliseconds] of uploads) {
  test(`after ${failures} failures with chance ${random} an upload waits ${milliseconds} ms`, () => {
    assert.is(uploadDelay({ failures, random }), milliseconds);
  });
}

test.run();
