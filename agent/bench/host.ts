import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentPaths } from '../demo/agent-side.ts';
import { buildClinic } from '../demo/clinic.ts';
import { buildStack } from '../demo/stack.ts';
import { setStage } from '../demo/stage.ts';
import { widenPath } from '../demo/tools.ts';
import { digestRuleset } from '../src/core/ruleset/document.ts';
import { readNftRuleset } from '../src/core/ruleset/nftables.ts';
import type { Json } from '../src/wire/primitives.ts';
import { type Subject, writeSubject } from './peers/subject.ts';
import { WORK } from './programs.ts';

/** The demo’s host with 150 MB to hash, its probes served, for agents that run once. */
export type BenchHost = {
  /** The same for the peers: the files, the service, the ruleset, the journal. */
  readonly subject: Subject;
  readonly config: string;
  /** A baseline that asks for the peers’ six controls and nothing else. */
  readonly likePeers: string;
  /** Where the probes keep what they have hashed. */
  readonly cache: string;
  /** Arguments that put a program into the namespaces of the ruleset and the journal. */
  readonly enter: readonly string[];
  readonly root: string;
  /** The process that starts the probes. */
  readonly socketsPid: number;
  end(): Promise<void>;
};

export async function buildBenchHost(): Promise<BenchHost> {
  widenPath();
  const stage = setStage();
  const folder = mkdtempSync(join(WORK, 'bench-'));
  const at = (name: string) => join(folder, name);
  try {
    const paths = agentPaths(stage);
    const clinic = await buildClinic(stage, { config: paths.config, now: new Date() });
    // Backups are hashed when they are made, not at each check; here as a second program, so that the work is equal.
    const controls = clinic.controls.map((control) =>
      control.id === 'antivirus' ? { ...control, section: withMore(control.section, at) } : control,
    );
    const stack = await buildStack(stage, paths, { ...clinic, controls });
    clinic.begin();
    const cache = at('cache');
    mkdirSync(cache);
    process.env.CACHE_DIRECTORY = cache; // systemd’s, of the probes’ units
    await stack.startSockets();
    freezeSystemctl(stage.path('bin', 'systemctl'), clinic.root, stage.path('units.json'));
    const enter = clinic.namespaces?.enter ?? [];
    const likePeers = at('like-peers.json');
    writeFileSync(likePeers, asPeersLook(JSON.parse(readFileSync(paths.baseline, 'utf8')), enter));
    const subject = writeSubject({
      folder,
      service: stage.path('antivirus', 'demo-antivirusd'),
      enter,
      mib: { binary: 50, backup: 100 },
    });
    const socketsPid = Number(readFileSync(stage.path('pids', 'sockets'), 'utf8'));
    const end = async () => {
      await stage.strike({ keep: false });
      rmSync(folder, { recursive: true, force: true });
    };
    const { root } = clinic;
    return { subject, config: paths.config, likePeers, cache, enter, root, socketsPid, end };
  } catch (error) {
    await stage.strike({ keep: false });
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

type Units = { units: readonly { [field: string]: Json }[] };

function withMore(section: Json, at: (name: string) => string): Json {
  const { units, ...rest } = section as unknown as Units;
  const more = { also_runs: [at('binary'), at('backup')] };
  return { ...rest, units: units.map((unit) => ({ ...unit, ...more })) };
}

type Baseline = { checks: Record<string, { [field: string]: Json }> };

/** The ruleset’s digest in the place of a reference that is loaded beside it, and no LUKS header but the volume’s marker. */
function asPeersLook(
  { checks, ...rest }: Baseline,
  [program = 'env', ...before]: readonly string[],
) {
  const { reference: _, ...firewall } = checks['firewall'] ?? {};
  const { luks: __, ...encryption } = checks['encryption'] ?? {};
  const json = execFileSync(program, [...before, 'nft', '-j', 'list', 'ruleset'], {
    encoding: 'utf8',
  });
  const { document } = readNftRuleset(json, { tables: firewall['tables'] as string[] });
  const equal = {
    ...checks,
    encryption,
    firewall: { ...firewall, digest: digestRuleset(document) },
  };
  return JSON.stringify({ ...rest, checks: equal });
}

/** The stand-in for systemctl is a Node; what it answers is kept and printed by a shell, which costs as little as the real one. */
export function freezeSystemctl(first: string, root: string, table: string): void {
  const units = Object.keys(JSON.parse(readFileSync(table, 'utf8')));
  const answer = `${first}.answer`;
  writeFileSync(answer, execFileSync(first, ['show', '--', ...units]));
  for (const file of [first, join(root, 'bin/systemctl')])
    writeFileSync(file, `#!/bin/sh\nexec cat '${answer}'\n`);
}
