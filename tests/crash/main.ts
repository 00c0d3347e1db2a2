// npm --prefix agent run test:crash [-- KILLS]: kills a writing, uploading process at random points, then counts.
// Passes if no bundle that the process had reported is missing, every link of the chain holds, and the real server has
// each bundle exactly once. `kill -9` spares the page cache: what a power cut does, fsync(2) must keep, is not shown.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { openReader } from '../../agent/src/effects/store/store.ts';
import { verifyFolder } from '../../agent/src/effects/verify/verify.ts';
import { testAuthority } from '../support/ca.ts';
import { CONTEXT, signerOf } from '../support/evidence.ts';
import { testServer } from '../support/server.ts';

const KILLS = Number(process.argv[2] ?? 220);
const WRITER = fileURLToPath(new URL('./writer.js', import.meta.url));
/** Milliseconds: how late after its start, and how late after its first word, a process is killed. */
const WHILE_STARTING = 250;
const WHILE_WRITING = 300;

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => stopping.abort(signal));

const stateDir = mkdtempSync(join(tmpdir(), 'crash-'));
const ca = await testAuthority();
const server = await testServer(ca);
try {
  await server.enrol(CONTEXT.host_id, signerOf(7));
  const files = ca.files('client', await ca.client(CONTEXT.host_id));
  const receiptKey = Buffer.from(server.signer.publicKey).toString('base64');
  const connection = JSON.stringify({ url: server.url, caFile: ca.caFile, ...files, receiptKey });
  const { reported, adopted } = await killAgainAndAgain(connection);
  const finished = await run({ connection, what: 'finish' });
  report({ reported, adopted: adopted + finished.adopted, ended: finished.code });
} catch (error) {
  console.error(stopping.signal.aborted ? `stopped by ${stopping.signal.reason}` : error);
  process.exitCode = 1;
} finally {
  await server.close();
  ca.remove();
  rmSync(stateDir, { recursive: true, force: true });
}

async function killAgainAndAgain(connection: string) {
  const reported = new Set<string>();
  let adopted = 0;
  for (let kill = 1; kill <= KILLS; kill += 1) {
    stopping.signal.throwIfAborted();
    const starting = Math.random() < 0.2;
    const ran = await run({
      connection,
      what: 'write',
      killStartingAfter: starting ? Math.random() * WHILE_STARTING : null,
    });
    for (const sha256 of ran.reported) reported.add(sha256);
    adopted += ran.adopted;
    if (kill % 20 === 0)
      console.log(`${kill} of ${KILLS} kills, ${reported.size} bundles reported`);
  }
  return { reported, adopted };
}

/** Runs one writer until it is killed, or ends by itself where it finishes. */
async function run({
  connection,
  what,
  killStartingAfter = null,
}: {
  connection: string;
  what: 'write' | 'finish';
  killStartingAfter?: number | null;
}): Promise<{ reported: string[]; adopted: number; code: number | null }> {
  const child = spawn(process.execPath, [WRITER, stateDir, connection, what], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const kill = () => child.kill('SIGKILL');
  stopping.signal.addEventListener('abort', kill);
  const reported: string[] = [];
  const wrong: string[] = [];
  let adopted = 0;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const said = parse(line);
    if (said?.sha256) reported.push(said.sha256);
    if (!said?.ready) return;
    adopted += said.ready.adopted.length;
    if (said.ready.setApart.length + said.ready.missing.length > 0) wrong.push(line);
    if (what === 'write') void sleep(Math.random() * WHILE_WRITING).then(kill);
  });
  if (killStartingAfter !== null) void sleep(killStartingAfter).then(kill);
  const [code, signal] = await ended;
  stopping.signal.removeEventListener('abort', kill);
  if (wrong.length > 0) throw new Error(`a start found ${wrong}`);
  if (what === 'write' && signal !== 'SIGKILL') throw new Error(`a writer ended with ${code}`);
  return { reported, adopted, code };
}

type Said = {
  sha256?: string;
  ready?: { adopted: string[]; setApart: string[]; missing: string[] };
};

/** A line that the kill cut short was not reported. */
function parse(line: string): Said | null {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function report(made: { reported: Set<string>; adopted: number; ended: number | null }): void {
  const publicKeys = [signerOf(7).publicKey];
  const verified = verifyFolder({ evidence: join(stateDir, 'evidence'), publicKeys });
  const reader = openReader({ stateDir });
  const lost = [...made.reported].filter((sha256) => reader.find(sha256) === null).length;
  const { bundles, receipted } = reader.statistics();
  reader.close();
  const received = onServer();
  const setApart = existsSync(join(stateDir, 'set-apart'))
    ? readdirSync(join(stateDir, 'set-apart')).length
    : 0;
  const holds =
    made.ended === 0 &&
    lost === 0 &&
    setApart === 0 &&
    verified.ok &&
    verified.bundles === bundles &&
    receipted === bundles &&
    received.rows === bundles &&
    received.different === bundles;
  for (const { kind, message } of [...verified.faults, ...verified.folderFaults])
    console.log(`${kind}: ${message}`);
  console.log(
    `${holds ? 'ok' : 'FAILED'}: ${KILLS} kills, ${made.reported.size} bundles reported, ${lost} missing; ` +
      `${bundles} in the chain (${made.adopted} adopted after a kill, ${setApart} set apart), ` +
      `which ${verified.ok ? 'verifies' : 'does not verify'}; ` +
      `on the server ${received.rows}, ${received.different} different, ${receipted} receipted`,
  );
  if (!holds) process.exitCode = 1;
}

function onServer(): { rows: number; different: number } {
  const db = new Database(server.path, { readonly: true });
  try {
    return db
      .prepare(
        'SELECT count(*) AS "rows", count(DISTINCT sha256) AS different FROM evidence WHERE fork = 0',
      )
      .get() as { rows: number; different: number };
  } finally {
    db.close();
  }
}
