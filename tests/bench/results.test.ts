import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cellsOf, rounded } from '../../agent/bench/figures.ts';
import { coreTimes, fileSystemOf, type Machine } from '../../agent/bench/machine.ts';
import type { Measurement, Samples } from '../../agent/bench/measurement.ts';
import { resultsText } from '../../agent/bench/results.ts';
import { rowOf } from '../../agent/bench/row.ts';
import { screenText } from '../../agent/bench/screen.ts';

const measurement: Measurement = {
  name: 'a start',
  unit: 'ms',
  better: 'lower',
  floor: 'node -e 0',
  goal: '≤ 1.2 × floor',
  meets: ({ ours, floor }) => ours <= 1.2 * floor,
  remains: 'its output',
  unfair: 'files in the page cache',
  measure: async () => ({ ours: [], floor: [] }),
};
const samples: Samples = { ours: [12, 11, 90], floor: [10, 10, 11] };
const machine: Machine = {
  ...{ cpu: 'CPU', cores: 2, virtual: true, memory_gib: 4, system: 'Debian', kernel: '6.1' },
  ...{ node: 'v20', file_system: 'ext4', busy: 1.2, peers: ['monit 5.33'], peers_left_out: [] },
};
const when = new Date('2026-11-22T00:00:00Z');

test('a figure is rounded only in the direction that is asked for', () => {
  for (const [value, up, down] of [
    [1.201, '1.21', '1.20'],
    [1.13, '1.13', '1.13'],
    [50.01, '50.1', '50.0'],
    [0.004561, '0.00457', '0.00456'],
    [12_345.1, '12,346', '12,345'],
    [0, '0', '0'],
    [Number.NaN, '–', '–'],
  ] as const)
    assert.equal([rounded(value, 'up'), rounded(value, 'down')], [up, down]);
});

test('our figure is rounded against us and the others’ for them, whichever is the better one', () => {
  const peers = { monit: [3.001] };
  const row = rowOf(measurement, { ours: [7.001], floor: [3.009], peers });
  const {
    ours,
    floor,
    ratio,
    peers: [peer],
  } = cellsOf(row);
  assert.equal([ours, floor, ratio], ['7.01 ± 0.00', '3.00 ± 0.00', '2.33']);
  assert.is(peer, 'monit 3.00 ± 0.00 (ours 2.34 ×)');
  const rate = cellsOf({ ...row, better: 'higher' });
  assert.equal([rate.ours, rate.floor, rate.ratio], ['7.00 ± 0.00', '3.01 ± 0.00', '2.32']);
});

test('a goal is met by medians, and where all conditions hold', () => {
  const met = (samples: Samples, change: Partial<Measurement> = {}) =>
    rowOf({ ...measurement, ...change }, samples).met;
  assert.is(met(samples), true);
  assert.is(met({ ...samples, ours: [12.001] }), false);
  assert.is(met({ ...samples, conditions: { 'memory flat': true } }), true);
  assert.is(met({ ...samples, conditions: { 'memory flat': false } }), false);
  assert.is(met(samples, { goal: null, meets: null }), null);
  const half = ({ ours, peers }: { ours: number; peers: Readonly<Record<string, number>> }) =>
    ours <= 0.5 * (peers['cf-agent'] ?? Number.NaN);
  assert.is(met(samples, { meets: half }), false, 'a peer that is not there is not beaten');
  assert.is(met({ ...samples, peers: { 'cf-agent': [24] } }, { meets: half }), true);
  const { note } = rowOf(measurement, { ...samples, conditions: { 'memory flat': false } });
  assert.is(note, 'NOT held: memory flat');
});

test('the page names what is met, what is not and what failed, and the machine', () => {
  const rows = [
    rowOf({ ...measurement, issue: 8 }, samples),
    rowOf({ ...measurement, goal: '≤ 1', meets: () => false, issue: 8 }, samples),
    rowOf({ ...measurement, goal: '≤ 2' }, samples),
    rowOf({ ...measurement, name: 'a look', goal: null, meets: null }, samples),
  ];
  const failed = [{ name: 'a hang', reason: 'not done after\n240 s | killed' }];
  const page = resultsText(rows, { when, machine, failed });
  for (const part of [
    '**1 of 2 goals that were set for us are met**, and 1 of 1 of our own; 1 measurements failed. Written',
    'on 2026-11-22',
    '| a start | ms | 12.0 ± 19.8 | 10.0 ± 0.3 | 1.20 | – | ≤ 1.2 × floor | issue 8 | met |',
    '| ≤ 1 | issue 8 | **NOT met** |',
    '| ≤ 2 | us | met |',
    '| a look | ms | 12.0 ± 19.8 | 10.0 ± 0.3 | 1.20 | – | none | – | – |',
    '| a hang |  |  |  |  |  | not done after 240 s \\| killed |  | **FAILED** |',
    '- **a start** (3 samples; floor: node -e 0): its output.',
    '- **a start**: files in the page cache.',
    'CPU, 2 cores of a virtual machine, 4 GiB, ext4',
    'others took up to 2 % of its cores',
    'Debian’s packages: monit 5.33.',
  ])
    assert.ok(page.includes(part), `${part}\n\n${page}`);
  assert.not.ok(page.includes('busy'));
  const busy = resultsText(rows, { when, machine: { ...machine, busy: 30 }, failed: [] });
  assert.match(busy, /The machine was busy/);
  assert.not.match(busy, /Could not be measured/);
});

test('the screen has a line for each row and each failure', () => {
  const text = screenText([rowOf(measurement, samples)], {
    machine,
    failed: [{ name: 'a hang', reason: 'killed' }],
  });
  assert.match(text, /a start.*us .*met/);
  assert.match(text, /a hang.*killed.*FAILED/);
});

test('time that the host of a virtual machine took is not idle, time that waits for a disk is', () => {
  const stat = 'cpu  10 1 5 70 4 2 3 5 9 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n';
  assert.equal(coreTimes(stat), { idle: 74, all: 100 });
});

test('the file system of a folder is that of the longest mount point above it', () => {
  const mounts = '/dev/a / ext4 rw 0 0\ntmpfs /tmp tmpfs rw 0 0\n/dev/b /tmp/x/y xfs rw 0 0\n';
  assert.is(fileSystemOf('/tmp/x', mounts), 'tmpfs');
  assert.is(fileSystemOf('/tmp/x/y/z', mounts), 'xfs');
  assert.is(fileSystemOf('/tmpx', mounts), 'ext4');
});

test.run();
