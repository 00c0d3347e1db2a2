import postgres from 'postgres';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createPlatformSigner } from '../../../agent/src/core/ed25519.ts';
import { takeEvidence } from '../../../agent/src/server/intake/intake.ts';
import { openPostgresqlStore } from '../../../agent/src/server/store/postgresql/open.ts';
import { signedChain } from '../../support/chain.ts';
import { enrolHost, NOW } from '../../support/server.ts';
import { POSTGRESQL, postgresqlDatabase, stopPostgresql } from '../../support/server-stores.ts';
import { testWith } from '../../support/suite.ts';

const GROUP = 100;
const BUNDLES = 6 * GROUP;

testWith(
  POSTGRESQL,
  'a backlog of one host into a fresh database reads what is near each bundle, not all there is',
  async () => {
    const { settings } = await postgresqlDatabase();
    const store = await openPostgresqlStore(settings);
    const key = createPlatformSigner(Buffer.alloc(32, 1));
    const signer = createPlatformSigner(Buffer.alloc(32, 99));
    await enrolHost(store, 'host-1', key);
    const { keys = [] } = (await store.enrolled('host-1')) ?? {};
    const taking = { store, signer, keys, hostId: 'host-1', now: NOW };
    const chain = signedChain({ signer: key, length: BUNDLES });
    for (let first = 0; first < BUNDLES; first += GROUP) {
      const group = chain.slice(first, first + GROUP);
      await Promise.all(group.map((bundle) => takeEvidence({ ...taking, ...bundle })));
    }
    await store.close(); // PostgreSQL counts what a session did when that ends

    const { host, database, user } = settings;
    const sql = postgres({ host, database, user, max: 1 });
    const [places] = await sql<{ read: number; written: number }[]>`
      SELECT seq_tup_read::int AS read, n_tup_ins::int AS written FROM pg_stat_user_tables
      WHERE relname = 'places'`;
    await sql.end();
    assert.is(places?.written, BUNDLES, 'it was counted');
    assert.ok((places?.read ?? 0) < BUNDLES, `${places?.read} places read one after the other`);
  },
);

test.after(stopPostgresql);
test.run();
