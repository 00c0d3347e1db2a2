import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { REPOSITORY } from '../support/suite.ts';

const MODULE = join(REPOSITORY, 'agent/scripts/local-time.mjs');

/** Prints where the stand-in and `Intl` differ, every seven hours of two years, as node-cron asks them. */
const COMPARE = `
const { localTimeFormat } = await import(${JSON.stringify(MODULE)});
const ours = localTimeFormat();
const numbers = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' };
const asked = [{ ...numbers, weekday: 'short', hour12: false }, { timeZoneName: 'shortOffset' }];
const theirs = asked.map((options) => new Intl.DateTimeFormat('en-US', options));
const read = (parts) => Object.fromEntries(parts.filter(({ type }) => type !== 'literal').map(({ type, value }) =>
  [type, /^\\d+$/.test(value) ? Number(value) % (type === 'hour' ? 24 : Infinity) : value]));
for (let time = Date.UTC(2026, 0, 1); time < Date.UTC(2028, 0, 1); time += 7 * 3600e3 + 11e3) {
  const date = new Date(time);
  const found = read(ours.formatToParts(date));
  for (const format of theirs)
    for (const [type, value] of Object.entries(read(format.formatToParts(date))))
      if (found[type] !== value) console.log(date.toISOString(), type, found[type], value);
}`;

for (const zone of [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kathmandu',
  'Pacific/Chatham',
]) {
  test(`what stands for Intl in the bundle says the same hour as Intl in ${zone}`, () => {
    const args = ['--input-type=module', '-e', COMPARE];
    const env = { ...process.env, TZ: zone };
    assert.is(execFileSync(process.execPath, args, { encoding: 'utf8', env }), '');
  });
}

test.run();
