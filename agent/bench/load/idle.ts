import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Authority } from '../../demo/certificates.ts';
import { createLoadHost } from './bundles.ts';
import { latencyAt, sendAll } from './clients.ts';
import { openSubject } from './open-subject.ts';
import type { LoadOptions } from './options.ts';
import { SERVERS, type Subject } from './subjects.ts';

const PROGRAM = fileURLToPath(new URL('./idle-clients.js', import.meta.url));
const BUNDLES = 20;
/** Longer than it takes to open them all; shortened for what is to be seen at the end. */
const IDLE_SECONDS = 600;

export type Idle = {
  readonly connections: number;
  /** KiB of the server’s resident memory for each. */
  readonly kibEach: number;
  /** Seconds of the server’s CPU in ten, with nothing but them. */
  readonly idleCpu: number;
  /** Milliseconds of a bundle without and with them. */
  readonly before: { readonly p50: number; readonly p99: number };
  readonly beside: { readonly p50: number; readonly p99: number };
  /** Of one connection too many: whether the server hung up on it. */
  readonly limited: boolean;
};

/** Many connections that say nothing, and a few hosts beside them that do. */
export async function measureIdle({
  folder,
  authority,
  options: { count, seed, clients },
}: {
  folder: string;
  authority: Authority;
  options: LoadOptions;
}): Promise<Idle> {
  const connections = count ?? 10_000;
  const hosts = Array.from({ length: Math.min(clients, 16) }, (_, at) => createLoadHost(at, seed));
  const settings = { max_connections: connections + hosts.length, idle_timeout: IDLE_SECONDS };
  const sqlite = SERVERS[0] as Subject;
  const opened = await openSubject(sqlite, { folder, authority, hosts, settings });
  const { server } = opened;
  const place = join(folder, sqlite.name);
  const { certificate, key } = await authority.issueClient({ commonName: 'idle' });
  writeFileSync(join(place, 'idle.crt'), certificate);
  writeFileSync(join(place, 'idle.key'), key, { mode: 0o600 });
  const busy = await opened.connect('kept');
  const measure = async () => {
    const { latencies } = await sendAll(busy, (index) =>
      Array.from({ length: BUNDLES }, () => hosts[index]?.next() ?? Buffer.alloc(0)),
    );
    return { p50: latencyAt(latencies, 0.5), p99: latencyAt(latencies, 0.99) };
  };
  try {
    await measure(); // compiled by then
    const before = await measure();
    const memory = server.memory();
    const idle = spawn(process.execPath, [PROGRAM, server.url, place, String(connections)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: idle.stdout })[Symbol.asyncIterator]();
    if ((await lines.next()).value !== 'open') throw new Error('not all connections were opened');
    const kibEach = ((server.memory() - memory) * 1024) / connections;
    const cpu = server.cpu();
    await pause(10_000);
    const idleCpu = server.cpu() - cpu;
    const beside = await measure();
    const [last] = await opened.connect('kept', hosts.slice(0, 1));
    const tooMany = last?.send(hosts[0]?.next() ?? Buffer.alloc(0)).then(
      () => false,
      () => true,
    );
    const limited = (await tooMany) === true;
    await last?.close();
    idle.stdin.end();
    const { value } = await lines.next();
    if (value !== 'closed 0') throw new Error(`${value} of the idle connections`);
    if (idle.exitCode === null) await once(idle, 'exit');
    return { connections, kibEach, idleCpu, before, beside, limited };
  } finally {
    await Promise.all(busy.map((client) => client.close()));
    await opened.close();
  }
}
