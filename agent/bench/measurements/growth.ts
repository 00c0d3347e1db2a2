import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostsBelow } from '../../src/agent/hosts.ts';
import { digestRuleset } from '../../src/core/ruleset/document.ts';
import { readNftRuleset } from '../../src/core/ruleset/nftables.ts';
import { readUnits } from '../../src/core/units/state.ts';
import { openStore } from '../../src/effects/store/store.ts';
import { BENCH_SIGNER } from '../evidence-folder.ts';
import { writeIndex } from '../evidence-index.ts';
import { interleave, type Measurement } from '../measurement.ts';
import { WORK } from '../programs.ts';
import { sampleContext, sampleDraft } from '../sample.ts';

const FEW = 10;
const MANY = 1000;
const ROWS = Number(process.env.BENCH_ROWS ?? 100_000);

/** The units of a cycle: one start of a tool that prints as systemctl does, its answer parsed. */
export const units: Measurement = {
  name: `states of ${MANY} units`,
  unit: 'ms CPU of the agent',
  better: 'lower',
  floor: `of ${FEW} units`,
  goal: '≤ floor + 15 µs a unit',
  meets: ({ ours, floor }) => ours <= floor + MANY * 0.015,
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
export const tables: Measurement = {
  name: `digest of ${MANY} tables of ten rules`,
  unit: 'ms CPU',
  better: 'lower',
  floor: `JSON.parse of the same text`,
  goal: '≤ 0.25 ms a table',
  meets: ({ ours }) => ours <= MANY * 0.25,
  remains:
    'integers kept whole, handles and counters dropped, sets and tables sorted, canonical JSON, SHA-256',
  unfair:
    'the floor gives a tree that no digest can be made of; the tables are alike, which compilers like',
  async measure() {
    const json = JSON.stringify({ nftables: Array.from({ length: MANY }, tableOf).flat() });
    const names = Array.from({ length: MANY }, (_, index) => `inet/table-${index}`);
    const ours = async () => digestRuleset(readNftRuleset(json, { tables: names }).document);
    return interleave(11, { ours: cpu(ours), floor: cpu(async () => JSON.parse(json)) });
  },
};

/** One more bundle where a million are indexed already. */
export const store: Measurement = {
  name: `durable bundle after ${ROWS}`,
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
      writeIndex(stateDir, bundles);
      return openStore({ stateDir, key: () => BENCH_SIGNER, queueing: false });
    };
    const stores = { ours: open(ROWS), floor: open(1000) };
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
};

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
