import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentPaths } from '../demo/agent-side.ts';
import { buildClinic } from '../demo/clinic.ts';
import { buildStack } from '../demo/stack.ts';
import { setStage } from '../demo/stage.ts';
import { widenPath } from '../demo/tools.ts';
import type { Json } from '../src/wire/primitives.ts';
import { WORK } from './programs.ts';

const MIB = 2 ** 20;

/** The demo’s host with 150 MB to hash, its probes served, for agents that run once. */
export type BenchHost = {
  /** Files and their expected digests, for the peers. */
  readonly folder: string;
  readonly enter: readonly string[];
  readonly config: string;
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
    for (const [name, size] of [
      ['binary', 50],
      ['backup', 100],
    ] as const) {
      const bytes = Buffer.alloc(size * MIB, name);
      writeFileSync(at(name), bytes);
      writeFileSync(at(`${name}.sha256`), sha256(bytes));
    }
    const paths = agentPaths(stage);
    const clinic = await buildClinic(stage, { config: paths.config, now: new Date() });
    // Backups are hashed when they are made, not at each check; here as a second program, so that the work is equal.
    const controls = clinic.controls.map((control) =>
      control.id === 'antivirus' ? { ...control, section: withMore(control.section, at) } : control,
    );
    const stack = await buildStack(stage, paths, { ...clinic, controls });
    clinic.begin();
    await stack.startSockets();
    freezeSystemctl(stage.path('bin', 'systemctl'), clinic.root, stage.path('units.json'));
    const enter = clinic.namespaces?.enter ?? [];
    const [program = 'env', ...before] = enter;
    const rules = execFileSync(program, [...before, 'nft', '--stateless', 'list', 'ruleset']);
    writeFileSync(at('rules.sha256'), sha256(rules));
    writeFileSync(at('uuid'), `CRYPT-LUKS2-${'0'.repeat(32)}-data\n`);
    writeFileSync(at('canary.sh'), CANARY);
    const socketsPid = Number(readFileSync(stage.path('pids', 'sockets'), 'utf8'));
    const end = async () => {
      await stage.strike({ keep: false });
      rmSync(folder, { recursive: true, force: true });
    };
    return { folder, enter, config: paths.config, root: clinic.root, socketsPid, end };
  } catch (error) {
    await stage.strike({ keep: false });
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

const CANARY = `id=$$-$(date +%s%N)
echo "$id" | systemd-cat --identifier bench-canary
for try in 1 2 3 4 5 6 7 8 9 10; do
  journalctl --quiet --identifier bench-canary --lines 1 --output cat | grep -q "$id" && echo found && exit
done
`;

type Units = { units: readonly { [field: string]: Json }[] };

function withMore(section: Json, at: (name: string) => string): Json {
  const { units, ...rest } = section as unknown as Units;
  const more = { also_runs: [at('binary'), at('backup')] };
  return { ...rest, units: units.map((unit) => ({ ...unit, ...more })) };
}

/** The stand-in for systemctl is a Node; what it answers is kept and printed by a shell, which costs as little as the real one. */
function freezeSystemctl(first: string, root: string, table: string): void {
  const units = Object.keys(JSON.parse(readFileSync(table, 'utf8')));
  const answer = `${first}.answer`;
  writeFileSync(answer, execFileSync(first, ['show', '--', ...units]));
  for (const file of [first, join(root, 'bin/systemctl')])
    writeFileSync(file, `#!/bin/sh\nexec cat '${answer}'\n`);
}
