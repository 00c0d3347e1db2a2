import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runPart } from '../../agent/bench/run-part.ts';

const HEAD = `
const measurement = (name, measure) => ({ name, unit: 's', better: 'lower', floor: 'f', goal: null, meets: null, remains: '', unfair: '', measure });
const samples = { ours: [1], floor: [1] };
export const first = measurement('first', async () => samples);
`;

/** What becomes of a file of measurements: names of rows, and of failures with their reasons. */
async function fateOf(source: string, limitMs = 20_000) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-part-'));
  try {
    const file = join(folder, 'part.mjs');
    writeFileSync(file, `${HEAD}${source}`);
    const { rows, failed } = await runPart(`file://${file}`, { limitMs });
    return { rows: rows.map(({ name }) => name), failed };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('each measurement of a file is a row', async () => {
  const source = "export const second = measurement('second', async () => samples);";
  assert.equal(await fateOf(source), { rows: ['first', 'second'], failed: [] });
});

test('a measurement that throws, one that ends its process and one that hangs are named, the others are rows', async () => {
  for (const [body, reason] of [
    ["throw new Error('no')", 'no'],
    ['process.exit(3)', 'ended by 3'],
    ["process.kill(process.pid, 'SIGKILL')", 'ended by SIGKILL'],
  ] as const) {
    const source = `export const second = measurement('second', async () => { ${body} });`;
    assert.equal(await fateOf(source), {
      rows: ['first'],
      failed: [{ name: 'second', reason }],
    });
  }
  const hangs =
    "export const second = measurement('second', () => new Promise(() => setInterval(() => {}, 1000)));";
  assert.equal(await fateOf(hangs, 1500), {
    rows: ['first'],
    failed: [{ name: 'second', reason: 'not done after 1.5 s' }],
  });
});

test('a file that does not load is named', async () => {
  const { rows, failed } = await fateOf('export const x = nothing;');
  assert.equal(rows, []);
  assert.match(failed[0]?.name ?? '', /part\.mjs/);
  assert.is(failed[0]?.reason, 'ended by 1');
});

test.run();
