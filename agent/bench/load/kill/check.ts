import { spawnSync } from 'node:child_process';
import { openReader } from '../../../src/effects/store/reader.ts';
import type { Store } from '../../../src/server/store/store.ts';

export type Held = {
  readonly bundles: number;
  readonly faults: readonly string[];
};

/** Every acknowledged bundle is kept, each once, in one chain without gap or fork, and as many as the agent wrote. */
export async function checkHost(
  store: Store,
  {
    hostId,
    stateDir,
    acknowledged,
  }: { hostId: string; stateDir: string; acknowledged: ReadonlySet<string> },
): Promise<Held> {
  const faults: string[] = [];
  const summary = (await store.hosts()).find(({ host }) => host.hostId === hostId);
  const chains = summary?.chains ?? [];
  const [chain] = chains;
  if (chain === undefined || chains.length !== 1) {
    return { bundles: 0, faults: [`${hostId}: ${chains.length} chains`] };
  }
  const kept = new Set<string>();
  const places = new Set<number>();
  let rows = 0;
  for (let after = null as { sequence: number; arrival: number } | null; ; ) {
    const page = await store.bundles({ hostId, chainId: chain.chainId, after, limit: 500 });
    for (const { sha256, sequence } of page) {
      kept.add(sha256);
      places.add(sequence);
    }
    rows += page.length;
    after = page.at(-1) ?? null;
    if (after === null) break;
  }
  const missing = [...acknowledged].filter((sha256) => !kept.has(sha256)).length;
  if (missing > 0) faults.push(`${hostId}: ${missing} acknowledged bundles are missing`);
  if (kept.size !== rows || places.size !== rows) faults.push(`${hostId}: bundles are there twice`);
  if (chain.forks > 0) faults.push(`${hostId}: ${chain.forks} forks`);
  if (chain.head.sequence !== rows) faults.push(`${hostId}: a gap after ${chain.head.sequence}`);
  const reader = openReader({ stateDir });
  const [newest] = reader.list({ limit: 1 }).bundles;
  reader.close();
  if (newest?.sequence !== rows) {
    faults.push(`${hostId}: the agent wrote ${newest?.sequence}, the server keeps ${rows}`);
  }
  return { bundles: rows, faults };
}

/** `compliance-server verify`: all signatures, chains, receipts and every signed state of the log. */
export function verifyServer(program: string, config: string): { ok: boolean; said: string } {
  const args = [program, 'verify', '--config', config];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { ok: status === 0, said: (stdout + stderr).trim().split('\n').at(-1) ?? '' };
}
