import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { layout } from '../../../agent/src/effects/store/folders.ts';
import type { Query } from '../../../agent/src/effects/store/query.ts';
import { openReader, type Reader } from '../../../agent/src/effects/store/reader.ts';
import type { BundleRow } from '../../../agent/src/effects/store/rows.ts';
import type { Outcome } from '../../../agent/src/wire/evidence.ts';
import { InputError } from '../../../agent/src/wire/input.ts';
import { CONTEXT, draftOf } from '../../support/evidence.ts';
import { storeIn } from '../../support/stores.ts';

const CHECKS = ['firewall', 'backup', 'logging'];
const OUTCOMES: Outcome[] = ['compliant', 'alert', 'failed'];
const BEGIN = Date.parse('2026-11-01T00:00:00.000Z');
const HOUR = 3_600_000;

/** Sixty bundles over ten days; the clock of every ninth is days off, as after a flat battery. */
const test = suite<{ stateDir: string; reader: Reader; all: readonly BundleRow[] }>('query');
test.before((world) => {
  world.stateDir = mkdtempSync(join(tmpdir(), 'query-'));
  const store = storeIn(world.stateDir);
  for (let number = 0; number < 60; number += 1) {
    const off = number % 9 === 8 ? ((number % 5) - 2) * 48 * HOUR : 0;
    const at = new Date(BEGIN + number * 4 * HOUR + off).toISOString();
    const check = CHECKS[number % 3] ?? '';
    store.append(draftOf({ at, check, outcome: OUTCOMES[(number % 7) % 3] ?? 'failed' }), CONTEXT);
  }
  store.close();
  world.reader = openReader({ stateDir: world.stateDir });
  world.all = world.reader.list({ limit: 1000 }).bundles;
});
test.after(({ stateDir, reader }) => {
  reader.close();
  rmSync(stateDir, { recursive: true });
});

/** Every page of a query, joined. */
function paged(reader: Reader, query: Query): number[] {
  const positions: number[] = [];
  for (let after = query.after; ; ) {
    const page = reader.list({ ...query, after, limit: 7 });
    positions.push(...page.bundles.map(({ position }) => position));
    if (page.next === null) return positions;
    after = page.next;
  }
}

/** The same by looking at each. */
function filtered(all: readonly BundleRow[], query: Query): number[] {
  const { check, outcome, since = 0, until = Infinity, oldestFirst } = query;
  const found = all
    .filter((row) => check === undefined || row.check_id === check)
    .filter((row) => outcome === undefined || row.outcome === outcome)
    .filter(({ ended_at }) => ended_at >= since && ended_at < until)
    .map(({ position }) => position);
  return oldestFirst ? found.reverse() : found;
}

test('every page of every filter is what looking at each bundle gives, whatever the clock did', ({
  reader,
  all,
}) => {
  const times = [undefined, -300, 0, 26, 100.5, 240, 9999].map((hours) =>
    hours === undefined ? undefined : BEGIN + hours * HOUR,
  );
  let found = 0;
  for (const check of [undefined, ...CHECKS])
    for (const outcome of [undefined, 'alert'])
      for (const since of times)
        for (const until of times)
          for (const oldestFirst of [false, true]) {
            const query = { check, outcome, since, until, oldestFirst };
            const positions = paged(reader, query);
            assert.equal(positions, filtered(all, query), JSON.stringify(query));
            found += positions.length;
          }
  assert.ok(found > 1000);
});

test('statistics are what counting gives', ({ reader, all }) => {
  const { bundles, bytes, oldest, newest, receipted, byCheck } = reader.statistics();
  const ends = all.map(({ ended_at }) => ended_at);
  assert.equal(
    { bundles, bytes, oldest, newest, receipted },
    {
      bundles: 60,
      bytes: all.reduce((sum, { size }) => sum + size, 0),
      ...{ oldest: Math.min(...ends), newest: Math.max(...ends), receipted: 0 },
    },
  );
  for (const { check_id, outcome, bundles: count } of byCheck)
    assert.is(count, filtered(all, { check: check_id, outcome }).length, `${check_id} ${outcome}`);
  assert.is(
    byCheck.reduce((sum, one) => sum + one.bundles, 0),
    60,
  );
});

test('statistics follow receipts and removals', ({ stateDir }) => {
  const db = new Database(layout(stateDir).database);
  const reader = openReader({ stateDir });
  try {
    db.exec('BEGIN; UPDATE bundle SET receipted = 1 WHERE position <= 10; COMMIT');
    assert.is(reader.statistics().receipted, 10);
    db.exec('UPDATE bundle SET receipted = 1 WHERE position <= 10');
    assert.is(reader.statistics().receipted, 10, 'a second receipt of a bundle counts once');
    db.exec("DELETE FROM bundle WHERE check_id = 'backup' OR position <= 4");
    const left = reader.list({ limit: 1000 }).bundles;
    const { bundles, receipted, bytes, byCheck } = reader.statistics();
    assert.equal(
      { bundles, receipted, bytes },
      {
        bundles: left.length,
        receipted: left.filter((row) => row.receipted === 1).length,
        bytes: left.reduce((sum, { size }) => sum + size, 0),
      },
    );
    assert.not.ok(byCheck.some(({ check_id }) => check_id === 'backup'));
  } finally {
    reader.close();
    db.close();
  }
});

test('an index of an older version is brought up to date by the agent, and only told by a reader', ({
  stateDir,
}) => {
  const db = new Database(layout(stateDir).database);
  const triggers = db
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
    .pluck()
    .all();
  for (const name of triggers) db.exec(`DROP TRIGGER ${name}`);
  db.exec(
    'DROP TABLE statistic; DROP TABLE day; DROP TABLE receipt; DROP TABLE unsynced; PRAGMA user_version = 2',
  );
  db.close();
  assert.throws(
    () => openReader({ stateDir }),
    (error: unknown) => error instanceof InputError && /2, of an older version/.test(error.message),
  );
  const store = storeIn(stateDir);
  const { bundles, receipted } = store.statistics();
  const all = store.list({ limit: 1000 }).bundles;
  assert.equal([bundles, receipted], [all.length, all.filter((row) => row.receipted === 1).length]);
  const since = BEGIN + 30 * HOUR;
  const positions = store.list({ since, limit: 1000 }).bundles.map(({ position }) => position);
  assert.equal(positions, filtered(all, { since }));
  store.close();
});

test.run();
