import { readSettings, type ServerSettings } from '../settings.ts';
import { openSqliteStore } from '../store/sqlite/open.ts';
import type { Store } from '../store/store.ts';
import type { ConfigOption } from './config-option.ts';

/** Does a command’s work on the database of the settings, and closes it whatever happens. */
export async function withStore<T>(
  { config }: ConfigOption,
  work: (store: Store, settings: ServerSettings) => Promise<T>,
): Promise<T> {
  const settings = await readSettings(config);
  const store = openSqliteStore(settings.database_path);
  try {
    return await work(store, settings);
  } finally {
    await store.close();
  }
}
