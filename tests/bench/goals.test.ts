import { readdirSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Measurement } from '../../agent/bench/measurement.ts';

const FOLDER = new URL('../../agent/bench/measurements/', import.meta.url);
const files = readdirSync(FOLDER).filter((file) => file.endsWith('.js'));
const modules = await Promise.all(
  files.map((file): Promise<Record<string, Measurement>> => import(new URL(file, FOLDER).href)),
);
const all = modules.flatMap((module) => Object.values(module));

/** What the issues ask for, as they say it; where a floor is named for it, its share of that is the goal. */
const SET: Readonly<Record<number, readonly (readonly [name: RegExp, goal: string])[]>> = {
  6: [
    [/^fleet page .* PostgreSQL$/, '< 150 ms'],
    [/^fleet page .* SQLite$/, '< 150 ms'],
    [/^host page .* PostgreSQL$/, '< 150 ms'],
    [/^host page .* SQLite$/, '< 150 ms'],
  ],
  8: [
    [/^one-shot .* hashed, CPU$/, '≤ 0.45 × cf-agent'],
    [/^one-shot .* hashed, wall$/, '≤ 0.45 × cf-agent'],
    [/^one-shot .* hashed, memory$/, '≤ 51 MiB'],
    [/^resident cycle$/, '≤ 10 ms beyond floor'],
    [/^compliance-agent --help$/, '≤ 1.2 × floor'],
    [/^compliance-agent status$/, '≤ 1.2 × floor'],
    [/^daemon idle, memory$/, '≤ 50 MiB'],
    [/^hash of 1 GiB$/, '≤ 1.15 × floor'],
    [/^hash of 1 GiB, unchanged/, '≤ 5 ms'],
    [/^durable bundle$/, '≤ 1.2 × floor (1.5 ms where it is 1.25)'],
    [/^durable bundle and its files/, '≤ 1.2 × floor (1.5 ms where it is 1.25)'],
    [/^evidence verify, one thread$/, '≥ 0.93 × floor'],
    [/^evidence verify, two threads$/, '≥ 0.98 × floor'],
    [/^chain walk$/, '≥ 60,000/s'],
    [/^indexed query/, '≤ 1 ms'],
    [/^evidence list and stats/, '≤ floor + 50 ms'],
    [/^server ingest, SQLite$/, '≥ 2500, p99 < 250 ms with 64 kept connections'],
    [/^server ingest, PostgreSQL$/, '≥ 2300, p99 < 250 ms with 64 kept connections'],
    [/^backlog/, '≥ 1,500/s, memory flat: the second half’s peak ≤ 1.1 × the first’s'],
  ],
};

for (const [issue, goals] of Object.entries(SET)) {
  test(`every goal of issue ${issue} is measured as it was set, and no other is said to be one`, () => {
    const marked = all.filter((one) => one.issue === Number(issue));
    for (const [name, goal] of goals) {
      const found = marked.filter((one) => name.test(one.name));
      assert.equal(
        found.map((one) => one.goal),
        [goal],
        String(name),
      );
    }
    assert.is(marked.length, goals.length);
  });
}

test('no other issue sets a goal', () =>
  assert.equal(
    all
      .filter(({ issue }) => issue !== undefined && SET[issue] === undefined)
      .map(({ name }) => name),
    [],
  ));

for (const { name, goal, meets, issue, remains, unfair } of all) {
  test(`${name}: a goal is judged, and what is said of it is a phrase`, () => {
    assert.is(goal === null, meets === null);
    assert.ok(goal !== null || issue === undefined, 'who sets a goal has one');
    for (const phrase of [remains, unfair]) assert.match(phrase, /^\S[^\n]*[^\s.]$/);
  });
}

test('each figure has a name of its own', () => {
  const names = all.map(({ name }) => name);
  assert.ok(names.length > 40, 'they were found at all');
  assert.is(new Set(names).size, names.length);
});

test.run();
