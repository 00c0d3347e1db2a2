import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import { createAuthority } from '../../demo/certificates.ts';
import { createPlatformVerifier } from '../../src/core/ed25519.ts';
import { readMoment } from '../../src/effects/moment.ts';
import { openStore } from '../../src/effects/store/store.ts';
import { createClient } from '../../src/effects/upload/client.ts';
import { drainQueue } from '../../src/effects/upload/drain.ts';
import { evidenceForm } from '../../src/effects/upload/form.ts';
import { BENCH_SIGNER } from '../evidence-folder.ts';
import { interleave, type Measurement } from '../measurement.ts';
import { WORK } from '../programs.ts';
import { writeEvidenceApart } from '../shared-evidence.ts';

const ROUND = 1000;
const ROUNDS = Number(process.env.BENCH_BACKLOG ?? 20_000) / ROUND;
const FLAT = 1.1;
const RECEIVER = fileURLToPath(new URL('../receiver.js', import.meta.url));

/** A queue of a week offline: read, sent, receipts verified and durable, over mTLS to a server that keeps nothing. */
export const backlog: Measurement = {
  name: `backlog of ${ROUNDS * ROUND} bundles drained`,
  unit: 'bundles/s',
  better: 'higher',
  floor: 'the same requests to the same server, nothing read, verified or kept',
  goal: '≥ 1,500/s, memory flat: the second half’s peak ≤ 1.1 × the first’s',
  meets: ({ ours }) => ours >= 1500,
  issue: 8,
  remains: 'receipts verified, two files and three rows a bundle, and a schema over each answer',
  unfair:
    'the receiver keeps and verifies nothing, and shares the cores with the agent: against a real server on another machine the network and that server set the pace; memory is that of a process that sends the floor’s requests too; a backlog of 100,000 takes BENCH_BACKLOG=100000',
  async measure() {
    const folder = mkdtempSync(join(WORK, 'bench-'));
    const undo: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
    try {
      writeEvidenceApart(folder, ROUNDS * ROUND);
      const store = openStore({ stateDir: folder, key: () => BENCH_SIGNER, queueing: true });
      undo.push(() => store.close());
      const tls = await writeTls(folder);
      const receiver = spawn(process.execPath, [RECEIVER, folder]);
      undo.push(() => receiver.kill());
      const url = `https://127.0.0.1:${await firstLine(receiver)}`;
      const client = await createClient({ url, ...tls });
      undo.push(() => client.close());
      const pool = new Pool(url, {
        connections: 16,
        connect: { ca: read(tls.caFile), cert: read(tls.certFile), key: read(tls.keyFile) },
      });
      undo.push(() => pool.destroy());

      const sample = store.queue.contents(
        store.queue.due({ at: readMoment(), limit: 1 })[0]?.sha256 ?? '',
      );
      const resident: number[] = [];
      const drain = async () => {
        const { uploaded } = await drainQueue({
          queue: store.queue,
          client,
          receiptKeys: [createPlatformVerifier(BENCH_SIGNER.publicKey)],
          moment: readMoment,
          jitter: Math.random,
          limit: ROUND,
        });
        if (uploaded !== ROUND) throw new Error(`${uploaded} of ${ROUND} uploaded`);
        resident.push(process.memoryUsage().rss / 2 ** 20);
      };
      const send = async () => {
        let left = ROUND;
        const one = async () => {
          while (left-- > 0) {
            const form = evidenceForm(sample.bytes, sample.signature);
            const path = '/api/evidence';
            const { body } = await pool.request({ method: 'POST', path, ...form });
            await body.text();
          }
        };
        await Promise.all(Array.from({ length: 16 }, one));
      };
      const samples = await interleave(ROUNDS, { ours: rate(drain), floor: rate(send) });
      const at = (share: number) => resident[Math.floor((resident.length - 1) * share)]?.toFixed(0);
      const half = Math.ceil(resident.length / 2);
      const [before, after] = [resident.slice(0, half), resident.slice(half)];
      return {
        ...samples,
        conditions: { 'memory flat': Math.max(...after) <= FLAT * Math.max(...before) },
        note: `resident after a tenth ${at(0.1)} MiB, after half ${at(0.5)}, at the end ${at(1)}`,
      };
    } finally {
      for (const step of undo.reverse()) await step();
    }
  },
};

const read = (file: string) => readFileSync(file);

const rate = (work: () => Promise<void>) => async () => {
  const begun = process.hrtime.bigint();
  await work();
  return (ROUND * 1e9) / Number(process.hrtime.bigint() - begun);
};

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('no output');
  const [line] = await once(child.stdout, 'data');
  return String(line).trim();
}

async function writeTls(folder: string) {
  const authority = await createAuthority({ name: 'Bench authority' });
  const server = await authority.issueServer({ names: ['127.0.0.1'] });
  const host = await authority.issueClient({ commonName: 'bench' });
  const files = {
    'ca.crt': authority.certificate,
    'server.crt': server.certificate,
    'server.key': server.key,
    'host.crt': host.certificate,
    'host.key': host.key,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const at = (name: keyof typeof files) => join(folder, name);
  return { caFile: at('ca.crt'), certFile: at('host.crt'), keyFile: at('host.key') };
}
