import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createClient } from '../../agent/src/effects/upload/client.ts';
import { openPostgresqlStore } from '../../agent/src/server/store/postgresql/open.ts';
import { type Signed, signedChain } from '../support/chain.ts';
import { signerOf } from '../support/evidence.ts';
import { makeServer } from '../support/real-server.ts';
import { enrolHost } from '../support/server.ts';
import { POSTGRESQL, postgresqlDatabase, stopPostgresql } from '../support/server-stores.ts';
import { testWith } from '../support/suite.ts';

const HOSTS = [1, 2, 3];
const LENGTH = 40;

testWith(
  POSTGRESQL,
  'two server processes share a database: no bundle is lost or twice, nor in chain or log out of order',
  async () => {
    const { settings } = await postgresqlDatabase();
    const server = await makeServer({ postgresql: settings });
    const store = await openPostgresqlStore(settings);
    try {
      const urls = [await server.start(), await server.startBeside()];
      const receipts = new Map<string, Set<string>>();
      const send = async (number: number) => {
        const hostId = `host-${number}`;
        const signer = signerOf(number);
        await enrolHost(store, hostId, signer);
        const chain = signedChain({ signer, length: LENGTH, context: { host_id: hostId } });
        const files = await server.certificate(hostId);
        const clients = await Promise.all(urls.map((url) => createClient({ url, ...files })));
        // Each bundle goes to both servers at about the same time, in an order of its own.
        const sent = clients.flatMap((client, at) =>
          chain.map(async (_, index) => {
            const bundle = chain[(index * 7 + at * 11) % LENGTH] as Signed;
            const { receipt } = await client.sendEvidence(bundle);
            const known = receipts.get(bundle.sha256) ?? new Set();
            receipts.set(bundle.sha256, known.add(receipt.payload));
          }),
        );
        await Promise.all(sent);
        await Promise.all(clients.map((client) => client.close()));
      };
      await Promise.all(HOSTS.map(send));
      assert.is(receipts.size, HOSTS.length * LENGTH);
      for (const given of receipts.values()) assert.is(given.size, 1, 'one receipt for a bundle');
      await server.stop(); // brings what waits into the log

      for (const { chains } of await store.hosts()) {
        const [chain] = chains;
        assert.is(chain?.head.sequence, LENGTH);
        assert.equal([chain?.bundles, chain?.forks], [LENGTH, 0]);
      }
      const leaves = await store.logEntries({ from: 0, limit: 1000 });
      assert.equal(
        leaves.map(({ index }) => index),
        Array.from({ length: HOSTS.length * LENGTH }, (_, index) => index),
      );
      assert.is(new Set(leaves.map(({ sha256 }) => sha256)).size, leaves.length);
      const verified = server.command(['verify']);
      assert.is(verified.status, 0, verified.stdout + verified.stderr);
    } finally {
      await store.close();
      await server.remove();
    }
  },
);

test.after(stopPostgresql);
test.run();
