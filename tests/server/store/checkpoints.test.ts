import { existsSync, statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { signerOf } from '../../support/evidence.ts';
import { enrolHost } from '../../support/server.ts';
import { sqliteDatabase } from '../../support/server-stores.ts';

test('what was committed moves into the database beside the server, and its thread ends with it', async () => {
  const { open, path, remove } = sqliteDatabase();
  const store = await open();
  try {
    const before = statSync(path).size;
    await store.maintain();
    await enrolHost(store, 'host-1', signerOf(1));
    // Less than a thousand pages: nobody who commits would move them.
    for (let look = 0; look < 400 && statSync(path).size === before; look += 1) await pause(25);
    assert.ok(statSync(path).size > before);
  } finally {
    await store.close();
  }
  assert.is(existsSync(`${path}-wal`), false, 'nobody has it open any more');
  await remove();
});

test.run();
