import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostsBelow } from '../../src/agent/hosts.ts';
import { digestRuleset } from '../../src/core/ruleset/document.ts';
import { readNftRuleset } from '../../src/core/ruleset/nftables.ts';
import { readUnits } from '../../src/core/units/state.ts';
import { openStore } from '../../src/effects/store/store.ts';
import { sha256Hex } from '../../src/wire/canonical.ts';
import { BENCH_SIGNER } from '../evidence-folder.ts';
import { copyIndex } from '../evidence-index.ts';
import { interleave, type Measurement } from '../measurement.ts';
import { WORK } from '../programs.ts';
import { sampleContext, sampleDraft } from '../sample.ts';

const FEW = 10;
const MANY = 1000;
const ROWS = Number(process.env.BENCH_ROWS ?? 1_000_000);

/** The units of a cycle: one start of a tool that prints as systemctl does, its answer parsed. */
export const units: Measurement = {
  name: `states of ${MANY} units`,
  unit: 'ms CPU of the agent',
  better: 'lower',
  floor: `of ${FEW} units`,
  goal: null,
  meets: null,
  remains: 'a kilobyte of text a unit, which systemctl prints and the agent splits',
  unfair:
    'the tool is a shell that prints an answer; systemctl’s own time and PID 1’s are no part of either side',
  async measure() {
    const folder = mkdtempSync(join(WORK, 'bench-'));
    try {
      const look = (count: number) => {
        const root = join(folder, String(count));
        const names = writeSystemctl(root, count);
        const hosts = hostsBelow({ root, runtimeDir: '/nowhere' });
        return cpu(() => readUnits(hosts(new AbortController().signal), names));
      };
      return await interleave(21, { ours: look(MANY), floor: look(FEW) });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** A ruleset as nft prints it, to its digest. */
export const digest: Measurement = {
  name: `digest of ${MANY} tables of ten rules`,
  unit: 'ms CPU',
  better: 'lower',
  floor: 'JSON.parse, JSON.stringify and SHA-256 of the same text',
  goal: null,
  meets: null,
  remains:
    'integers kept whole, handles and counters dropped, sets and tables sorted, canonical JSON',
  unfair:
    'the floor’s digest changes with every packet that is counted, so nobody could use it; tables are alike, which compilers like',
  async measure() {
    const { json, names } = rulesetOf(MANY);
    return interleave(11, {
      ours: cpu(async () => digestOf(json, names)),
      floor: cpu(async () => sha256Hex(JSON.stringify(JSON.parse(json)))),
    });
  },
};

/** The same a table, where there are many and where there are few. */
export const tables: Measurement = {
  name: `digest a table, of ${MANY} tables`,
  unit: 'ms CPU a table',
  better: 'lower',
  floor: `of ${FEW} tables`,
  goal: '≤ 1.2 × floor: no worse than linear',
  meets: ({ ours, floor }) => ours <= 1.2 * floor,
  remains: 'a heap that grows with the text',
  unfair:
    'the floor is ours too: it shows growth and not size; the few tables are digested again and again until they are as many',
  async measure() {
    const each = (count: number) => {
      const { json, names } = rulesetOf(count);
      const work = cpu(async () => {
        for (let done = 0; done < MANY; done += count) digestOf(json, names);
      });
      return async () => (await work()) / MANY;
    };
    return interleave(11, { ours: each(MANY), floor: each(FEW) });
  },
};

/** One more bundle where many are indexed already. */
const after = (rows: number): Measurement => ({
  name: `durable bundle after ${rows.toLocaleString('en')}`,
  unit: 'ms',
  better: 'lower',
  floor: 'after 1,000',
  goal: '≤ 1.25 × floor',
  meets: ({ ours, floor }) => ours <= 1.25 * floor,
  remains: 'two levels more in each of SQLite’s indexes',
  unfair:
    'the index is filled synthetically, without its bundles, so the folder tree is small on both sides',
  async measure() {
    const folder = mkdtempSync(join(WORK, 'bench-'));
    const open = (bundles: number) => {
      const stateDir = join(folder, String(bundles));
      copyIndex(stateDir, bundles);
      return openStore({ stateDir, key: () => BENCH_SIGNER, queueing: false });
    };
    const stores = { ours: open(rows), floor: open(1000) };
    try {
      const append = (side: keyof typeof stores) => async () => {
        const begun = process.hrtime.bigint();
        stores[side].append(sampleDraft(), sampleContext());
        return Number(process.hrtime.bigint() - begun) / 1e6;
      };
      return await interleave(201, { ours: append('ours'), floor: append('floor') });
    } finally {
      for (const one of Object.values(stores)) one.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
});

export const after10k: Measurement = after(10_000);
export const after100k: Measurement = after(100_000);
export const afterMany: Measurement = after(ROWS);

function rulesetOf(count: number): { json: string; names: string[] } {
  const json = JSON.stringify({ nftables: Array.from({ length: count }, tableOf).flat() });
  return { json, names: Array.from({ length: count }, (_, index) => `inet/table-${index}`) };
}

const digestOf = (json: string, names: readonly string[]) =>
  digestRuleset(readNftRuleset(json, { tables: names }).document);

const cpu = (work: () => Promise<unknown>) => async () => {
  const begun = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1000;
};

/** What a host of so many services says, and a `systemctl` below its root that prints it. Gives the names. */
function writeSystemctl(root: string, count: number): string[] {
  const names = Array.from({ length: count }, (_, index) => `service-${index}.service`);
  const blocks = names.map(
    (name) => `Id=${name}
Names=${name}
LoadState=loaded
ActiveState=active
SubState=running
UnitFileState=enabled
FragmentPath=/etc/systemd/system/${name}
DropInPaths=/etc/systemd/system/${name}.d/overrides.conf
NeedDaemonReload=no
NRestarts=0
Result=success
StateChangeTimestamp=Sun 2026-11-22 09:00:00 UTC
MainPID=1234
ControlGroup=/system.slice/${name}
`,
  );
  mkdirSync(join(root, 'bin'), { recursive: true });
  writeFileSync(join(root, 'answer'), blocks.join('\n'));
  writeFileSync(join(root, 'bin/systemctl'), `#!/bin/sh\nexec cat '${join(root, 'answer')}'\n`, {
    mode: 0o755,
  });
  return names;
}

function tableOf(_: unknown, index: number): object[] {
  const at = { family: 'inet', table: `table-${index}` };
  const chain = {
    ...at,
    name: 'input',
    handle: 1,
    type: 'filter',
    hook: 'input',
    prio: 0,
    policy: 'drop',
  };
  const rule = (port: number) => ({
    rule: {
      ...{ ...at, chain: 'input', handle: port },
      expr: [
        {
          match: {
            op: '==',
            left: { payload: { protocol: 'tcp', field: 'dport' } },
            right: port,
          },
        },
        { counter: { packets: port, bytes: 64 * port } },
        { accept: null },
      ],
    },
  });
  const rules = Array.from({ length: 10 }, (_, port) => rule(port + 1));
  return [{ table: { family: 'inet', name: at.table, handle: index } }, { chain }, ...rules];
}
