import { readSettings, type ServerSettings } from '../settings.ts';
import type { Store } from '../store/store.ts';
import type { ConfigOption } from './config-option.ts';

/** Does a command’s work on the database of the settings, and closes it whatever happens. */
export async function withStore<T>(
  { config }: ConfigOption,
  work: (store: Store, settings: ServerSettings) => Promise<T>,
): Promise<T> {
  const settings = await readSettings(config);
  const store = await openStore(settings);
  try {
    return await work(store, settings);
  } finally {
    await store.close();
  }
}

/** Only the library of the database in use is loaded. */
async function openStore({ postgresql, database_path }: ServerSettings): Promise<Store> {
  if (postgresql === undefined) {
    return (await import('../store/sqlite/open.ts')).openSqliteStore(database_path);
  }
  return (await import('../store/postgresql/open.ts')).openPostgresqlStore(postgresql);
}
