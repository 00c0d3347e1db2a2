import { startPostgresql } from '../../demo/postgresql.ts';
import { PostgresqlSettings } from '../../src/server/settings.ts';
import { openPostgresqlStore } from '../../src/server/store/postgresql/open.ts';
import { type Opened, pagesOn } from '../pages.ts';

async function postgresql(): Promise<Opened> {
  const cluster = await startPostgresql({ under: '/var/tmp' });
  const store = await openPostgresqlStore(
    PostgresqlSettings.parse(await cluster.makeDatabase('bench')),
  );
  return {
    store,
    async close() {
      await store.close();
      await cluster.stop();
    },
  };
}

export const [fleetPostgresql, hostPostgresql] = pagesOn('PostgreSQL', postgresql);
