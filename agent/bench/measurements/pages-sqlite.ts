import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openSqliteStore } from '../../src/server/store/sqlite/open.ts';
import { type Opened, pagesOn } from '../pages.ts';
import { WORK } from '../programs.ts';

async function sqlite(): Promise<Opened> {
  const folder = mkdtempSync(join(WORK, 'bench-'));
  const store = openSqliteStore(join(folder, 'server.db'));
  return {
    store,
    async close() {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const [fleetSqlite, hostSqlite] = pagesOn('SQLite', sqlite);
