import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseChronyTracking, parseTimesyncStatus } from '../../agent/src/core/clock-offset.ts';

const timesync = (offset: string) => `       Server: 192.0.2.1 (ntp.example.org)
Poll interval: 34min 8s (min: 32s; max 34min 8s)
         Leap: normal
      Version: 4
      Stratum: 2
    Reference: C0000201
    Precision: 1us (-25)
Root distance: 442us (max: 5s)
${offset}        Delay: 19.4ms
       Jitter: 3.9ms
 Packet count: 12
    Frequency: +11.5ppm
`;

const timesyncCases: [offset: string, expected: number | null][] = [
  ['       Offset: +1.018ms\n', 1.018],
  ['       Offset: -845us\n', -0.845],
  ['       Offset: +1h 2min 3.5s\n', 3_723_500],
  ['       Offset: 0\n', 0],
  ['', null],
  ['       Offset: +many\n', null],
];
for (const [offset, expected] of timesyncCases) {
  test(`timesyncd: ${offset.trim() || 'no offset yet'}`, () => {
    const { offset_ms, source, reason } = parseTimesyncStatus(timesync(offset));
    assert.is(offset_ms, expected);
    assert.equal([source, reason], ['timesyncd', expected === null ? 'not_synchronised' : null]);
  });
}

const tracking = (over: Record<number, string> = {}) =>
  'C0000201,192.0.2.1,3,1795369466.275890050,0.000123456,0.0001,0.0002,-1.5,0.0,0.1,0.01,0.001,64.3,Normal\n'
    .split(',')
    .map((field, index) => over[index] ?? field)
    .join(',');

const chronyCases: [title: string, text: string, expected: number | null][] = [
  ['slow', tracking(), 0.123],
  ['fast', tracking({ 4: '-2.500000000' }), -2500],
  ['a zero with a sign', tracking({ 4: '-0.000000000' }), 0],
  ['not synchronised', tracking({ 13: 'Not synchronised\n' }), null],
  ['stratum 0', tracking({ 2: '0' }), null],
  [
    'its own clock as the reference',
    '7F7F0101,,8,1795369466.275890050,0.000000000,0.000000000,0.000000000,0.000,0.000,0.000,0.000000000,0.000000000,0.0,Normal\n',
    null,
  ],
  ['no daemon', '506 Cannot talk to daemon\n', null],
  ['nothing', '', null],
];
for (const [title, text, expected] of chronyCases) {
  test(`chrony: ${title}`, () => {
    const { offset_ms } = parseChronyTracking(text);
    assert.is(offset_ms, expected);
    if (offset_ms === 0) assert.not.ok(Object.is(offset_ms, -0));
  });
}

test.run();
